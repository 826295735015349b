/* SPDX-License-Identifier: GPL-3.0-or-later */
/* softmax-italy_power.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/softmax-italy_power.h"

#define CHECKPOINT_WEIGHTS 25
