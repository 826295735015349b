/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serve loop on the host: two memory buffers stand in for the UART. */
#include "apps/serve_twin.h"

#include "apps/serve_requests.h"
#include "chip/eeprom.h"
#include "chip/stack.h"
#include "chip/watchdog.h"
#include "contract/frame.h"
#include "fixed/saturate.h" /* saturations, in the twin of every learner */
#include "wire/line.h"

static struct {
    const uint8_t *in, *lost;
    size_t at, in_size;
    uint8_t *out;
    size_t sent, out_size;
} line;

void line_twin_open(const uint8_t *in, const uint8_t *lost, size_t in_size, uint8_t *out,
                    size_t out_size) {
    line.in = in;
    line.lost = lost;
    line.at = 0;
    line.in_size = in_size;
    line.out = out;
    line.sent = 0;
    line.out_size = out_size;
}

size_t line_twin_sent(void) {
    return line.sent;
}

uint8_t line_is_full_duplex(void) {
    return 1;
}

line_byte line_get(void) {
    line_byte got = {FRAME_DELIMITER, 0};
    if (line.at < line.in_size) {
        got.value = line.in[line.at];
        got.lost = line.lost ? line.lost[line.at] : 0;
        line.at++;
    }
    return got;
}

void line_put(uint8_t byte) {
    if (line.sent < line.out_size) {
        line.out[line.sent] = byte;
    }
    line.sent++;
}

/* A host has no painted stack: the chip alone can say. */
uint16_t stack_high_water(void) {
    return 0;
}
uint16_t stack_static_bytes(void) {
    return 0;
}

/* What outlives serve_twin_start, as on the chip; erased at first. */
static uint8_t eeprom[EEPROM_BYTES] = {[0 ... EEPROM_BYTES - 1] = 0xFF};

uint8_t eeprom_read(uint16_t address) {
    return eeprom[address];
}
void eeprom_update(uint16_t address, uint8_t value) {
    eeprom[address] = value;
}

void watchdog_start(void) {}
void watchdog_stop(void) {}

void serve_twin_start(void) {
    serve_start();
}

size_t serve_twin(const uint8_t *in, const uint8_t *lost, size_t in_size, uint8_t *out,
                  size_t out_size) {
    while (in_size > 0 && in[in_size - 1] != FRAME_DELIMITER) {
        in_size--;
    }
    line_twin_open(in, lost, in_size, out, out_size);
    while (line.at < in_size) {
        serve_request();
    }
    return line.sent;
}
