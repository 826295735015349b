/* SPDX-License-Identifier: GPL-3.0-or-later */
/* python_upload.h, with arithmetic that wraps around instead of ending in an OverflowError. */
#include "apps/configs/python_upload.h"

#define VM_WRAPS 1
