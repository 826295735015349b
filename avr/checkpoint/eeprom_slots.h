/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slots in EEPROM, as many as fit: the more, the longer each byte lasts. A byte that already holds
 * what it is to hold is not written. */
#ifndef CHECKPOINT_EEPROM_SLOTS_H
#define CHECKPOINT_EEPROM_SLOTS_H

#include <stddef.h>
#include <stdint.h>

#define SLOTS_PLACE CHECKPOINT_IN_EEPROM
#define SLOT_BYTES (PAYLOAD_BYTES + CHECKPOINT_SEAL_BYTES)
#define SLOTS_FIT (EEPROM_BYTES / SLOT_BYTES)
#define SLOTS (SLOTS_FIT < CHECKPOINT_SLOTS_MAX ? SLOTS_FIT : CHECKPOINT_SLOTS_MAX)

#ifdef __AVR__
/* Here the linker gives out the EEPROM, too, and the host finds in the image where they are. */
static uint8_t checkpoint_slots[SLOTS][SLOT_BYTES] __attribute__((section(".eeprom"), used)) = {
    [0 ... SLOTS - 1] = {[0 ... SLOT_BYTES - 1] = 0xFF}};
#define SLOTS_START ((slot_address)checkpoint_slots)
#else
#define SLOTS_START 0
#endif
#define SLOTS_END ((slot_address)(SLOTS_START + SLOTS * SLOT_BYTES))

#define CRC_AT PAYLOAD_BYTES
#define SEQUENCE_AT (CRC_AT + offsetof(checkpoint_seal, sequence))

static uint8_t slot_read(slot_address at) {
    return eeprom_read(at);
}

static checkpoint_seal slot_seal(slot_address slot) {
    uint8_t low = eeprom_read(slot + CRC_AT), high = eeprom_read(slot + CRC_AT + 1);
    return (checkpoint_seal){.crc = (uint16_t)(low | (uint16_t)high << 8),
                             .sequence = eeprom_read(slot + SEQUENCE_AT)};
}

static void slot_unseal(slot_address slot) {
    eeprom_update(slot + SEQUENCE_AT, CHECKPOINT_UNSEALED);
}

static void slot_write(slot_address at, uint8_t byte) {
    eeprom_update(at, byte);
}

/* The sequence last: without it there is no seal. */
static void slot_seal_with(slot_address slot, checkpoint_seal seal) {
    eeprom_update(slot + CRC_AT, (uint8_t)seal.crc);
    eeprom_update(slot + CRC_AT + 1, (uint8_t)(seal.crc >> 8));
    eeprom_update(slot + SEQUENCE_AT, seal.sequence);
}

#endif
