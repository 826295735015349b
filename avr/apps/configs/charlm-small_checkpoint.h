/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charlm-small.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/charlm-small.h"

#define CHECKPOINT_WEIGHTS 465
