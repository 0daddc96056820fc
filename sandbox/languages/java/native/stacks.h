#ifndef STACKS_H
#define STACKS_H

#include <jni.h>

/*
 * From now on every byte 'S' on `control` is answered with what every thread of the program is doing, in the form of the JVM's own thread dump,
 * ended by a NUL. The JVM hears of the thread that answers only when somebody asks.
 */
void stacks_on_request(JavaVM *vm, int control);

#endif
