/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A replay buffer: some samples of the stream are kept and learned again, against forgetting.
 *
 *   reservoir   each sample so far is in it with the same probability, slots / offered
 *   balanced    so is each sample of its class, and no class holds more slots than it must: a
 * sample of a class that has not the most slots takes the place of one that has
 *
 * A slot holds a label and the values of a sample, in bytes or two to a byte: 4 bits keep the
 * highest of `bits` and come back as the middle of what they stand for.
 *
 * Source: Vitter, Random sampling with a reservoir, ACM TOMS 11 (1985); Chrysakis, Moens, Online
 * continual learning from imbalanced data, ICML 2020.
 */
#ifndef ONLINE_REPLAY_H
#define ONLINE_REPLAY_H

#include <stdint.h>

#include "fixed/kernel.h"
#include "fixed/noise.h"

#define REPLAY_NONE 255

/* Uniform in 0..below - 1 (to 1/65536). below 1..65535. */
SHARED uint16_t replay_draw(uint16_t below, uint16_t *noise) {
    return (uint16_t)(((uint32_t)noise_next(noise) * below) >> 16);
}

/* Bytes of `values` values. */
#define REPLAY_BYTES(values, nibbles) ((nibbles) ? ((values) + 1) / 2 : (values))

/* sample (values,), each below 2^bits, bits 4..8 -> packed (REPLAY_BYTES,). */
KERNEL void replay_pack(uint8_t *packed, const uint8_t *sample, uint8_t values, uint8_t bits,
                        uint8_t nibbles) {
    for (uint8_t i = 0; i < values; i++) {
        if (!nibbles) {
            packed[i] = sample[i];
        } else if (i & 1) {
            packed[i >> 1] |= (uint8_t)((sample[i] >> (bits - 4)) << 4);
        } else {
            packed[i >> 1] = sample[i] >> (bits - 4);
        }
    }
}

/* packed (REPLAY_BYTES,) -> sample (values,). */
KERNEL void replay_unpack(uint8_t *sample, const uint8_t *packed, uint8_t values, uint8_t bits,
                          uint8_t nibbles) {
    for (uint8_t i = 0; i < values; i++) {
        if (!nibbles) {
            sample[i] = packed[i];
        } else {
            uint8_t nibble = i & 1 ? packed[i >> 1] >> 4 : packed[i >> 1] & 15;
            sample[i] = (uint8_t)((nibble << (bits - 4)) + (1 << (bits - 4)) / 2);
        }
    }
}

/* Where the next of a stream goes: a slot, or REPLAY_NONE. offered: samples before it. */
SHARED uint8_t reservoir_slot(uint8_t slots, uint16_t offered, uint16_t *noise) {
    if (offered < slots) {
        return (uint8_t)offered;
    }
    uint16_t slot = replay_draw(offered == UINT16_MAX ? offered : offered + 1, noise);
    return slot < slots ? (uint8_t)slot : REPLAY_NONE;
}

/* The `number`th slot of a class, from 0. label (slots,); the class holds more than `number`. */
SHARED uint8_t slot_of_class(const uint8_t *label, uint8_t slots, uint8_t class, uint8_t number) {
    uint8_t slot = 0;
    for (; slot < slots - 1; slot++) {
        if (label[slot] == class && number-- == 0) {
            break;
        }
    }
    return slot;
}

/* The same for a balanced buffer. label (slots,); offered (classes,): samples of each class before
 * this one. The buffer is filled from slot 0 on; `held` slots are full. */
SHARED uint8_t balanced_slot(const uint8_t *label, uint8_t held, uint8_t slots, uint8_t class,
                             uint8_t classes, const uint16_t *offered, uint16_t *noise) {
    if (held < slots) {
        return held;
    }
    uint8_t own = 0, most = 0, largest = 0;
    for (uint8_t k = 0; k < classes; k++) {
        uint8_t count = 0;
        for (uint8_t slot = 0; slot < slots; slot++) {
            count += label[slot] == k;
        }
        if (k == class) {
            own = count;
        }
        if (count > most) {
            most = count;
            largest = k;
        }
    }
    if (own < most) {
        return slot_of_class(label, slots, largest, (uint8_t)replay_draw(most, noise));
    }
    uint8_t number = reservoir_slot(own, offered[class], noise);
    return number == REPLAY_NONE ? REPLAY_NONE : slot_of_class(label, slots, class, number);
}

#endif
