/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots in flash, a part of the image: erased when it is programmed, and nowhere near its code.
 *
 *   slot   payload from its start, then 0xFF; its last page seals
 *   page   FLASH_PAGE_BYTES are written at once, FLASH_ERASE_BYTES erased
 *   seal   crc u16, sequence u8 twice, over and over: a page that a cut has left half written, or
 *          in any state by chance, is no such page
 */
#ifndef CHECKPOINT_FLASH_SLOTS_H
#define CHECKPOINT_FLASH_SLOTS_H

#include <stdint.h>

#ifndef CHECKPOINT_SLOTS
#define CHECKPOINT_SLOTS 2
#endif

#define SLOTS_PLACE CHECKPOINT_IN_FLASH
#define SLOTS CHECKPOINT_SLOTS
#define SLOT_BYTES                                                                                 \
    ((PAYLOAD_BYTES + FLASH_PAGE_BYTES + FLASH_ERASE_BYTES - 1) / FLASH_ERASE_BYTES *              \
     FLASH_ERASE_BYTES)
#define SEAL_AT (SLOT_BYTES - FLASH_PAGE_BYTES)
#define SEAL_REPEAT 4

static const uint8_t checkpoint_slots[SLOTS][SLOT_BYTES]
    __attribute__((progmem, used, aligned(FLASH_ERASE_BYTES))) = {
        [0 ... SLOTS - 1] = {[0 ... SLOT_BYTES - 1] = 0xFF}};

#define SLOTS_START ((slot_address)checkpoint_slots)
#define SLOTS_END ((slot_address)(SLOTS_START + SLOTS * SLOT_BYTES))

static uint8_t slots_even; /* a byte that waits for the other one of its word */

static uint8_t slot_read(slot_address at) {
    return flash_read(at);
}

static uint16_t read_word(slot_address at) {
    uint8_t low = flash_read(at);
    return (uint16_t)(low | (uint16_t)flash_read(at + 1) << 8);
}

static checkpoint_seal slot_seal(slot_address slot) {
    slot += SEAL_AT;
    checkpoint_seal seal = {.crc = read_word(slot), .sequence = flash_read(slot + 2)};
    for (uint8_t left = FLASH_PAGE_BYTES / SEAL_REPEAT; left != 0; left--) {
        if (read_word(slot) != seal.crc || read_word(slot + 2) != seal.sequence * 0x101u) {
            seal.sequence = CHECKPOINT_UNSEALED;
        }
        slot += SEAL_REPEAT;
    }
    return seal;
}

/* From the end on, where the seal is. */
static void slot_unseal(slot_address slot) {
    slot_address block = slot + SLOT_BYTES;
    do {
        block -= FLASH_ERASE_BYTES;
        flash_erase(block);
    } while (block != slot);
}

static void slot_write(slot_address at, uint8_t byte) {
    if (at % 2 == 0) {
        slots_even = byte;
        return;
    }
    flash_fill(at, (uint16_t)(slots_even | (uint16_t)byte << 8));
    if ((at + 1) % FLASH_PAGE_BYTES == 0) {
        flash_write(at);
    }
}

/* What the payload has left of a word and of a page, then the seal. */
static void slot_seal_with(slot_address slot, checkpoint_seal seal) {
    slot_address end = slot + PAYLOAD_BYTES;
    if (PAYLOAD_BYTES % 2 != 0) {
        slot_write(end, 0xFF);
    }
    if ((PAYLOAD_BYTES + 1u) / 2 * 2 % FLASH_PAGE_BYTES != 0) {
        flash_write(end);
    }
    for (slot_address at = slot + SEAL_AT; at != slot + SLOT_BYTES; at += SEAL_REPEAT) {
        flash_fill(at, seal.crc);
        flash_fill(at + 2, seal.sequence * 0x101u);
    }
    flash_write(slot + SEAL_AT);
}

#endif
