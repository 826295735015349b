# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulated chip behind pyserial's interface."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import serial

from pyavr_sim import Chip, errors
from pyavr_sim.serial_url import protocol_avrsim
from pyavr_sim.serial_url.address import ChipAddress, LineAddress, parse_url
from pyavr_sim.serial_url.protocol_avrsim import POLL_SECONDS, FirmwareFaultError

Build = Callable[..., Path]

HZ = 8_000_000


@pytest.fixture
def url(build: Build) -> str:
    return f"avrsim://attiny1634/{build('line_commands.c', 'attiny1634', f'-DF_CPU={HZ}UL')}"


@pytest.fixture
def port(url: str) -> Iterator[serial.SerialBase]:
    """An open port whose chip has said its R."""
    with serial.serial_for_url(url, timeout=1.0) as opened:
        assert opened.read(1) == b"R"
        yield opened


def emulated_seconds(port: serial.SerialBase) -> float:
    return float(port.chip.cycle) / HZ


def wait_until_another_thread_runs(chip: Chip) -> None:
    try:
        while True:
            _ = chip.cycle
    except errors.ChipBusyError:
        return


def test_importing_the_package_is_enough_to_open_a_url(url: str) -> None:
    program = f"import pyavr_sim, serial; print(serial.serial_for_url({url!r}, timeout=1).read(1))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout == "b'R'\n", done.stderr


def test_a_byte_goes_out_and_comes_back(port: serial.SerialBase) -> None:
    assert port.write(b"eA") == 2
    assert port.read(1) == b"A"
    assert isinstance(port.chip, Chip)
    assert port.chip.var("commands") == 1


def test_read_returns_as_soon_as_the_bytes_are_there(port: serial.SerialBase) -> None:
    before = port.chip.cycle
    port.write(b"eA")

    port.read(1)

    # Two bytes in and one out at 8 cycles a bit, 10 or 11 bits a byte.
    assert port.chip.cycle - before < 500


def test_a_timeout_is_emulated_time(port: serial.SerialBase) -> None:
    port.timeout = 0.25
    before = emulated_seconds(port)

    assert port.read(1) == b""

    assert emulated_seconds(port) - before == pytest.approx(0.25, abs=1e-5)


def test_a_reply_that_is_slow_but_in_time_is_read(port: serial.SerialBase) -> None:
    port.timeout = 0.21
    before = emulated_seconds(port)
    port.write(b"d")

    assert port.read(1) == b"."
    assert emulated_seconds(port) - before == pytest.approx(0.2, abs=0.001)


def test_a_reply_that_is_too_slow_comes_with_the_next_read(port: serial.SerialBase) -> None:
    port.timeout = 0.15
    port.write(b"d")

    assert port.read(1) == b""
    assert port.read(1) == b"."


def test_a_timeout_returns_the_bytes_that_did_come(port: serial.SerialBase) -> None:
    port.write(b"eAeB")

    assert port.read(5) == b"AB"


