/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A net for handwritten digits. */
#include <apps/configs/digits.h>
#include <apps/digits.inc>
