/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the arithmetic of a layer reaches the code that uses it. Everything in fixed/ and net/ is in
 * headers: the sizes are constants of the app, and the compiler folds them in. */
#ifndef FIXED_KERNEL_H
#define FIXED_KERNEL_H

/* An inner loop: inlined into its one caller. */
#define KERNEL static inline __attribute__((always_inline))

/* A body that several places of one app share: called, never repeated. avr-gcc still folds in the
 * arguments that are the same at each call. */
#define SHARED static __attribute__((noinline, unused))

/* Keeps an 8-bit loop counter what it is. avr-gcc otherwise counts by comparing pointers, which
 * takes four more registers, and spills sums to the stack for them. */
#ifdef __AVR__
#define KEEP_COUNTER(counter) __asm__("" : "+r"(counter))
#else
#define KEEP_COUNTER(counter) ((void)0)
#endif

/* Keeps a pointer a pointer. avr-gcc otherwise reads an array at a known place by LDS, which takes
 * 4 bytes where LDD takes 2: from the third read on, the pointer is smaller. */
#ifdef __AVR__
#define KEEP_POINTER(pointer) __asm__("" : "+z"(pointer))
#else
#define KEEP_POINTER(pointer) ((void)0)
#endif

#endif
