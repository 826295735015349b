/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An STS whose second word has a line of its own, as the linker's relaxation leaves it. */
#include <avr/interrupt.h>
#include <avr/sleep.h>

int main(void) {
    asm volatile(".loc 1 901\n\t nop\n\t"
                 ".word 0x9210\n\t"               /* sts 0x0100, r1 */
                 ".loc 1 902\n\t movw r0, r0\n\t" /* 0x0100 */
                 ".loc 1 903\n\t nop");
    cli();
    sleep_mode();
}
