/* SPDX-License-Identifier: GPL-3.0-or-later */
#define SLOTS 4
#define NIBBLES 1
#include "apps/configs/replay-wine.h"
