/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Declared in C, so that the debug information tells its layout. The assembly clears it. */
#include "kilobyte/perceptron.h"

__attribute__((section(".noinit"))) perceptron_memory net;
