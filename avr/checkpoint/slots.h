/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the slots lie. The image states CHECKPOINT_WEIGHTS, the bytes of its weights, before it
 * includes this; the chip's memories decide.
 *
 *   SLOTS_PLACE, SLOTS, SLOT_BYTES; SLOTS_START and SLOTS_END, addresses of bytes
 *   slot_seal(slot)              its seal; the sequence is CHECKPOINT_UNSEALED where it has none
 *   slot_read(at)                a byte of a payload; a slot begins with it
 *   slot_unseal(slot)            from here on it has no seal
 *   slot_write(at, byte)         of an unsealed one, each in turn
 *   slot_seal_with(slot, seal)   all is written
 */
#ifndef CHECKPOINT_SLOTS_H
#define CHECKPOINT_SLOTS_H

#include "chip/eeprom.h"
#include "chip/flash.h"
#include "contract/checkpoint.h"

typedef uint16_t slot_address;

#define PAYLOAD_BYTES ((uint16_t)(CHECKPOINT_WEIGHTS + CHECKPOINT_PROGRESS_BYTES))
#define CHECKPOINT_PROGRESS_BYTES 13
#define CHECKPOINT_SEAL_BYTES 3

_Static_assert(sizeof(checkpoint_progress) == CHECKPOINT_PROGRESS_BYTES &&
                   sizeof(checkpoint_seal) == CHECKPOINT_SEAL_BYTES,
               "the preprocessor, which chooses, cannot ask for a size");

#if 2 * (CHECKPOINT_WEIGHTS + CHECKPOINT_PROGRESS_BYTES + CHECKPOINT_SEAL_BYTES) <= EEPROM_BYTES
#include "checkpoint/eeprom_slots.h"
#elif defined FLASH_PAGE_BYTES
#include "checkpoint/flash_slots.h"
#else
#define IN_WORDS(number) EXPANDED(number)
#define EXPANDED(number) #number
#define BYTES CHECKPOINT_WEIGHTS + CHECKPOINT_PROGRESS_BYTES + CHECKPOINT_SEAL_BYTES
#pragma message(IN_WORDS(BYTES) " bytes a checkpoint, " IN_WORDS(EEPROM_BYTES) " of EEPROM")
#error                                                                                             \
    "two checkpoints do not fit into this chip's EEPROM, and its flash is written only from the \
boot section: choose an ATtiny, a chip with more EEPROM, or a smaller model"
#endif

#endif
