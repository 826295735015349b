/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes a function into flash by SPM, then calls it: `answer` becomes 42. */
#include <avr/boot.h>
#include <avr/io.h>
#include <avr/sleep.h>

volatile uint8_t answer;

enum { PAGE = FLASHEND + 1 - 4 * SPM_PAGESIZE };

/* The boot section of an ATmega is where SPM works; simulators and avr/boot.h do not mind. */
int main(void) {
    answer = 0;
    boot_page_erase(PAGE);
    boot_spm_busy_wait();
    boot_page_fill(PAGE, 0xE28A);     /* ldi r24, 42 */
    boot_page_fill(PAGE + 2, 0x9508); /* ret */
    boot_page_write(PAGE);
    boot_spm_busy_wait();
#ifdef RWWSRE
    boot_rww_enable();
#endif
    answer = ((uint8_t(*)(void))(PAGE / 2))();
    sleep_enable();
    sleep_cpu();
}
