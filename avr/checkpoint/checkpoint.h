/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weights and progress through a power cut at any instant.
 *
 *   save      slot after the newest: unseal, payload, seal       power may go at any point:
 *   restore   newest slot whose CRC is right                      the newest is never touched
 *
 * While a slot is being written it has no seal, so what a cut leaves in it does not count, whatever
 * it is. A cut while the seal itself is written leaves a seal of any value before a whole payload:
 * in EEPROM its last byte, the sequence, is under the CRC, which finds every error of 8 bits; in
 * flash it is a page of equal seals. So either the old state comes back or the new one.
 *
 * The slots lie in EEPROM where two fit, else in flash: slots.h. contract/checkpoint.h is how.
 */
#ifndef CHECKPOINT_CHECKPOINT_H
#define CHECKPOINT_CHECKPOINT_H

#include <stdint.h>

#include "checkpoint/slots.h"
#include "contract/checkpoint.h"
#include "wire/crc16.h"

_Static_assert(SLOTS >= 2 && SLOTS <= CHECKPOINT_SLOTS_MAX,
               "the newest of a ring of slots is told by differences below half the sequences");

/* Weights (CHECKPOINT_WEIGHTS,) and progress, in this order one payload. */
typedef struct {
    uint8_t *weights;
    checkpoint_progress *progress;
} checkpoint_payload;

typedef struct {
    slot_address slot; /* SLOTS_END: there is none */
    uint8_t sequence;
} newest_slot;

static uint8_t *payload_byte(const checkpoint_payload *payload, uint16_t at) {
    return at < CHECKPOINT_WEIGHTS ? payload->weights + at
                                   : (uint8_t *)payload->progress + (at - CHECKPOINT_WEIGHTS);
}

static __attribute__((noinline)) uint16_t crc_with(uint16_t crc, uint8_t byte) {
    return crc16_update(crc, &byte, 1);
}

/* crc: over what the payload belongs to. */
static uint8_t is_whole(slot_address slot, checkpoint_seal seal, uint16_t crc) {
    for (uint16_t left = PAYLOAD_BYTES; left != 0; left--) {
        crc = crc_with(crc, slot_read(slot++));
    }
    return crc_with(crc, seal.sequence) == seal.crc;
}

/* Modulo 255. */
static uint8_t is_newer(uint8_t one, uint8_t other) {
    uint8_t ahead = one - other - (one < other);
    return ahead != 0 && ahead <= CHECKPOINT_SLOTS_MAX;
}

static __attribute__((noinline)) newest_slot newest(uint16_t crc) {
    newest_slot best = {SLOTS_END, CHECKPOINT_UNSEALED};
    for (slot_address slot = SLOTS_START; slot != SLOTS_END; slot += SLOT_BYTES) {
        checkpoint_seal seal = slot_seal(slot);
        if (seal.sequence != CHECKPOINT_UNSEALED &&
            (best.slot == SLOTS_END || is_newer(seal.sequence, best.sequence)) &&
            is_whole(slot, seal, crc)) {
            best = (newest_slot){slot, seal.sequence};
        }
    }
    return best;
}

/* Make a checkpoint. crc: over what the payload belongs to; another's checkpoint is none. */
static void checkpoint_save(const checkpoint_payload *payload, uint16_t crc) {
    newest_slot last = newest(crc);
    slot_address slot = last.slot >= SLOTS_END - SLOT_BYTES ? SLOTS_START : last.slot + SLOT_BYTES;
    checkpoint_seal seal = {.sequence = last.sequence + 1};
    if (seal.sequence == CHECKPOINT_UNSEALED) {
        seal.sequence = 0;
    }
    slot_unseal(slot);
    for (uint16_t at = 0; at < PAYLOAD_BYTES; at++) {
        uint8_t byte = *payload_byte(payload, at);
        crc = crc_with(crc, byte);
        slot_write(slot + at, byte);
    }
    seal.crc = crc_with(crc, seal.sequence);
    slot_seal_with(slot, seal);
}

/* Fill the payload in from the newest checkpoint. 0: there is none, and nothing is changed. */
static uint8_t checkpoint_restore(const checkpoint_payload *payload, uint16_t crc) {
    slot_address slot = newest(crc).slot;
    if (slot == SLOTS_END) {
        return 0;
    }
    for (uint16_t at = 0; at < PAYLOAD_BYTES; at++) {
        *payload_byte(payload, at) = slot_read(slot + at);
    }
    return 1;
}

#endif
