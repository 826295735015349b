/* SPDX-License-Identifier: GPL-3.0-or-later */
/* core_declare.h  makes plain numbers of the register names in avr-libc's io headers.
 *
 * Include the simavr headers first, then this, then the chip's own avr/io*.h by its full path:
 * as an include directory, avr-libc would hide the host's C library. */
#define _AVR_IO_H_
#define __ASSEMBLER__
#define _SFR_IO8(address) ((address) + 32)
#define _SFR_IO16(address) ((address) + 32)
#define _SFR_MEM8(address) (address)
#define _SFR_MEM16(address) (address)
#define _VECTOR(number) (number)
#define _BV(bit) (1 << (bit)) /* for the fuse defaults */
