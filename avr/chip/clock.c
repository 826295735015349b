/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chip/clock.h"

#include <avr/io.h>

/* CLKPR is protected: its second write must follow within 4 cycles (datasheets, register CLKPR).
 * ATtiny841 and 1634: the signature 0xD8 into CCP, then the prescaler. Others: CLKPCE alone, then
 * the prescaler. In assembly, so that no optimiser parts the two. */
void clock_full_speed(void) {
#ifdef CCP
    if (_SFR_IO_REG_P(CCP)) {
        __asm__ volatile("out %0, %1\n\t"
                         "sts %2, __zero_reg__"
                         :
                         : "n"(_SFR_IO_ADDR(CCP)), "r"((uint8_t)0xD8), "n"(_SFR_MEM_ADDR(CLKPR))
                         : "memory");
    } else {
        __asm__ volatile("sts %0, %1\n\t"
                         "sts %2, __zero_reg__"
                         :
                         : "n"(_SFR_MEM_ADDR(CCP)), "r"((uint8_t)0xD8), "n"(_SFR_MEM_ADDR(CLKPR))
                         : "memory");
    }
#else
    __asm__ volatile("sts %0, %1\n\t"
                     "sts %0, __zero_reg__"
                     :
                     : "n"(_SFR_MEM_ADDR(CLKPR)), "r"((uint8_t)_BV(CLKPCE))
                     : "memory");
#endif
}
