/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer for 16 KB of flash. */
#define CHARLM_MODEL CHARLM_TRANSFORMER

#include "charlm/transformer_16k_tables.h"
#include "charlm/transformer_model.h"
