// Linked into every program: asked "where are you?" (SIGRTMIN+14), a program that hangs writes the stack of each of its
// threads to stderr, and what it had printed but not flushed to stdout. Until it is asked it costs one system call.
//
//   Thread 7 main:
//   #0 wait_for_it at /workspace/main.c:7
//   #1 main at /workspace/main.c:12
//   #2 __libc_start_main
//
// It runs inside a signal handler of a program it knows nothing of, so: no malloc, no stdio of its own, no locks that are
// waited for without end. libbacktrace takes its memory from mmap, the demanglers of libiberty are those that call back.

#include <backtrace.h>
#include <errno.h>
#include <fcntl.h>
#include <libiberty/demangle.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

enum { max_frames = 64, max_threads = 32, thread_deadline_ms = 50 };

static struct backtrace_state *state;
/// The thread that is to answer, 0 once it has.
static atomic_int asked;

struct line {
  char text[1024];
  size_t length;
};

static void put(struct line *line, const char *text, size_t length) {
  size_t room = sizeof line->text - 1 - line->length;
  if (length > room) length = room;
  memcpy(line->text + line->length, text, length);
  line->length += length;
}

static void put_text(struct line *line, const char *text) { put(line, text, strlen(text)); }

static void put_number(struct line *line, unsigned long number) {
  char digits[20];
  size_t at = sizeof digits;
  do digits[--at] = (char)('0' + number % 10);
  while (number /= 10);
  put(line, digits + at, sizeof digits - at);
}

static void put_demangled(const char *text, size_t length, void *line) { put(line, text, length); }

static void put_function(struct line *line, const char *name) {
  size_t before = line->length;
  if (rust_demangle_callback(name, 0, put_demangled, line)) return;
  line->length = before;
  if (cplus_demangle_v3_callback(name, 0, put_demangled, line)) return;
  line->length = before;
  put_text(line, name);
}

static void say(struct line *line) {
  line->text[line->length++] = '\n';
  if (write(STDERR_FILENO, line->text, line->length) < 0) return; // Nobody to tell.
}

static void ignore_error(void *unused, const char *message, int number) { (void)unused, (void)message, (void)number; }

struct symbol {
  const char *name;
};

static void take_symbol(void *symbol, uintptr_t pc, const char *name, uintptr_t value, uintptr_t size) {
  (void)pc, (void)value, (void)size;
  ((struct symbol *)symbol)->name = name;
}

/// Once per function at this place: an inlined one has no frame of its own, but a line here. Not 0: no more of this frame.
static int put_frame(void *number, uintptr_t pc, const char *file, int at, const char *function) {
  // What unwinding finds above the first function of a thread.
  if (pc + 1 <= 1) return 0;
  struct line line = {.length = 0};
  struct symbol symbol = {function};
  if (!function) backtrace_syminfo(state, pc, take_symbol, ignore_error, &symbol);
  put_text(&line, "#");
  put_number(&line, (*(unsigned *)number)++);
  put_text(&line, " ");
  if (symbol.name) put_function(&line, symbol.name);
  else put_text(&line, "??");
  if (file) {
    put_text(&line, " at ");
    put_text(&line, file);
    put_text(&line, ":");
    put_number(&line, at > 0 ? (unsigned long)at : 0);
  }
  say(&line);
  return 0;
}

static uintptr_t interrupted_pc(const ucontext_t *context) {
#if defined __x86_64__
  return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined __aarch64__
  return (uintptr_t)context->uc_mcontext.pc;
#else
#error "Where does this processor keep the program counter of a signal's context?"
#endif
}

struct frames {
  uintptr_t pc[max_frames];
  unsigned count;
  uintptr_t from;
};

/// The handler's own frames come first and are left out.
static int take_frame(void *all, uintptr_t pc) {
  struct frames *frames = all;
  if (pc == frames->from) frames->count = 0;
  if (frames->count == max_frames) return 1;
  frames->pc[frames->count++] = pc;
  return 0;
}

static void say_stack_of_this_thread(const ucontext_t *context) {
  struct line line = {.length = 0};
  pid_t thread = (pid_t)syscall(SYS_gettid);
  put_text(&line, "Thread ");
  put_number(&line, (unsigned long)thread);
  if (thread == getpid()) put_text(&line, " main");
  put_text(&line, ":");
  say(&line);
  struct frames frames = {.count = 0, .from = interrupted_pc(context)};
  backtrace_simple(state, 0, take_frame, ignore_error, &frames);
  unsigned number = 0;
  for (unsigned at = 0; at < frames.count; at++) backtrace_pcinfo(state, frames.pc[at], put_frame, ignore_error, &number);
}

static void ask(pid_t thread) {
  atomic_store(&asked, thread);
  if (syscall(SYS_tgkill, getpid(), thread, SIGRTMIN + 14) != 0) return;
  // A thread that has blocked the signal never answers.
  for (int ms = 0; ms < thread_deadline_ms && atomic_load(&asked) == thread; ms++) nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

struct directory_entry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[];
};

static void ask_every_other_thread(void) {
  int folder = open("/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  _Alignas(struct directory_entry) char entries[4096];
  pid_t self = (pid_t)syscall(SYS_gettid);
  int threads = 0;
  // readdir() would allocate.
  for (long length; (length = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0;) {
    for (long at = 0; at < length && threads < max_threads;) {
      struct directory_entry *entry = (struct directory_entry *)(entries + at);
      pid_t thread = (pid_t)strtol(entry->name, NULL, 10);
      if (thread > 0 && thread != self) ask(thread), threads++;
      at += entry->length;
    }
  }
  close(folder);
}

// Of a C++ program: std::cout and std::ostream::flush(), where it has them.
extern char _ZSt4cout __attribute__((weak));
extern void *_ZNSo5flushEv(void *) __attribute__((weak));

/// Into a pipe, stdout is only written when its buffer is full: without this, a program that hangs seems to have said nothing.
static void flush_output(void) {
  if (ftrylockfile(stdout) == 0) {
    if (__fpending(stdout) > 0) fflush_unlocked(stdout);
    funlockfile(stdout);
  }
  if (&_ZSt4cout && _ZNSo5flushEv) _ZNSo5flushEv(&_ZSt4cout);
}

static void answer(int signal, siginfo_t *from, void *context) {
  (void)signal;
  int error = errno;
  if (from->si_code == SI_TKILL) {
    if (atomic_load(&asked) == (int)syscall(SYS_gettid)) say_stack_of_this_thread(context), atomic_store(&asked, 0);
  } else {
    if (!state) state = backtrace_create_state(NULL, 1, ignore_error, NULL);
    say_stack_of_this_thread(context);
    ask_every_other_thread();
    flush_output();
  }
  errno = error;
}

__attribute__((constructor)) static void listen_for_the_question(void) {
  // On the thread's own stack: the other one that a runtime keeps for signals, as Rust's does, is too small to read debug information on.
  struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGRTMIN + 14, &action, NULL);
}
