/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers in a model's state, which travels between chip and host as the bytes that it is: little
 * endian, and with the alignment of bytes, so that a struct of them has the same layout on both. */
#ifndef CHARLM_STATE_H
#define CHARLM_STATE_H

#include <stdint.h>

typedef uint16_t state_u16 __attribute__((aligned(1)));
typedef int16_t state_i16 __attribute__((aligned(1)));
typedef uint32_t state_u32 __attribute__((aligned(1)));

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the state is sent as it lies");

#endif
