/* SPDX-License-Identifier: GPL-3.0-or-later */
/* charlm-unigram.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/charlm-unigram.h"

#define CHECKPOINT_WEIGHTS 89
