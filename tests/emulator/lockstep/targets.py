# SPDX-License-Identifier: GPL-3.0-or-later
"""What random programs may use of each chip. Sources: the chips' headers in avr-libc."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["CHIPS", "Target"]

#: Data addresses, each with the values that it may get.
Registers = tuple[tuple[int, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Target:
    """What a program may use of a chip; addresses are data addresses.

    Attributes:
        vectors: Words of the vector table, and per vector.
        start: First address for data; ``size`` bytes of it. The stack has the rest.
        scratch: An I/O register without side effects, within reach of SBI.
        setup: Registers with the values that a program may choose from.
        read: Registers that it may read at any time.
        write: Registers that it may write at any time.
        eecr: EECR, behind which EEDR and EEARL lie; the others are called as in the datasheets.
        page_bytes: Of a page of flash; 0: no self-programming in libsimavr 1.6.
    """

    name: str
    vectors: tuple[int, int]
    start: int
    size: int
    flash_bytes: int
    has_mul: bool = True
    has_jmp: bool = True
    has_frames: bool = True
    rampz: int = 0
    scratch: int = 0x3E
    setup: Registers = ()
    read: tuple[int, ...] = ()
    write: tuple[int, ...] = ()
    uart_data: int = 0
    eecr: int = 0x3F
    adcsra: int = 0x7A
    adcl: int = 0x78
    wdtcsr: int = 0x60
    ccp: int = 0
    sleep_register: int = 0x53
    page_bytes: int = 0


ANY_3 = tuple(range(8))


def _external_interrupts_of_atmega() -> Registers:
    """EICRA EIMSK, PCICR PCMSK0 PCMSK2."""
    return (0x69, (0, 1, 3, 15)), (0x3D, (0, 3)), (0x68, (0, 7)), (0x6B, (0, 255)), (0x6D, (0, 255))


def _timers_and_uart_of_atmega() -> dict[str, Any]:
    timer0 = ((0x44, (0, 2, 0x43)), (0x47, (40, 99, 255)), (0x48, (7, 60)), (0x45, (0, 1, 2, 3)))
    timer1 = ((0x80, (0,)), (0x89, (0, 1)), (0x88, (90, 201)), (0x81, (0, 1, 9, 10)))
    timer2 = ((0xB0, (0, 2)), (0xB3, (50, 130)), (0xB1, (0, 1, 2, 4)))
    masks = ((0x6E, ANY_3), (0x6F, (0, 1, 2, 6)), (0x70, (0, 1, 2, 7)))
    uart = ((0xC4, (0, 1, 5)), (0xC1, (0, 0x08, 0x18, 0x98, 0xD8, 0xB8, 0x58)))
    ports = ((0x24, (0, 0xF0, 0xFF)), (0x2A, (0, 0x0F)))
    admux = ((0x7C, (0x40, 0x63, 0xC7, 0x4E)),)
    return {
        "setup": timer0
        + timer1
        + timer2
        + masks
        + uart
        + ports
        + admux
        + _external_interrupts_of_atmega(),
        # PINB PORTB PIND TIFR0 TIFR1 GPIOR0 TCNT0 OCR0A TCNT1L TCNT2 UCSR0A UCSR0B UDR0
        "read": (0x23, 0x25, 0x29, 0x35, 0x36, 0x3E, 0x46, 0x47, 0x84, 0xB2, 0xC0, 0xC1, 0xC6),
        # PINB PORTB PORTD TIFR0 TIFR1 GPIOR0 GPIOR1 OCR0A OCR0B TCNT0 UDR0
        "write": (0x23, 0x25, 0x2B, 0x35, 0x36, 0x3E, 0x4A, 0x47, 0x48, 0x46, 0xC6),
        "uart_data": 0xC6,
    }


CHIPS = {
    target.name: target
    for target in (
        Target(
            "atmega328p", (52, 2), 0x100, 1888, 0x8000, page_bytes=128,
            **_timers_and_uart_of_atmega(),
        ),
        Target(
            "atmega1284p", (70, 2), 0x100, 4000, 0x20000, rampz=0x5B, page_bytes=256,
            **_timers_and_uart_of_atmega(),
        ),
        Target(
            "attiny85", (15, 1), 0x60, 352, 0x2000, has_mul=False, has_jmp=False, scratch=0x31,
            setup=(
                (0x4A, (0, 2)), (0x49, (50, 255)), (0x48, (7, 60)), (0x53, (0, 1, 2)),
                (0x59, (0, 2, 8, 16, 26)), (0x37, (0, 31)), (0x35, (0, 31)),
                (0x5B, (0, 0x20, 0x60)), (0x55, (0, 1, 2, 3)), (0x27, (0x00, 0x23, 0x8C)),
            ),
            read=(0x31, 0x36, 0x38, 0x52, 0x58),
            write=(0x31, 0x36, 0x38, 0x52, 0x58, 0x49),
            eecr=0x3C, adcsra=0x26, adcl=0x24, wdtcsr=0x41, sleep_register=0x55,
        ),
        Target(
            "attiny1634", (56, 2), 0x100, 864, 0x4000, has_mul=False, scratch=0x34,
            setup=(
                (0x3B, (0, 2)), (0x38, (50, 255)), (0x37, (7, 60)), (0x3A, (0, 1, 2)),
                (0x5A, (0, 1, 2, 4, 7)), (0x41, (0, 1, 5)),
                (0x45, (0, 0x08, 0x18, 0x98, 0xD8, 0xB8, 0x58)),
                (0x5C, (0, 0x30, 0x48, 0x78)), (0x56, (0, 1, 2, 3)), (0x47, (0, 255)),
                (0x48, (0, 15)), (0x49, (0, 63)), (0x24, (0x00, 0x43, 0x8D)),
            ),
            read=(0x34, 0x39, 0x59, 0x2B, 0x40, 0x45, 0x46),
            write=(0x34, 0x39, 0x59, 0x2D, 0x40, 0x38),
            uart_data=0x40, page_bytes=32,
            eecr=0x3C, adcsra=0x23, adcl=0x20, wdtcsr=0x50, ccp=0x4F, sleep_register=0x56,
        ),
        Target(
            "attiny841", (30, 1), 0x100, 352, 0x2000, has_mul=False, has_jmp=False, scratch=0x33,
            setup=(
                (0x50, (0, 2)), (0x56, (50, 255)), (0x5C, (7, 60)), (0x53, (0, 1, 2)),
                (0x59, ANY_3), (0x4F, (0, 2)), (0x4B, (0, 1)), (0x4A, (90, 201)),
                (0x4E, (0, 1, 9, 10)), (0x2F, (0, 1, 2, 7, 0x27)), (0x81, (0, 1, 5)),
                (0x85, (0, 0x08, 0x18, 0x98, 0xD8, 0xB8, 0x58)),
                (0x5B, (0, 0x30, 0x40, 0x70)), (0x55, (0, 1, 2, 3)), (0x32, (0, 255)),
                (0x40, (0, 15)), (0x29, (0, 3, 13)), (0x28, (0x00, 0x20, 0x60)),
            ),
            read=(0x33, 0x36, 0x39, 0x52, 0x58, 0x4C, 0x80, 0x85, 0x86),
            write=(0x33, 0x36, 0x3B, 0x52, 0x56, 0x58, 0x80),
            uart_data=0x80, page_bytes=16,
            eecr=0x3C, adcsra=0x25, adcl=0x26, wdtcsr=0x41, ccp=0x71, sleep_register=0x55,
        ),
        Target(
            "attiny88", (20, 1), 0x100, 352, 0x2000, has_mul=False, has_jmp=False,
            setup=(
                (0x45, (0, 1, 2, 9, 10)), (0x47, (50, 255)), (0x48, (7, 60)), (0x6E, ANY_3),
                (0x80, (0,)), (0x89, (0, 1)), (0x88, (90, 201)), (0x81, (0, 1, 9, 10)),
                (0x6F, (0, 1, 2, 7, 0x27)), (0x24, (0, 0xF0, 0xFF)),
                (0x7C, (0x40, 0x63, 0x07, 0x4E)), *_external_interrupts_of_atmega(),
            ),
            read=(0x23, 0x25, 0x29, 0x35, 0x36, 0x3E, 0x46, 0x47, 0x84),
            write=(0x23, 0x25, 0x2B, 0x35, 0x36, 0x3E, 0x4A, 0x47, 0x48, 0x46),
            page_bytes=64,
        ),
        Target(
            "attiny13a", (10, 1), 0x60, 16, 0x400, has_mul=False, has_jmp=False, has_frames=False,
            setup=(
                (0x4F, (0, 2)), (0x56, (60, 255)), (0x53, (0, 1, 2)), (0x59, (0, 2, 4)),
                (0x5B, (0, 0x20, 0x60)), (0x55, (0, 1, 2, 3)), (0x35, (0, 31)), (0x27, (0, 0x43)),
            ),
            read=(0x36, 0x52, 0x38), write=(0x38, 0x52),
            eecr=0x3C, adcsra=0x26, adcl=0x24, wdtcsr=0x41, sleep_register=0x55,
        ),
    )
}  # fmt: skip
