// Says where every JavaScript thread of this process is when the agent asks, shortly before it ends a program that hangs.
//
// Node cannot do that by itself: its report on a signal is written by a JavaScript handler, which an endless loop never lets run,
// and its inspector wants a socket. So a thread of ours sleeps until the signal comes, and then asks each JavaScript thread to
// interrupt itself. A thread that does not answer because it sits in a system call (fs.readSync, child_process.execSync) is sent a
// second signal, and answers from within that call.
//
// Answers are lines of JSON in one file, written by `describe` (stacks.cjs). The way in from JavaScript: start(file, describe).
#include <node.h>

#include <atomic>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

namespace {

// Real-time signals, for which no JavaScript can have a listener. The first is the one language.json names.
const int asked_signal = SIGRTMIN + 14;
const int blocked_signal = SIGRTMIN + 13;
// Whoever runs JavaScript answers in less than these together. The agent reads the file a few hundred milliseconds after it asked.
const int attempts = 20;
const int attempt_ms = 3;
// More would not be read: it is a sandbox of at most 128 threads.
const int threads_max = 64;

enum State {
  ASKED,
  // Let us in between two calls, as a loop of awaits may: worth another attempt.
  BETWEEN_CALLS,
  ANSWERED,
};

struct Thread {
  bool used;
  pid_t tid;
  v8::Isolate *isolate;
  node::Environment *environment;
  v8::Global<v8::Context> context;
  v8::Global<v8::Function> describe;
  // The thread writes it when it answers, the listener when it asks.
  std::atomic<State> state;
  // Whether it was running when it was asked; an empty stack is then no answer, until the last attempt.
  std::atomic<bool> runs, insist;
};

Thread threads[threads_max];
pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
sem_t asked;
char file[256];
int answers = -1;
// Of the thread it is read in. Touched when the thread registers, so that reading it in a signal handler allocates nothing.
thread_local Thread *self = nullptr;

void write_all(int fd, const char *bytes, size_t length) {
  while (length > 0) {
    ssize_t wrote = write(fd, bytes, length);
    if (wrote <= 0) return;
    bytes += wrote;
    length -= static_cast<size_t>(wrote);
  }
}

// On the thread in question. `state` is what it is in if it has a stack; without one it is running or idle.
void answer(Thread *thread, const char *state) {
  if (thread->state != ASKED) return;
  thread->state = ANSWERED;
  v8::Isolate *isolate = thread->isolate;
  v8::HandleScope handles(isolate);
  v8::Local<v8::Context> context = thread->context.Get(isolate);
  v8::Context::Scope inside(context);
  // Interrupts may not run JavaScript by default. This one may: it reads the stack and leaves, as the inspector does when it pauses.
  v8::Isolate::AllowJavascriptExecutionScope allowed(isolate);
  v8::TryCatch failed(isolate);
  v8::Local<v8::Value> arguments[] = {
      v8::String::NewFromUtf8(isolate, state).ToLocalChecked(),
      v8::String::NewFromUtf8(isolate, thread->insist ? "" : thread->runs ? "running" : "idle").ToLocalChecked(),
  };
  v8::Local<v8::Value> line;
  // Call, not MakeCallback: promises and ticks of the program must not run now.
  if (!thread->describe.Get(isolate)->Call(context, v8::Undefined(isolate), 2, arguments).ToLocal(&line)) return;
  v8::String::Utf8Value text(isolate, line);
  if (*text && text.length() > 0) write_all(answers, *text, static_cast<size_t>(text.length()));
  else thread->state = BETWEEN_CALLS;
}

void when_interrupted(void *thread) { answer(static_cast<Thread *>(thread), "running"); }

void when_asked(int) {
  int kept = errno;
  sem_post(&asked);
  errno = kept;
}

// Calls in which a JavaScript thread waits for the world, made by node on behalf of a JavaScript function: no lock is held and no
// object is half-made, so JavaScript can be entered just as that function could. Waiting for another thread (futex) is not among them.
bool waits_for_the_world(long call) {
  switch (call) {
    case SYS_read:
    case SYS_readv:
    case SYS_pread64:
    case SYS_preadv:
    case SYS_openat:
    case SYS_wait4:
    case SYS_waitid:
    case SYS_ppoll:
    case SYS_epoll_pwait:
    case SYS_nanosleep:
    case SYS_clock_nanosleep:
#ifdef SYS_epoll_wait
    case SYS_open:
    case SYS_poll:
    case SYS_epoll_wait:
#endif
      return true;
  }
  return false;
}

// The number of the system call the signal came into, or -1 when it came into anything else.
long interrupted_call(const ucontext_t *at) {
#if defined(__x86_64__)
  const greg_t *registers = at->uc_mcontext.gregs;
  const uint8_t *next = reinterpret_cast<const uint8_t *>(registers[REG_RIP]);
  auto is_syscall = [](const uint8_t *instruction) { return instruction[0] == 0x0f && instruction[1] == 0x05; };
  // The kernel has gone back before a call it will restart, and has put its number back.
  if (is_syscall(next)) return static_cast<long>(registers[REG_RAX]);
  // Those that wait for events are not restarted but say EINTR. Their number is gone; nothing else says EINTR here.
  if (is_syscall(next - 2) && registers[REG_RAX] == -EINTR) return SYS_epoll_pwait;
#elif defined(__aarch64__)
  const uint32_t *next = reinterpret_cast<const uint32_t *>(at->uc_mcontext.pc);
  const uint32_t svc = 0xd4000001;
  if (next[0] == svc) return static_cast<long>(at->uc_mcontext.regs[8]);
  if (next[-1] == svc && static_cast<long>(at->uc_mcontext.regs[0]) == -EINTR) return static_cast<long>(at->uc_mcontext.regs[8]);
#endif
  return -1;
}

void when_blocked(int, siginfo_t *, void *context) {
  int kept = errno;
  if (self && waits_for_the_world(interrupted_call(static_cast<ucontext_t *>(context)))) answer(self, "blocked");
  errno = kept;
}

const long running = -1, unknown = -2;

// Which system call a thread is in, as the kernel says it, or `running`, or `unknown` where the kernel does not say (gVisor).
long call_of(pid_t tid) {
  char path[64], text[32] = "";
  snprintf(path, sizeof path, "/proc/self/task/%d/syscall", tid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unknown;
  ssize_t got = read(fd, text, sizeof text - 1);
  close(fd);
  if (got <= 0) return unknown;
  return text[0] >= '0' && text[0] <= '9' ? strtol(text, nullptr, 10) : running;
}

void ask(bool first, bool last) {
  pthread_mutex_lock(&registry);
  for (Thread &thread : threads) {
    if (!thread.used || !(first || thread.state == BETWEEN_CALLS)) continue;
    thread.runs = call_of(thread.tid) == running;
    thread.insist = thread.runs && !last;
    thread.state = ASKED;
    node::RequestInterrupt(thread.environment, when_interrupted, &thread);
  }
  pthread_mutex_unlock(&registry);
}

void ask_those_in_system_calls() {
  pthread_mutex_lock(&registry);
  for (Thread &thread : threads) {
    if (thread.used && thread.state == ASKED && waits_for_the_world(call_of(thread.tid))) {
      syscall(SYS_tgkill, getpid(), thread.tid, blocked_signal);
    }
  }
  pthread_mutex_unlock(&registry);
}

void *wait_to_be_asked(void *) {
  for (;;) {
    while (sem_wait(&asked) < 0) {
    }
    // It is never closed: an answer may come late, from a thread that was busy.
    if (answers < 0) answers = open(file, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (answers < 0) continue;
    for (int i = 0; i < attempts; i++) {
      ask(i == 0, i == attempts - 1);
      poll(nullptr, 0, attempt_ms);
    }
    ask_those_in_system_calls();
  }
  return nullptr;
}

bool begin_listening() {
  if (sem_init(&asked, 0, 0) < 0) return false;
  struct sigaction action = {};
  action.sa_flags = SA_RESTART;
  action.sa_handler = when_asked;
  if (sigaction(asked_signal, &action, nullptr) < 0) return false;
  action.sa_flags = SA_RESTART | SA_SIGINFO;
  action.sa_sigaction = when_blocked;
  if (sigaction(blocked_signal, &action, nullptr) < 0) return false;

  // Signals are for the program's threads; this one is born with all of them blocked.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  pthread_t listener;
  int failed = pthread_create(&listener, &small, wait_to_be_asked, nullptr);
  pthread_attr_destroy(&small);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return !failed;
}

void forget(void *gone) {
  Thread *thread = static_cast<Thread *>(gone);
  pthread_mutex_lock(&registry);
  thread->used = false;
  pthread_mutex_unlock(&registry);
  thread->describe.Reset();
  thread->context.Reset();
  self = nullptr;
}

// start(file, describe): this thread answers from now on. The file is the same for all threads; the first says which.
void start(const v8::FunctionCallbackInfo<v8::Value> &call) {
  v8::Isolate *isolate = call.GetIsolate();
  v8::Local<v8::Context> context = isolate->GetCurrentContext();
  if (call.Length() != 2 || !call[0]->IsString() || !call[1]->IsFunction()) return;
  pthread_mutex_lock(&registry);
  static bool listening = false;
  if (!listening) {
    v8::String::Utf8Value path(isolate, call[0]);
    if (*path && static_cast<size_t>(path.length()) < sizeof file) strcpy(file, *path);
    listening = *file && begin_listening();
  }
  Thread *thread = nullptr;
  for (int i = 0; listening && i < threads_max && !thread; i++) {
    if (!threads[i].used) thread = &threads[i];
  }
  if (thread) {
    thread->tid = static_cast<pid_t>(syscall(SYS_gettid));
    thread->isolate = isolate;
    thread->environment = node::GetCurrentEnvironment(context);
    thread->context.Reset(isolate, context);
    thread->describe.Reset(isolate, call[1].As<v8::Function>());
    thread->state = ANSWERED;
    thread->used = true;
    self = thread;
    node::AddEnvironmentCleanupHook(isolate, forget, thread);
  }
  pthread_mutex_unlock(&registry);
}

}  // namespace

NODE_MODULE_INIT(/* exports, module, context */) {
  NODE_SET_METHOD(exports, "start", start);
}
