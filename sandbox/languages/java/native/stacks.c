#include "stacks.h"

#include <errno.h>
#include <jvmti.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Deeper stacks repeat themselves; the innermost frames are what matters. */
#define FRAMES_MAX 64
#define SMALL_STACK (256 << 10)
/* The instruction's number in a class file. */
#define MONITORENTER 0xc2

struct asked {
  JavaVM *vm;
  int control;
};

static const char *state_of(jint state) {
  if (state & JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER) return "BLOCKED (on object monitor)";
  if (state & JVMTI_THREAD_STATE_SLEEPING) return "TIMED_WAITING (sleeping)";
  if (state & JVMTI_THREAD_STATE_WAITING_WITH_TIMEOUT) return state & JVMTI_THREAD_STATE_PARKED ? "TIMED_WAITING (parking)" : "TIMED_WAITING (on object monitor)";
  if (state & JVMTI_THREAD_STATE_WAITING_INDEFINITELY) return state & JVMTI_THREAD_STATE_PARKED ? "WAITING (parking)" : "WAITING (on object monitor)";
  return "RUNNABLE";
}

/* "Ljava/util/Map;" as people write it. */
static void print_class(FILE *out, const char *signature) {
  size_t length = strlen(signature);
  int is_object = *signature == 'L';
  for (size_t i = is_object; i < length - (size_t)is_object; i++) fputc(signature[i] == '/' ? '.' : signature[i], out);
}

static int line_of(jvmtiEnv *ti, const jvmtiFrameInfo *frame) {
  jint count = 0;
  jvmtiLineNumberEntry *lines = NULL;
  int line = -1;
  if ((*ti)->GetLineNumberTable(ti, frame->method, &count, &lines)) return -1;
  jlocation nearest = -1;
  for (int i = 0; i < count; i++) {
    if (lines[i].start_location > frame->location || lines[i].start_location < nearest) continue;
    nearest = lines[i].start_location;
    line = lines[i].line_number;
  }
  (*ti)->Deallocate(ti, (unsigned char *)lines);
  return line;
}

static void print_frame(FILE *out, jvmtiEnv *ti, const jvmtiFrameInfo *frame) {
  jclass type;
  char *name = NULL, *signature = NULL, *file = NULL;
  if ((*ti)->GetMethodDeclaringClass(ti, frame->method, &type) || (*ti)->GetClassSignature(ti, type, &signature, NULL)) return;
  if ((*ti)->GetMethodName(ti, frame->method, &name, NULL, NULL)) return;
  fputs("\tat ", out);
  print_class(out, signature);
  fprintf(out, ".%s(", name);
  int line = frame->location < 0 ? -1 : line_of(ti, frame);
  if (frame->location < 0) fputs("Native Method", out);
  else if ((*ti)->GetSourceFileName(ti, type, &file)) fputs("Unknown Source", out);
  else if (line < 0) fputs(file, out);
  else fprintf(out, "%s:%d", file, line);
  fputs(")\n", out);
  (*ti)->Deallocate(ti, (unsigned char *)file);
  (*ti)->Deallocate(ti, (unsigned char *)name);
  (*ti)->Deallocate(ti, (unsigned char *)signature);
}

/* Threads of the JVM's own are in a group called "system"; the program's are in "main" or in one it made. */
static int is_the_programs(jvmtiEnv *ti, const jvmtiThreadInfo *thread) {
  jvmtiThreadGroupInfo group = {0};
  if (!thread->thread_group || (*ti)->GetThreadGroupInfo(ti, thread->thread_group, &group)) return 1;
  int is = strcmp(group.name, "system") != 0 && strcmp(group.name, "InnocuousThreadGroup") != 0;
  (*ti)->Deallocate(ti, (unsigned char *)group.name);
  return is;
}

/* Where a thread is that waits for a lock: the interpreter stands at the next instruction already, which may be on another line. */
static jlocation monitor_enter(jvmtiEnv *ti, const jvmtiFrameInfo *frame) {
  jint length = 0;
  unsigned char *code = NULL;
  if (frame->location < 1 || (*ti)->GetBytecodes(ti, frame->method, &length, &code)) return frame->location;
  jlocation before = frame->location - 1;
  int is = before < length && code[before] == MONITORENTER;
  (*ti)->Deallocate(ti, code);
  return is ? before : frame->location;
}

