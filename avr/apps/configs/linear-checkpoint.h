/* SPDX-License-Identifier: GPL-3.0-or-later */
/* linear-perceptron.h, and checkpoints that survive a power cut: docs/checkpoint.md. */
#include "apps/configs/linear-perceptron.h"

#define CHECKPOINT_WEIGHTS 6
