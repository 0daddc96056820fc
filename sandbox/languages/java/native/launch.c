/*
 * `java` for a sandbox: starts a JVM ahead and runs the main class when the run comes.
 *
 *   launch [--wait] [--prime=class file] [JVM option]... [-- argument]...
 *
 * More JVM options are in the files named below.
 *
 * Main is called from native code, as the JDK's own launcher does it, so that stack traces end in Main.main, an uncaught exception is told in the
 * same words, and the exit code is the same. The order of the calls is that of JavaMain in the JDK's java.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stacks.h"

/* Where the agent's end of the control socket is found, and where it is kept: out of the way of the program's own descriptors. */
#define CONTROL_FD 3
#define KEPT_FD 255
/* Where the compiler noted which class is to be started. */
#define MAIN_CLASS "/tmp/.bugghost-main-class"
/* JVM options, one on a line: those of every run, and those that take a start with nothing in the working directory yet. */
#define OPTIONS "/opt/bugghost/run.options"
#define WAITING_OPTIONS "/opt/bugghost/run.archive"
#define OPTIONS_MAX 128

struct program {
  JavaVMInitArgs options;
  int wait;
  int control;
  const char *prime;
  char **arguments;
  int count;
  int exit_code;
};

static void fail(const char *what) {
  fprintf(stderr, "The Java launcher of this sandbox failed: %s (%s)\n", what, strerror(errno));
  exit(1);
}

static void read_all(int fd, void *into, size_t length) {
  for (size_t done = 0; done < length;) {
    ssize_t got = read(fd, (char *)into + done, length - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) _exit(0); /* the run never came */
    done += (size_t)got;
  }
}

