/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hashed contexts of the last one to four characters, mixed. */
#define CHARLM_MODEL CHARLM_HASHED

#include "charlm/hashed.h"
