/* SPDX-License-Identifier: GPL-3.0-or-later */
/* static_triplet.c  linked to static_twin.c: another static count. */
#include <stdint.h>

static volatile uint8_t count __attribute__((used)) = 7;
