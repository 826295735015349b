/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The character model that no text has made tables for. */
#define CHARLM_MODEL CHARLM_PLAIN
#define GUESSES 344

#include "charlm/plain.h"
