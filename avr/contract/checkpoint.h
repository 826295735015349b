/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a chip keeps through a power cut, in its own memory and in a file. Read by the host with
 * cffi (pack=1); all numbers are little endian.
 *
 *   payload   weights u8[weights_size], checkpoint_progress
 *   slot      payload, checkpoint_seal           in EEPROM
 *             payload, 0xFF..., a page of seals  in flash
 *   file      CHECKPOINT_MAGIC u16, learner_description, payload, checkpoint_seal
 *
 * A slot is sealed last and unsealed first, so what has a seal is whole; the CRC finds what else
 * may spoil it. The newest slot whose CRC is right counts.
 */
#ifndef CONTRACT_CHECKPOINT_H
#define CONTRACT_CHECKPOINT_H

#include <stdint.h>

/* The sequence of a slot without a seal. Sequences count from 0 to 254 and begin anew: `one` was
 * sealed after `other` if it is less than half the way ahead. */
#define CHECKPOINT_UNSEALED 0xFF
#define CHECKPOINT_SLOTS_MAX 127

#define CHECKPOINT_IN_EEPROM 1
#define CHECKPOINT_IN_FLASH 2

#define CHECKPOINT_AS_BEFORE 0xFFFF

#define CHECKPOINT_MAGIC 0x434B /* "KC" */

#pragma pack(push, 1)

/* Besides its weights, all that decides how a learner goes on. */
typedef struct {
    uint32_t steps; /* training steps since RESET */
    uint32_t errors;
    uint16_t noise; /* of the rounding; 0 where a learner has none */
    uint16_t every; /* training steps between two checkpoints; 0: only on request */
    uint8_t shift;  /* of the step size, as SET_RATE gave it */
} checkpoint_progress;

/* crc: CRC-16 as in frame.h over the learner_description, the payload and the sequence. */
typedef struct {
    uint16_t crc;
    uint8_t sequence;
} checkpoint_seal;

/* COMMAND_CHECKPOINT: make one now, and from now on one after each `every` steps, 0 for none,
 * CHECKPOINT_AS_BEFORE for as many as before. That outlives RESET. */
typedef struct {
    uint16_t every;
} checkpoint_request;

/* Its reply. */
typedef struct {
    uint8_t place; /* CHECKPOINT_IN_... */
    uint8_t slots;
    uint16_t slot_bytes;
    checkpoint_progress progress; /* as it was kept */
} checkpoint_reply;

#pragma pack(pop)

#endif
