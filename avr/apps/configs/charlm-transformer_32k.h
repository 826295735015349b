/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The transformer for 32 KB of flash. */
#define CHARLM_MODEL CHARLM_TRANSFORMER_32K

#include "charlm/transformer_32k_tables.h"
#include "charlm/transformer_model.h"
