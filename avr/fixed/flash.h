/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants that stay in flash: on AVR a plain const array is copied to SRAM at the start. */
#ifndef FIXED_FLASH_H
#define FIXED_FLASH_H

#ifdef __AVR__
#define IN_FLASH const __flash
#else
#define IN_FLASH const
#endif

#endif
