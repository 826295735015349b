/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the SRAM of a chip is divided between a program's globals, its code and its stack. Another
 * config divides it otherwise. Read by C and by the assembler. */
#define VM_IN_SRAM 1

#include <avr/io.h>

#if RAMEND > 0x7FF
#define PYTHON_DATA_BYTES 256
#define PYTHON_CODE_BYTES 1024
#elif RAMEND > 0x3FF
#define PYTHON_DATA_BYTES 256
#define PYTHON_CODE_BYTES 448
#else
#define PYTHON_DATA_BYTES 112
#define PYTHON_CODE_BYTES 224
#endif
