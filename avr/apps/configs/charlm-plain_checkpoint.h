/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charlm-plain.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/charlm-plain.h"

#define CHECKPOINT_WEIGHTS 899
