/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packing.h  memory without its zeros: of an area only the 64-byte pieces that are not all zeros,
 * behind a bitmap of them. */
#ifndef PYAVR_SIM_PACKING_H
#define PYAVR_SIM_PACKING_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    void *at;
    size_t bytes;
} area;

/* Most bytes that these areas can take when packed. */
size_t most_packed(const area *areas, unsigned count);

/* Both return where they ended, in what is packed. */
uint8_t *pack(uint8_t *to, area a);
const uint8_t *unpack(const uint8_t *from, area a);

#endif
