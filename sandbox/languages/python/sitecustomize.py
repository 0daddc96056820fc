"""Lets an interpreter that was started ahead wait until the run is known, and a program that hangs be asked where it is.

Python imports this at every start, before it opens the main file. It does nothing unless the agent asks for it in the environment, and leaves
nothing behind: the program finds the modules, the environment and the arguments of a plain start. What is left is told in docs/warm-runtimes.md.
"""

import os

if "BUGGHOST_CONTROL" in os.environ:

    def take_control():
        import faulthandler
        import sys

        control = 3
        waiting = os.environ.pop("BUGGHOST_WARM", None)
        del os.environ["BUGGHOST_CONTROL"]
        # Out of the way of the program's own descriptors, and not given to what it starts.
        kept = os.dup2(control, 255, inheritable=False)
        os.close(control)
        # Written by the signal handler itself: it answers in the middle of a computation in C, and while the interpreter is locked.
        faulthandler.register(48, file=kept, all_threads=True)
        del sys.modules["faulthandler"]

        if not waiting:
            return
        # The engine's, for its container; what is started for a run has the run's environment and no more.
        os.environ.pop("HOSTNAME", None)
        os.write(kept, b"R")

        def read(count):
            data = b""
            while len(data) < count:
                more = os.read(kept, count - len(data))
                if not more:
                    os._exit(0)
                data += more
            return data

        words = read(int.from_bytes(read(4), "big")).split(b"\0")[:-1]
        arguments = [os.fsdecode(word) for word in words]
        sys.argv[1:] = arguments
        sys.orig_argv[2:] = arguments

    take_control()
    del take_control
