/* SPDX-License-Identifier: GPL-3.0-or-later */
/* packing.c  see packing.h. */
#include "packing.h"

#include <string.h>

enum { PIECE = 64 };

static int is_zero(const uint8_t *at, size_t bytes) {
    uint64_t any = 0, word;
    for (; bytes >= sizeof word; bytes -= sizeof word, at += sizeof word) {
        memcpy(&word, at, sizeof word);
        any |= word;
    }
    while (bytes--) {
        any |= *at++;
    }
    return any == 0;
}

static size_t pieces_of(area a) {
    return (a.bytes + PIECE - 1) / PIECE;
}

static size_t piece_bytes(area a, size_t piece) {
    const size_t left = a.bytes - piece * PIECE;
    return left < PIECE ? left : PIECE;
}

uint8_t *pack(uint8_t *to, area a) {
    const size_t pieces = pieces_of(a), map_bytes = (pieces + 7) / 8;
    uint8_t *map = to;
    memset(map, 0, map_bytes);
    to += map_bytes;
    for (size_t p = 0; p < pieces; p++) {
        const uint8_t *from = (const uint8_t *)a.at + p * PIECE;
        const size_t bytes = piece_bytes(a, p);
        if (!is_zero(from, bytes)) {
            map[p / 8] |= (uint8_t)(1 << p % 8);
            memcpy(to, from, bytes);
            to += bytes;
        }
    }
    return to;
}

const uint8_t *unpack(const uint8_t *from, area a) {
    const size_t pieces = pieces_of(a);
    const uint8_t *map = from;
    from += (pieces + 7) / 8;
    for (size_t p = 0; p < pieces; p++) {
        uint8_t *to = (uint8_t *)a.at + p * PIECE;
        const size_t bytes = piece_bytes(a, p);
        if (map[p / 8] >> p % 8 & 1) {
            memcpy(to, from, bytes);
            from += bytes;
        } else {
            memset(to, 0, bytes);
        }
    }
    return from;
}

size_t most_packed(const area *areas, unsigned count) {
    size_t bytes = 0;
    for (unsigned i = 0; i < count; i++) {
        bytes += areas[i].bytes + pieces_of(areas[i]) / 8 + 1;
    }
    return bytes;
}
