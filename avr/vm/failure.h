/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a Python program ends before its end: CPython's error, and the line that raised it. */
#ifndef VM_FAILURE_H
#define VM_FAILURE_H

#include <stdint.h>

/* The host knows them by their numbers: ErrorKind in kilolearn.python_subset.run. */
typedef enum {
    NO_FAILURE,
    ZERO_DIVISION_ERROR,
    INDEX_ERROR,
    OVERFLOW_ERROR,
    VALUE_ERROR,
    RECURSION_ERROR,
} failure_kind;

/* Left in SRAM for the host. */
typedef struct {
    uint16_t line; /* 1 is the first */
    uint8_t kind;  /* a failure_kind */
} python_failure;

extern python_failure failure;

/* Note the error and end the program. */
__attribute__((noreturn)) void python_fail(failure_kind kind, uint16_t line);

#endif
