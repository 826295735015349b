/* SPDX-License-Identifier: GPL-3.0-or-later */
#define SLOTS 0
#define NIBBLES 1
#include "apps/configs/replay-wine.h"
