/* SPDX-License-Identifier: GPL-3.0-or-later */
#define KEEP RESERVOIR
#include "apps/configs/replay-wine.h"
