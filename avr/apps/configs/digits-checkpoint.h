/* SPDX-License-Identifier: GPL-3.0-or-later */
/* digits.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/digits.h"

#define CHECKPOINT_WEIGHTS 610
