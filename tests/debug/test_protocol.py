# SPDX-License-Identifier: GPL-3.0-or-later
"""Packets as such: what a client may send, well or ill meant."""

from __future__ import annotations

import random
import socket

import pytest

from pyavr_sim import Chip
from pyavr_sim.debug.motion import Motion
from pyavr_sim.debug.protocol import INTERRUPTED, Protocol


@pytest.fixture
def protocol(stations):
    with Chip("atmega328p", stations) as chip:
        yield Protocol(Motion(chip, chip.keep_history()), lambda text: None)


@pytest.mark.parametrize(
    ("packet", "answer"),
    [
        (b"vMustReplyEmpty", b""),
        (b"", b""),
        (b"qSymbol::", b""),
        (b"\xff\x00nonsense", b""),
        (b"qAttached", b"1"),
        (b"vCont?", b"vCont;c;C;s;S"),
        (b"m800100,0", b""),
        (b"m8008fe,4", None),  # two bytes of SRAM and two beyond: a frame above main()
        (b"m800910,1", b"E01"),
        (b"m0,ffffff", b"E01"),
        (b"mfffffff0,4", b"E01"),
        (b"m8000,1", b"E01"),  # flash ends at 0x7FFF
        (b"M800100,2:aa", b"E01"),
        (b"M800100,1:zz", b"E01"),
        (b"p23", b"E01"),  # 35, one past PC
        (b"P0=0102", b"E01"),
        (b"P22=01000000", b"E01"),  # an odd PC
        (b"G00", b"E01"),
        (b"Z0,1,2", b"E01"),
        (b"Z0,8000,2", b"E01"),
        (b"Z2,100,1", b"E01"),  # flash cannot be watched
        (b"Z2,8008ff,2", b"E01"),
        (b"Z5,100,1", b""),
        (b"cffff", b"E01"),
        (b"qRcmd,6g", b"E01"),
    ],
)
def test_each_gets_the_answer_that_the_manual_asks_for(protocol, packet, answer):
    found = protocol.answer(packet)

    assert found == answer if answer is not None else len(found) == 8


def test_registers_are_those_of_avr_gdb(protocol):
    chip = protocol.motion.chip
    chip.registers[:] = range(32)
    chip.sreg = 0x82

    assert protocol.answer(b"P21=fb08") == b"OK"
    assert protocol.answer(b"P22=a6000000") == b"OK"
    assert protocol.answer(b"g") == bytes(range(32)).hex().encode() + b"82fb08a6000000"
    assert (chip.sp, chip.pc, chip.sreg) == (0x8FB, 0xA6, 0x82)
    assert protocol.answer(b"G" + b"11" * 32 + b"03f808aa000000") == b"OK"
    assert (chip.sp, chip.pc, chip.sreg, chip.registers[31]) == (0x8F8, 0xAA, 3, 0x11)


def test_memories_are_where_avr_gdb_has_them(protocol):
    chip = protocol.motion.chip
    assert protocol.answer(b"M810000,2:abcd") == b"OK"
    assert protocol.answer(b"X800200,3:\x00#}") == b"OK"
    assert protocol.answer(b"M7ffe,2:0895") == b"OK"
    assert protocol.answer(b"M80005f,1:81") == b"OK"

    assert chip.eeprom[:2].tobytes() == b"\xab\xcd"
    assert chip.data[0x200:0x203].tobytes() == b"\x00#}"
    assert chip.flash[-2:].tobytes() == b"\x08\x95"
    assert chip.sreg == 0x81
    assert protocol.answer(b"m810000,2") == b"abcd"


def test_no_random_packet_breaks_it(protocol):
    chance = random.Random(1)
    letters = b"gGmMpPXzZcCsSqQvkDHT?b0123456789abcdef,:;=\x00\xff"
    for _ in range(3_000):
        packet = bytes(chance.choices(letters, k=chance.randrange(12)))
        answer = protocol.answer(packet)
        if not isinstance(answer, bytes):
            protocol.stop_reply(next(answer) or INTERRUPTED)
            answer.close()


def test_a_damaged_packet_is_asked_for_again_and_an_answer_given_again(serve, stations):
    with serve(stations).client() as client:
        client.send(b"$?#00")
        assert client.receive() == b"-"
        answer = client.ask(b"?")
        assert answer.startswith(b"T05")
        client.send(b"-")
        assert client.receive() == answer
        client.send(b"$" + b"m" * 100_000 + b"#00")
        assert client.receive() == b"E01"
        assert client.ask(b"vMustReplyEmpty") == b""


def test_a_client_that_drops_makes_room_for_the_next(serve, stations):
    server = serve(stations)
    for goodbye in (b"", b"$m0,", b"$c#63", b"\x00\xff\x03"):
        with server.client() as client:
            assert client.ask(b"Z0,a6,2") == b"OK"
            client.send(goodbye)
    with server.client() as client:
        assert client.ask(b"?").startswith(b"T")
        client.ask(b"k")
    code, _, said = server.ended()
    assert code == 0
    assert said.count("the client was lost") == 4
    assert "Traceback" not in said


def test_an_interrupt_byte_stops_the_chip_and_says_so(serve, stations):
    with serve(stations).client() as client:
        client.send(b"$vCont;c#a8")
        client.send(b"\x03")
        assert client.receive().startswith(b"T02")
        assert client.ask(b"QStartNoAckMode") == b"OK"
        client.send(b"$?#3f")
        assert client.socket.recv(1) == b"$"  # and no + before it


def test_it_listens_on_this_machine_alone(serve, stations):
    server = serve(stations)
    with socket.socket() as probe, pytest.raises(OSError, match="refused"):
        probe.connect(("127.0.0.2", server.port))
