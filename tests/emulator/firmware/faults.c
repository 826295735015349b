/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One fault, chosen by -DFAULT=n. */
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <avr/sleep.h>

volatile uint8_t sink;
volatile uint8_t ballast[16];

__attribute__((noinline)) void recurse(uint8_t n) {
    recurse(n + 1);
    sink = n; /* so that the call is not the last thing */
}

__attribute__((noinline)) void culprit(void) {
#if FAULT == 1
    *(volatile uint8_t *)(RAMEND + 1) = 1;
#elif FAULT == 2
    sink = *(volatile uint8_t *)(RAMEND + 1);
#elif FAULT == 3
    volatile uint8_t *p = (volatile uint8_t *)(RAMEND - 1);
    for (uint8_t i = 0; i < 9; i++) {
        sink = *p++;
    }
#elif FAULT == 4
    recurse(0);
#elif FAULT == 5
    ((void (*)(void))(FLASHEND / 2 - 8))();
#elif FAULT == 6
    __asm__ volatile("ldi r30, 0xff\n ldi r31, 0xff\n lpm r24, Z" ::: "r24", "r30", "r31");
#elif FAULT == 7
    __asm__ volatile("pop r24\n pop r24\n pop r24\n pop r24\n pop r24\n" ::: "r24");
#elif FAULT == 8
    *(volatile uint8_t *)0xFFFF = 1;
#elif FAULT == 9
    __asm__ volatile("ldi r30, 0xff\n ldi r31, 0xff\n spm" ::: "r30", "r31");
#endif
}

int main(void) {
    ballast[0] = 1;
    culprit();
    cli();
    sleep_enable();
    sleep_cpu();
}
