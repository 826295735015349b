/* SPDX-License-Identifier: GPL-3.0-or-later */
#define SLOTS 9
#define NIBBLES 0
#include "apps/configs/replay-iris.h"
