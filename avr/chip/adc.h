/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analog-to-digital converter, one conversion at a time, against the supply voltage. */
#ifndef CHIP_ADC_H
#define CHIP_ADC_H

#include <stdint.h>

/* Switch it on, at the fastest clock that gives all its bits. */
void adc_start(void);

/* The voltage at an input as a share of the supply: 0..1023. Takes 13 cycles of its clock. */
uint16_t adc_value(uint8_t channel);

/* Its upper eight bits: 0..255. */
uint8_t adc_byte(uint8_t channel);

#endif
