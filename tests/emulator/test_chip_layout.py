# SPDX-License-Identifier: GPL-3.0-or-later
"""Registers, bits and vectors of the chips of our own, against avr-libc's headers.

A chip's definition says which register each bit lies in; here it is read off the header instead:
a bit is named below its register there. So a bit with the right name in the wrong register is
found, and so is a vector of another source.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sysconfig
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest
from lockstep.reference import SHIM, shim_flags

from pyavr_sim import chips

OWN = [chip.name for chip in chips() if chip.is_own]
HERE = Path(__file__).parent
DEFINITION = re.compile(r"#define (\w+) +(.+)")
REGISTER = re.compile(r"_SFR_(IO|MEM)(?:8|16)\((0[xX][0-9A-Fa-f]+)\)")

# What libsimavr calls it = what the header calls it, the first that exists; n is the module's digit
# or letter, m the number of its pin-change interrupt.
REGISTERS = {
    "eeprom": "eearh=EEARH eearl=EEARL eedr=EEDR eecr=EECR",
    "flash": "spm=SPMCSR",
    "port": "port=PORTn ddr=DDRn pin=PINn pcint=PCMSKm",
    "adc": "admux=ADMUX|ADMUXA adcsra=ADCSRA adcsrb=ADCSRB adcl=ADCL adch=ADCH",
    "timer": "tcnt=TCNTn|TCNTnL tcnth=TCNTnH icr=ICRnL icrh=ICRnH ocra=OCRnA|OCRnAL ocrah=OCRnAH "
    "ocrb=OCRnB|OCRnBL ocrbh=OCRnBH",
    "uart": "udr=UDRn ucsra=UCSRnA ucsrb=UCSRnB ucsrc=UCSRnC ubrrl=UBRRnL ubrrh=UBRRnH",
    "spi": "spdr=SPDR spcr=SPCR spsr=SPSR",
    "twi": "twcr=TWCR twsr=TWSR twbr=TWBR twdr=TWDR twar=TWAR twamr=TWAMR",
}
BITS = {
    "core": "porf=PORF extrf=EXTRF borf=BORF wdrf=WDRF",
    "eeprom": "eepm0=EEPM0 eepm1=EEPM1 eempe=EEMPE eepe=EEPE eere=EERE ready.enable=EERIE",
    "flash": "selfprgen=SPMEN|SELFPRGEN pgers=PGERS pgwrt=PGWRT blbset=RFLB",
    "watchdog": "wdrf=WDRF wdce=WDCE wde=WDE wdp0=WDP0 wdp1=WDP1 wdp2=WDP2 wdp3=WDP3 "
    "watchdog.enable=WDIE watchdog.raised=WDIF",
    "int": "int.enable=INTn int.raised=INTFn isc0=ISCn0 isc1=ISCn1",
    "port": "pcint.enable=PCIEm pcint.raised=PCIFm",
    "adc": "mux0=MUX0 mux1=MUX1 mux2=MUX2 mux3=MUX3 mux4=MUX4 mux5=MUX5 ref0=REFS0 ref1=REFS1 "
    "ref2=REFS2 adlar=ADLAR aden=ADEN adsc=ADSC adate=ADATE adps0=ADPS0 adps1=ADPS1 adps2=ADPS2 "
    "adts0=ADTS0 adts1=ADTS1 adts2=ADTS2 adc.enable=ADIE adc.raised=ADIF",
    "timer": "disabled=PRTIMn wgm0=WGMn0|CTCn wgm1=WGMn1 wgm2=WGMn2 wgm3=WGMn3 cs0=CSn0 cs1=CSn1 "
    "cs2=CSn2 ices=ICESn overflow.enable=TOIEn overflow.raised=TOVn icr.enable=ICIEn "
    "icr.raised=ICFn coma=COMnA0 comb=COMnB0 compa.enable=OCIEnA compa.raised=OCFnA "
    "compb.enable=OCIEnB compb.raised=OCFnB",
    "uart": "disabled=PRUSARTn rxen=RXENn txen=TXENn u2x=U2Xn ucsz=UCSZn0 ucsz2=UCSZn2 rxb8=RXB8n "
    "usbs=USBSn fe=FEn dor=DORn upe=UPEn rxc.enable=RXCIEn rxc.raised=RXCn txc.enable=TXCIEn "
    "txc.raised=TXCn udrc.enable=UDRIEn udrc.raised=UDREn",
    "spi": "disabled=PRSPI spe=SPE mstr=MSTR spr0=SPR0 spr1=SPR1 spr2=SPI2X spi.enable=SPIE "
    "spi.raised=SPIF",
    "twi": "disabled=PRTWI twen=TWEN twea=TWEA twsta=TWSTA twsto=TWSTO twwc=TWWC twsr=TWS3 "
    "twps=TWPS0 twi.enable=TWIE twi.raised=TWINT",
}
VECTORS = {
    "eeprom": "ready=EE_RDY|EE_READY",
    "watchdog": "watchdog=WDT",
    "int": "int=INTn",
    "port": "pcint=PCINTm",
    "adc": "adc=ADC",
    "timer": "overflow=TIMERn_OVF icr=TIMERn_CAPT compa=TIMERn_COMPA compb=TIMERn_COMPB",
    "uart": "rxc=USARTn_RX|USARTn_RXC txc=USARTn_TX|USARTn_TXC udrc=USARTn_UDRE|USARTn_DRE",
    "spi": "spi=SPI|SPI_STC",
    "twi": "twi=TWI",
}
#: Which pin-change interrupt a port has. Source: the datasheets' pinouts.
PIN_CHANGE_OF = {
    "attiny841": {"A": 0, "B": 1},
    "attiny1634": {"A": 0, "B": 1, "C": 2},
    "attiny88": {"B": 0, "C": 1, "D": 2, "A": 3},
}
#: Sources that the tops of the chips' files say are left out.
LEFT_OUT = {
    "attiny841": {"ANA_COMP0", "ANA_COMP1", "TWI_SLAVE", "USART0_START", "USART1_START"},
    "attiny1634": {
        *("ANA_COMP", "TWI_SLAVE", "USI_START", "USI_OVERFLOW", "QTRIP"),
        *("USART0_START", "USART1_START"),
    },
    "attiny88": {"ANALOG_COMP"},
}


@dataclass
class Header:
    """A chip's header: numbers, addresses of registers, and where the bits of each name lie."""

    numbers: dict[str, int]
    registers: dict[str, int]
    bits: dict[str, set[tuple[int, int]]]