static void await_the_run(struct program *program) {
  if (write(program->control, "R", 1) != 1) fail("nobody waits for it");
  uint8_t header[4];
  read_all(program->control, header, sizeof header);
  size_t length = (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
  char *words = malloc(length + 1);
  if (!words) fail("no memory");
  read_all(program->control, words, length);
  words[length] = 0;
  program->count = 0;
  for (size_t i = 0; i < length; i++) program->count += words[i] == 0;
  program->arguments = calloc((size_t)program->count + 1, sizeof *program->arguments);
  if (!program->arguments) fail("no memory");
  for (int i = 0; i < program->count; words += strlen(words) + 1) program->arguments[i++] = words;
}

static char *main_class_name(void) {
  static char name[4096];
  int fd = open(MAIN_CLASS, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, name, sizeof name - 1);
  if (length <= 0) fail("no main class was compiled");
  close(fd);
  unlink(MAIN_CLASS);
  name[length] = 0;
  return name;
}

static jstring platform_string(JNIEnv *env, jclass helper, const char *text) {
  jmethodID make = (*env)->GetStaticMethodID(env, helper, "makePlatformString", "(Z[B)Ljava/lang/String;");
  jbyteArray bytes = make ? (*env)->NewByteArray(env, (jsize)strlen(text)) : NULL;
  if (!bytes) return NULL;
  (*env)->SetByteArrayRegion(env, bytes, 0, (jsize)strlen(text), (const jbyte *)text);
  jstring string = (*env)->CallStaticObjectMethod(env, helper, make, JNI_TRUE, bytes);
  (*env)->DeleteLocalRef(env, bytes);
  return string;
}

static jobjectArray platform_strings(JNIEnv *env, jclass helper, const struct program *program) {
  jclass string = (*env)->FindClass(env, "java/lang/String");
  jobjectArray all = string ? (*env)->NewObjectArray(env, program->count, string, NULL) : NULL;
  for (int i = 0; all && i < program->count; i++) {
    jstring one = platform_string(env, helper, program->arguments[i]);
    if (!one) return NULL;
    (*env)->SetObjectArrayElement(env, all, i, one);
    (*env)->DeleteLocalRef(env, one);
  }
  return all;
}

/* sun.java.command: the main class and its arguments, which the JDK's launcher knows before it makes the JVM. */
static void tell_command(JNIEnv *env, jclass helper, const char *name, const struct program *program) {
  size_t length = strlen(name) + 1;
  for (int i = 0; i < program->count; i++) length += strlen(program->arguments[i]) + 1;
  char *command = malloc(length);
  if (!command) fail("no memory");
  char *end = stpcpy(command, name);
  for (int i = 0; i < program->count; i++) end = stpcpy(stpcpy(end, " "), program->arguments[i]);
  jclass system = (*env)->FindClass(env, "java/lang/System");
  jmethodID set = system ? (*env)->GetStaticMethodID(env, system, "setProperty", "(Ljava/lang/String;Ljava/lang/String;)Ljava/lang/String;") : NULL;
  if (set) (*env)->CallStaticObjectMethod(env, system, set, (*env)->NewStringUTF(env, "sun.java.command"), platform_string(env, helper, command));
  free(command);
}

/* A field of the helper that says which form of main it found; in a JDK without it there is only the one. */
static jboolean found(JNIEnv *env, jclass helper, const char *field, jboolean otherwise) {
  jfieldID id = (*env)->GetStaticFieldID(env, helper, field, "Z");
  if (id) return (*env)->GetStaticBooleanField(env, helper, id);
  (*env)->ExceptionClear(env);
  return otherwise;
}

static void call_main(JNIEnv *env, jclass helper, jclass type, jobjectArray arguments) {
  jboolean is_static = found(env, helper, "isStaticMain", JNI_TRUE), no_arguments = found(env, helper, "noArgMain", JNI_FALSE);
  const char *signature = no_arguments ? "()V" : "([Ljava/lang/String;)V";
  if (is_static) {
    jmethodID method = (*env)->GetStaticMethodID(env, type, "main", signature);
    if (method) (*env)->CallStaticVoidMethod(env, type, method, arguments);
    return;
  }
  jmethodID make = (*env)->GetMethodID(env, type, "<init>", "()V");
  jobject instance = make ? (*env)->NewObject(env, type, make) : NULL;
  jmethodID method = instance ? (*env)->GetMethodID(env, type, "main", signature) : NULL;
  if (method) (*env)->CallVoidMethod(env, instance, method, arguments);
}

/* While the image is made there is nothing compiled: the one class there is then comes from a file. */
static const char *define_prime(JNIEnv *env, const char *path) {
  static uint8_t bytes[64 << 10];
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  size_t length = fread(bytes, 1, sizeof bytes, file);
  fclose(file);
  jclass loaders = (*env)->FindClass(env, "java/lang/ClassLoader");
  jmethodID system = (*env)->GetStaticMethodID(env, loaders, "getSystemClassLoader", "()Ljava/lang/ClassLoader;");
  jobject loader = (*env)->CallStaticObjectMethod(env, loaders, system);
  if (!(*env)->DefineClass(env, "bugghost/Training", loader, (const jbyte *)bytes, (jsize)length)) fail(path);
  return "bugghost.Training";
}

/* Loads and calls the main class. What is thrown is left pending: whoever detaches the thread tells it. */
static void run_main(JNIEnv *env, jclass helper, const struct program *program) {
  const char *name = program->prime ? define_prime(env, program->prime) : main_class_name();
  tell_command(env, helper, name, program);
  jmethodID load = (*env)->GetStaticMethodID(env, helper, "checkAndLoadMain", "(ZILjava/lang/String;)Ljava/lang/Class;");
  jstring what = load ? platform_string(env, helper, name) : NULL;
  jclass type = what ? (*env)->CallStaticObjectMethod(env, helper, load, JNI_TRUE, 1 /* a class, not a jar or a source */, what) : NULL;
  jobjectArray arguments = type ? platform_strings(env, helper, program) : NULL;
  if (arguments) call_main(env, helper, type, arguments);
}

static void *java_main(void *given) {
  struct program *program = given;
  JavaVM *vm;
  JNIEnv *env;
  if (JNI_CreateJavaVM(&vm, (void **)&env, &program->options) != JNI_OK) exit(1); /* the JVM has said why */
  jclass helper = (*env)->FindClass(env, "sun/launcher/LauncherHelper");
  if (!helper) fail("this JDK has no LauncherHelper");
  if (program->wait) await_the_run(program);
  if (program->control >= 0) stacks_on_request(vm, program->control);
  run_main(env, helper, program);
  program->exit_code = (*env)->ExceptionCheck(env) ? 1 : 0;
  /* Tells the uncaught exception, and then waits for the program's other threads. */
  if ((*vm)->DetachCurrentThread(vm) != JNI_OK) program->exit_code = 1;
  (*vm)->DestroyJavaVM(vm);
  return NULL;
}

/* What -Xss asks for, which is the launcher's business for the main thread; 0 for the JVM's default. */
static size_t stack_size(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
    if (strncmp(argv[i], "-Xss", 4) != 0) continue;
    char *unit;
    size_t size = strtoul(argv[i] + 4, &unit, 10);
    return *unit == 'k' || *unit == 'K' ? size << 10 : *unit == 'm' || *unit == 'M' ? size << 20 : *unit == 'g' || *unit == 'G' ? size << 30 : size;
  }
  /* The JVM tells its default in the form of an interface that has no name in jni.h any more. */
  struct {
    jint version;
    char **properties;
    jint check_source;
    jint native_stack_size;
    jint java_stack_size;
    char more[128];
  } defaults = {.version = JNI_VERSION_1_1};
  JNI_GetDefaultJavaVMInitArgs(&defaults);
  return defaults.java_stack_size > 0 ? (size_t)defaults.java_stack_size : 0;
}

