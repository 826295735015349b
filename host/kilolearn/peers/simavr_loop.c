/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A firmware on libsimavr's own core: usage: simavr_loop FILE.elf MCU HZ CYCLES_A_CALL
 *
 * CYCLES_A_CALL is avr->run_cycle_limit: 1 runs one instruction a call, as the command line simavr
 * does. Ends with one JSON object on a line: CPU seconds of the loop, cycles, what UART 0 sent, and
 * the data space from r0 to RAMEND, both in hexadecimal. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_core.h>
#include <simavr/sim_elf.h>

typedef struct {
    uint8_t *bytes;
    size_t count, room;
} text;

static void keep_byte(struct avr_irq_t *irq, uint32_t value, void *parameter) {
    (void)irq;
    text *sent = parameter;
    if (sent->count == sent->room) {
        sent->room = sent->room ? 2 * sent->room : 4096;
        sent->bytes = realloc(sent->bytes, sent->room);
        if (!sent->bytes) {
            abort();
        }
    }
    sent->bytes[sent->count++] = (uint8_t)value;
}

static void sleep_not(avr_t *avr, avr_cycle_count_t cycles) {
    (void)avr;
    (void)cycles;
}

static void print_hex(const char *key, const uint8_t *bytes, size_t count) {
    printf(", \"%s\": \"", key);
    for (size_t i = 0; i < count; i++) {
        printf("%02x", bytes[i]);
    }
    putchar('"');
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: simavr_loop FILE.elf MCU HZ CYCLES_A_CALL\n");
        return 2;
    }
    elf_firmware_t firmware;
    memset(&firmware, 0, sizeof firmware);
    avr_t *const avr = avr_make_mcu_by_name(argv[2]);
    if (!avr || elf_read_firmware(argv[1], &firmware) != 0) {
        fprintf(stderr, "simavr_loop: no such chip (%s) or no such firmware (%s)\n", argv[2],
                argv[1]);
        return 2;
    }
    avr_init(avr);
    avr_load_firmware(avr, &firmware);
    avr->frequency = (uint32_t)strtoul(argv[3], NULL, 10);
    avr->sleep = sleep_not;

    text sent = {NULL, 0, 0};
    uint32_t quiet = 0;
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &quiet);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT),
                            keep_byte, &sent);

    avr->run_cycle_limit = strtoul(argv[4], NULL, 10);
    const clock_t start = clock();
    int state = cpu_Running;
    while (state != cpu_Done && state != cpu_Crashed) {
        state = avr_run(avr);
    }
    const double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

    READ_SREG_INTO(avr, avr->data[R_SREG]);
    printf("{\"seconds\": %.6f, \"cycles\": %llu", seconds, (unsigned long long)avr->cycle);
    print_hex("uart", sent.bytes, sent.count);
    print_hex("data", avr->data, avr->ramend + 1u);
    puts("}");
    return state == cpu_Done ? 0 : 1;
}