def test_a_read_without_timeout_gives_up_with_a_reason(
    port: serial.SerialBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert protocol_avrsim.BLOCKING_SECONDS_MAX == 60
    monkeypatch.setattr(protocol_avrsim, "BLOCKING_SECONDS_MAX", 0.55)
    port.timeout = None

    with pytest.raises(serial.SerialException, match=r"0 of 1 bytes came, and no timeout") as error:
        port.read(1)

    assert isinstance(error.value.__cause__, errors.CycleLimitError)
    assert emulated_seconds(port) == pytest.approx(0.55, abs=0.001)


def test_time_stands_still_while_nobody_waits(port: serial.SerialBase) -> None:
    before = port.chip.cycle

    port.write(b"eA")
    assert port.out_waiting == 2

    assert port.chip.cycle == before


def test_polling_in_waiting_makes_progress(port: serial.SerialBase) -> None:
    port.write(b"eAd")
    polls = 0
    while port.in_waiting < 2:
        polls += 1
        assert polls < 1000

    assert port.read(2) == b"A."
    assert polls == pytest.approx(0.2 / POLL_SECONDS, abs=3)


def test_polling_with_timeout_zero_makes_progress(port: serial.SerialBase) -> None:
    port.timeout = 0
    port.write(b"d")

    polls = next(n for n in range(1000) if port.read(1))

    assert polls == pytest.approx(0.2 / POLL_SECONDS, abs=3)


def test_lines_and_terminators_work_as_on_any_port(port: serial.SerialBase) -> None:
    port.write(b"eHeie!e\n")

    assert port.readline() == b"Hi!\n"


def test_flush_runs_until_everything_is_taken(port: serial.SerialBase) -> None:
    port.write(b"eA" * 100)

    port.flush()

    assert port.out_waiting == 0
    assert port.read(100) == b"A" * 100


def test_flush_into_a_chip_that_does_not_listen_times_out(port: serial.SerialBase) -> None:
    port.write_timeout = 0.1
    port.write(b"z" + b"x" * 200)

    with pytest.raises(serial.SerialTimeoutException, match=r"\d+ written bytes were not taken"):
        port.flush()


def test_reset_input_buffer_forgets_what_was_sent(port: serial.SerialBase) -> None:
    port.write(b"eA")
    assert port.in_waiting == 1

    port.reset_input_buffer()
    port.write(b"eB")

    assert port.read(1) == b"B"


def test_dtr_resets_the_chip_when_it_goes_on(port: serial.SerialBase) -> None:
    port.dtr = True
    assert port.in_waiting == 0, "it was on already"

    port.dtr = False
    assert port.in_waiting == 0, "going off does nothing"

    port.dtr = True
    assert port.read(1) == b"R"


def test_dtr_before_opening_resets_nothing(url: str) -> None:
    port = serial.serial_for_url(url, timeout=0.01, do_not_open=True)
    port.dtr = False
    port.open()

    assert port.read(2) == b"R"
    port.close()


def test_the_end_of_the_firmware_is_a_short_read(port: serial.SerialBase) -> None:
    port.write(b"eAz")

    assert port.read(5) == b"A"


def test_the_end_of_the_firmware_without_timeout_is_an_error(port: serial.SerialBase) -> None:
    port.timeout = None
    port.write(b"z")

    with pytest.raises(serial.SerialException, match="the firmware ended") as error:
        port.read(1)

    assert isinstance(error.value.__cause__, errors.FirmwareEndedError)


def test_a_fault_of_the_firmware_is_a_serial_error_until_reset(port: serial.SerialBase) -> None:
    port.write(b"f")

    for _ in range(2):
        with pytest.raises(FirmwareFaultError, match=r"0x0500") as error:
            port.read(1)
    assert isinstance(error.value, serial.SerialException)
    assert isinstance(error.value.fault, errors.OutOfRangeAccessError)
    assert error.value.fault.address == 0x500

    port.dtr = False
    port.dtr = True
    assert port.read(1) == b"R"


def test_another_thread_may_write_while_one_reads(port: serial.SerialBase) -> None:
    port.timeout = None
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(port.read(1)))
    reader.start()

    port.write(b"eA")
    reader.join(timeout=60)

    assert read == [b"A"]


def test_cancel_read_ends_a_read_of_another_thread(port: serial.SerialBase) -> None:
    port.timeout = None
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(port.read(1)))
    reader.start()
    while reader.is_alive():
        port.cancel_read()
        reader.join(timeout=0.01)

    assert read == [b""]


def test_closing_ends_a_read_of_another_thread(port: serial.SerialBase) -> None:
    port.timeout = None
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(port.read(1)))
    reader.start()
    wait_until_another_thread_runs(port.chip)

    port.close()
    reader.join(timeout=60)

    assert read == [b""]


def test_a_closed_port_says_so(port: serial.SerialBase) -> None:
    port.close()

    for use in (lambda: port.read(1), lambda: port.write(b"x"), lambda: port.in_waiting):
        with pytest.raises(serial.PortNotOpenError):
            use()
    with pytest.raises(serial.PortNotOpenError):
        _ = port.chip


def test_opening_again_powers_up_afresh(port: serial.SerialBase) -> None:
    port.write(b"eA")
    port.read(1)

    port.close()
    port.open()

    assert port.chip.cycle == 0
    assert port.read(1) == b"R"


def test_settings_of_a_real_port_are_accepted(url: str) -> None:
    with serial.serial_for_url(
        url, baudrate=500_000, parity="E", stopbits=2, xonxoff=True, timeout=1
    ) as port:
        assert port.read(1) == b"R"
        assert (port.cts, port.dsr, port.cd, port.ri) == (True, True, True, False)