static int add_options(JavaVMOption *options, int count, const char *path) {
  FILE *file = fopen(path, "re");
  if (!file) return count; /* while the image is made there is no archive yet */
  char *line = NULL;
  size_t size = 0;
  for (ssize_t length; count < OPTIONS_MAX && (length = getline(&line, &size, file)) > 0;) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    options[count++].optionString = strdup(line);
  }
  free(line);
  fclose(file);
  return count;
}

static int keep_control(void) {
  if (dup3(CONTROL_FD, KEPT_FD, O_CLOEXEC) < 0) fail("descriptor 3 is not there");
  close(CONTROL_FD);
  return KEPT_FD;
}

int main(int argc, char **argv) {
  struct program program = {.control = -1};
  JavaVMOption options[OPTIONS_MAX] = {{.optionString = "-Djava.class.path=."}, {.optionString = "-Dsun.java.launcher=SUN_STANDARD"}};
  int count = add_options(options, 2, OPTIONS), at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    if (strcmp(argv[at], "--wait") == 0) program.wait = 1;
    else if (strncmp(argv[at], "--prime=", 8) == 0) program.prime = argv[at] + 8;
    else if (count < OPTIONS_MAX) options[count++].optionString = argv[at];
  }
  if (program.wait) {
    count = add_options(options, count, WAITING_OPTIONS);
    unsetenv("HOSTNAME"); /* the engine's, for its container; a plain start gets the run's environment and no more */
  }
  program.options = (JavaVMInitArgs){.version = JNI_VERSION_1_8, .nOptions = count, .options = options};
  program.arguments = argv + (at < argc ? at + 1 : argc);
  program.count = at < argc ? argc - at - 1 : 0;
  if (program.wait || getenv("BUGGHOST_CONTROL")) program.control = keep_control();
  unsetenv("BUGGHOST_CONTROL");

  /* A thread of its own, as the JDK's launcher has it: the size of the process's first stack is not ours to choose. */
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  size_t size = stack_size(argc, argv);
  if (size) pthread_attr_setstacksize(&attributes, size);
  pthread_attr_setguardsize(&attributes, 0); /* the JVM has guard pages of its own */
  if (pthread_create(&thread, &attributes, java_main, &program) != 0) fail("no thread for main");
  pthread_join(thread, NULL);
  return program.exit_code;
}
