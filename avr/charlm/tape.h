/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All weights of a transformer but its embedding stand in flash in the order in which a character
 * needs them, a tape: what reads some of them takes where they begin and returns where they end. */
#ifndef CHARLM_TAPE_H
#define CHARLM_TAPE_H

#include <stdint.h>

#include "fixed/flash.h"

typedef const uint8_t *tape; /* read by flash_u8 */

#endif
