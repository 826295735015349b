/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer for 16 KB of flash, which learns nothing of what it codes. */
#define CHARLM_MODEL CHARLM_TRANSFORMER_FROZEN
#define MODEL_FROZEN

#include "charlm/transformer_16k_tables.h"
#include "charlm/transformer_model.h"