static void print_thread(FILE *out, jvmtiEnv *ti, const jvmtiStackInfo *stack) {
  jvmtiThreadInfo thread = {0};
  if ((*ti)->GetThreadInfo(ti, stack->thread, &thread)) return;
  if (is_the_programs(ti, &thread)) {
    fprintf(out, "\"%s\"%s prio=%d\n   java.lang.Thread.State: %s\n", thread.name, thread.is_daemon ? " daemon" : "", (int)thread.priority,
            state_of(stack->state));
    for (int i = 0; i < stack->frame_count; i++) {
      jvmtiFrameInfo frame = stack->frame_buffer[i];
      if (i == 0 && stack->state & JVMTI_THREAD_STATE_BLOCKED_ON_MONITOR_ENTER) frame.location = monitor_enter(ti, &frame);
      print_frame(out, ti, &frame);
    }
    fputc('\n', out);
  }
  (*ti)->Deallocate(ti, (unsigned char *)thread.name);
}

static void print_stacks(FILE *out, JavaVM *vm, JNIEnv *env) {
  jvmtiEnv *ti;
  if ((*vm)->GetEnv(vm, (void **)&ti, JVMTI_VERSION_11) != JNI_OK) return;
  /* All that a JVM gives that is running already: which monitor a thread waits for can only be asked for before its start. */
  jvmtiCapabilities more = {.can_get_source_file_name = 1, .can_get_line_numbers = 1, .can_get_bytecodes = 1};
  (*ti)->AddCapabilities(ti, &more); /* without them the stacks say less */
  jvmtiStackInfo *stacks = NULL;
  jint count = 0;
  jthread us = NULL;
  (*ti)->GetCurrentThread(ti, &us);
  if ((*env)->PushLocalFrame(env, 4096) == 0 && !(*ti)->GetAllStackTraces(ti, FRAMES_MAX, &stacks, &count)) {
    /* The first thread is the one people look for first. */
    for (int is_main = 1; is_main >= 0; is_main--) {
      for (int i = 0; i < count; i++) {
        jvmtiThreadInfo thread = {0};
        if ((*env)->IsSameObject(env, stacks[i].thread, us) || (*ti)->GetThreadInfo(ti, stacks[i].thread, &thread)) continue;
        if ((strcmp(thread.name, "main") == 0) == is_main) print_thread(out, ti, &stacks[i]);
        (*ti)->Deallocate(ti, (unsigned char *)thread.name);
      }
    }
    (*ti)->Deallocate(ti, (unsigned char *)stacks);
    (*env)->PopLocalFrame(env, NULL);
  }
  (*ti)->DisposeEnvironment(ti);
}

/* Sends what was printed and the NUL after it. */
static void answer(const struct asked *asked, JNIEnv *env) {
  char *text = NULL;
  size_t length = 0;
  FILE *out = open_memstream(&text, &length);
  if (!out) return;
  print_stacks(out, asked->vm, env);
  if (fclose(out) != 0) return;
  for (size_t done = 0; done <= length;) {
    ssize_t wrote = write(asked->control, text + done, length + 1 - done);
    if (wrote < 0 && errno != EINTR) break;
    if (wrote > 0) done += (size_t)wrote;
  }
  free(text);
}

static void *wait_for_questions(void *given) {
  struct asked *asked = given;
  char question;
  for (ssize_t got; (got = read(asked->control, &question, 1)) == 1 || (got < 0 && errno == EINTR);) {
    JNIEnv *env;
    if (got != 1 || question != 'S') continue;
    if ((*asked->vm)->AttachCurrentThreadAsDaemon(asked->vm, (void **)&env, NULL) != JNI_OK) continue;
    answer(asked, env);
    (*asked->vm)->DetachCurrentThread(asked->vm);
  }
  return NULL;
}

void stacks_on_request(JavaVM *vm, int control) {
  struct asked *asked = malloc(sizeof *asked);
  pthread_t thread;
  pthread_attr_t attributes;
  if (!asked) return;
  *asked = (struct asked){vm, control};
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, SMALL_STACK);
  /* The program's signals are for the JVM's threads. */
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  if (pthread_create(&thread, &attributes, wait_for_questions, asked) != 0) free(asked); /* a hang then leaves no stacks */
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
}
