/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charlm-hashed.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/charlm-hashed.h"

#define CHECKPOINT_WEIGHTS 894