@pytest.fixture(scope="module")
def headers() -> dict[str, Header]:
    return {mcu: read_header(mcu) for mcu in OWN}


def read_header(mcu: str) -> Header:
    command = ["avr-gcc", f"-mmcu={mcu}", "-E", "-dD", "-include", "avr/io.h", "-xc", "/dev/null"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    header = Header({}, {}, defaultdict(set))
    address = None
    for name, value in DEFINITION.findall(text):
        if register := REGISTER.match(value):
            address = int(register[2], 16) + 0x20 * (register[1] == "IO")
            header.registers[name] = address
        elif number_text := re.fullmatch(r"\(?(0[xX][0-9A-Fa-f]+|\d+)U?\)?", value):
            number = header.numbers[name] = int(number_text[1], 0)
            if address is not None and number < 8:
                header.bits[name].add((address, number))
    return header


@pytest.fixture(scope="module")
def layouts(tmp_path_factory) -> dict[str, list[list[str]]]:
    """What chip_layout.c prints of each chip: its lines' words."""
    program = tmp_path_factory.mktemp("layout") / "chip_layout"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "gcc")[0]
    sources = [HERE / "chip_layout.c", SHIM / "chips.c", SHIM / "ccp.c", *SHIM.glob("chip_*.c")]
    command = [compiler, *shim_flags(), "-o", str(program), *map(str, sources), "-lsimavr"]
    subprocess.run(command, check=True)
    layouts = {}
    for mcu in OWN:
        done = subprocess.run([program, mcu], capture_output=True, text=True, check=True)
        layouts[mcu] = [line.split() for line in done.stdout.splitlines()]
    return layouts


def rows(layout: list[list[str]], what: str) -> list[list[str]]:
    found = [row[1:] for row in layout if row[0] == what]
    assert found
    return found


def name_of(table: dict[str, str], mcu: str, module: str, field: str, header_has) -> str:
    """What the header calls a field of a module such as ``timer0``."""
    kind = module.rstrip("0123456789ABCD")
    names = dict(entry.split("=") for entry in table[kind].split())[field]
    number = PIN_CHANGE_OF[mcu].get(module[-1], "")
    choice = names.replace("n", module[-1]).replace("m", str(number)).split("|")
    return next(name for name in choice if name in header_has)


@pytest.mark.parametrize("mcu", OWN)
def test_memories_are_as_large_as_the_header_says(headers, layouts, mcu):
    has = {name: int(value) for name, value in rows(layouts[mcu], "number")}
    says = headers[mcu].numbers

    for name in ("ramend", "flashend", "e2end", "spm_pagesize"):
        assert has[name] == says[name.upper()], name
    assert has["eeprom_bytes"] == says["E2END"] + 1
    assert has["ioend"] == says["RAMSTART"] - 1
    assert [has[f"signature{n}"] for n in range(3)] == [says[f"SIGNATURE_{n}"] for n in range(3)]
    assert has["vector_size"] == (4 if says["FLASHEND"] > 0x1FFF else 2)


@pytest.mark.parametrize("mcu", OWN)
def test_registers_lie_where_the_header_says(headers, layouts, mcu):
    addresses = headers[mcu].registers
    for module, field, address in rows(layouts[mcu], "register"):
        name = name_of(REGISTERS, mcu, module, field, addresses)
        assert int(address) == addresses[name], f"{module}: {name}"


@pytest.mark.parametrize("mcu", OWN)
def test_bits_lie_where_the_header_names_them(headers, layouts, mcu):
    places = headers[mcu].bits
    for module, field, *numbers in rows(layouts[mcu], "bits"):
        address, bit, _ = map(int, numbers)
        if (module, field) == ("watchdog", "wdce") and "WDCE" not in places:
            taken = {place for those in places.values() for place in those}
            assert (address, bit) not in taken, "the stand-in for WDCE is not a reserved bit"
            continue
        name = name_of(BITS, mcu, module, field, places)
        assert (address, bit) in places[name], f"{module}: {name}"


@pytest.mark.parametrize("mcu", OWN)
def test_vectors_are_those_of_the_header(headers, layouts, mcu):
    numbers = {
        name.removesuffix("_vect_num"): number
        for name, number in headers[mcu].numbers.items()
        if name.endswith("_vect_num")
    }
    left = {}
    for name, number in numbers.items():
        left.setdefault(number, name)  # some have two
    for module, field, number in rows(layouts[mcu], "vector"):
        name = name_of(VECTORS, mcu, module, field, numbers)
        assert int(number) == numbers[name], f"{module}: {name}"
        del left[int(number)]
    assert set(left.values()) == LEFT_OUT[mcu]
