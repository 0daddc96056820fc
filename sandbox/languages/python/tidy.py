import os, sys


def greet(name, greeting="Hello"):
    """Grüße."""
    if name == None:
        return greeting
    words = [
        greeting,
        name,
    ]
    return ", ".join(words) + "!"


print(greet(sys.argv[1] if len(sys.argv) > 1 else None), os.linesep)