def test_clock_and_seed_come_from_the_url(url: str) -> None:
    def power_up(query: str) -> tuple[int, bytes]:
        with serial.serial_for_url(url + query) as port:
            return port.chip.hz, port.chip.sram.tobytes()

    assert power_up("?hz=1000000&seed=1")[0] == 1_000_000
    assert power_up("?seed=1") == power_up("?seed=1")
    assert power_up("?seed=1") != power_up("?seed=2")


@pytest.mark.parametrize(
    ("query", "timing"),
    [("", "datasheet"), ("?timing=datasheet", "datasheet"), ("?timing=simavr&hz=1", "simavr")],
)
def test_timing_comes_from_the_url(url: str, query: str, timing: str) -> None:
    with serial.serial_for_url(url + query) as port:
        assert port.chip.timing == timing


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("avrsim://attiny1634/build/a.elf", ChipAddress("attiny1634", Path("build/a.elf"))),
        ("avrsim://attiny1634//abs/a.elf", ChipAddress("attiny1634", Path("/abs/a.elf"))),
        ("AVRSIM://attiny85/a%3Fb.hex", ChipAddress("attiny85", Path("a?b.hex"))),
        (
            "avrsim://atmega328p/a.elf?uart=1&seed=7&hz=20000000",
            ChipAddress("atmega328p", Path("a.elf"), 20_000_000, 7, 1),
        ),
        (
            "avrsim://attiny85/a.elf?line=B3,B4,57600",
            ChipAddress("attiny85", Path("a.elf"), line=LineAddress("B3", "B4", 57_600)),
        ),
    ],
)
def test_a_url_names_chip_file_and_settings(url: str, expected: ChipAddress) -> None:
    assert parse_url(url) == expected


@pytest.mark.parametrize(
    ("url", "message", "cause"),
    [
        ("avrsim://attiny1634/absent.elf", "absent.elf", errors.FirmwareError),
        ("avrsim://attiny9999/{elf}", "attiny9999", errors.UnknownChipError),
        ("avrsim://attiny85/{elf}", "built for attiny1634", errors.WrongChipError),
        ("avrsim://attiny1634/{elf}?uart=2", "no UART 2", errors.PortError),
        (
            "avrsim://attiny1634/{elf}?baud=9600",
            "found 'baud'.*expected hz, seed, uart, timing",
            ValueError,
        ),
        ("avrsim://attiny1634/{elf}?hz=fast", "hz='fast'; expected a whole number", ValueError),
        ("avrsim://attiny1634/{elf}?line=B3,B4", "expected RX, TX and baud", ValueError),
        ("avrsim://attiny1634/{elf}?line=B3,B4,0", "baud='0'; expected a whole", ValueError),
        ("avrsim://attiny1634/{elf}?line=B3,B3,9600", "expected two pins", errors.PortError),
        ("avrsim://attiny1634/{elf}?line=B3,Q1,9600", "no port Q; it has", errors.PortError),
        ("avrsim://attiny1634/{elf}?line=B3,B4,9600&uart=0", "both line and uart", ValueError),
        ("avrsim://attiny1634/{elf}?hz=0", "hz='0'; expected .* at least 1", ValueError),
        ("avrsim://attiny1634/{elf}?hz=1&hz=2", "'hz' twice", ValueError),
        ("avrsim://attiny1634/{elf}?seed=-1", "seed='-1'", ValueError),
        ("avrsim://attiny1634/{elf}?timing=avr8js", "timing='avr8js'.*timing=simavr", ValueError),
        ("avrsim://attiny1634/{elf}#x", "write %23", ValueError),
        ("avrsim://attiny1634", "names no path", ValueError),
        ("avrsim:///{elf}", "names no chip", ValueError),
    ],
)
def test_a_url_that_cannot_be_opened_says_why(
    build: Build, url: str, message: str, cause: type[Exception]
) -> None:
    full = url.format(elf=build("line_commands.c", "attiny1634", f"-DF_CPU={HZ}UL"))

    with pytest.raises(serial.SerialException, match=message) as error:
        serial.serial_for_url(full)

    assert isinstance(error.value.__cause__, cause)
