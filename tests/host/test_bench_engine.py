# SPDX-License-Identifier: GPL-3.0-or-later
"""The engine's benchmark in a short form: one firmware, one round, and no time is asserted."""

from __future__ import annotations

import dataclasses
import json

import pytest
from typer.testing import CliRunner

from kilolearn import bench_engine
from kilolearn.cli import app
from kilolearn.engine_peers import Peer, run_libsimavr
from kilolearn.measure_engine import run_engine

KEYS = {
    "firmware", "cycles", "mhz", "ratio_cli", "ratio_burst", "ratio_cli_tracked",
    "ratio_yasimavr", "ratio_avr8js", "threads_ratio", "exact",
}  # fmt: skip


def kilolearn(*arguments):
    return CliRunner().invoke(app, arguments)


@pytest.fixture(autouse=True)
def one_run_a_round(monkeypatch):
    monkeypatch.setattr(bench_engine, "SECONDS_A_ROUND", 1e-9)


@pytest.fixture
def no_peers(monkeypatch):
    """Nor threads, whose time is another test's."""

    def never(elf, cycles):
        raise AssertionError("an absent peer was run")

    monkeypatch.setattr(bench_engine, "seconds_of_chips", lambda *_: 1.0)
    absent = tuple(Peer(peer.name, lambda: "install it", never) for peer in bench_engine.PEERS)
    monkeypatch.setattr(bench_engine, "PEERS", absent)


def test_it_ends_with_one_json_object():
    done = kilolearn("bench", "engine", "--json", "--rounds", "1", "--firmware", "interrupts")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["bench"] == "engine"
    assert [row["firmware"] for row in told["rows"]] == ["interrupts", "geometric_mean", "worst"]
    for row in told["rows"]:
        assert set(row) == KEYS
        assert row["exact"] is True
        assert 30e6 < row["cycles"] < 150e6
        assert row["ratio_burst"] > 0
        absent = [key for key in KEYS if row[key] is None]
        for key in absent:
            assert key == "ratio_cli_tracked" or key.removeprefix("ratio_") in done.stderr


def test_an_absent_peer_leaves_its_ratio_empty(no_peers):
    rows, elfs = bench_engine.bench_engine(["loop"], rounds=1)
    assert elfs["atmega328p"].is_file()
    for row in rows:
        assert [row[f"ratio_{name}"] for name in ("cli", "burst", "yasimavr", "avr8js")] == [
            None
        ] * 4
        assert row["mhz"] > 0
    assert bench_engine.absent_peers() == dict.fromkeys(
        ["cli", "burst", "yasimavr", "avr8js"], "install it"
    )


@pytest.mark.parametrize("what", ["cycles", "uart", "data"])
def test_a_difference_from_the_reference_is_told(monkeypatch, no_peers, what):
    def other(elf, cycles_a_call):
        found = run_libsimavr(elf, cycles_a_call)
        if what == "cycles":
            return dataclasses.replace(found, cycles=found.cycles + 1)
        changed = bytearray(getattr(found, what))
        changed[-1] ^= 1
        return dataclasses.replace(found, **{what: bytes(changed)})

    monkeypatch.setattr(bench_engine, "run_libsimavr", other)
    rows, _ = bench_engine.bench_engine(["loop"], rounds=1)
    assert [row["exact"] for row in rows] == [False] * 3


@pytest.mark.parametrize("name", bench_engine.FIRMWARES)
def test_every_firmware_does_real_work_and_says_so(name):
    """Its checksum goes over the line; the same bits stand in SRAM."""
    elf = bench_engine.firmware.build(f"probe_engine_{name}", bench_engine.MCU)
    run = run_libsimavr(elf, 100_000)
    assert 30e6 < run.cycles < 150e6
    checksum = int(run.uart.splitlines()[-1], 16)
    assert checksum.to_bytes(4, "little") in run.data[256:]
    tracked = run_engine(elf, bench_engine.MCU, tracking=True, timing="simavr")
    assert (tracked.cycles, tracked.uart) == (run.cycles, run.uart)


def test_the_geometric_mean_and_the_worst_are_over_every_firmware():
    rows = [
        {"firmware": "a", "cycles": 1, "ratio_cli": 4.0, "ratio_burst": None, "exact": True},
        {"firmware": "b", "cycles": 2, "ratio_cli": 9.0, "ratio_burst": 2.0, "exact": False},
    ]
    mean = bench_engine._over_all("geometric_mean", rows)
    worst = bench_engine._over_all("worst", rows)
    assert mean == {"firmware": "geometric_mean", "cycles": 3, "ratio_cli": 6.0,
                    "ratio_burst": None, "exact": False}  # fmt: skip
    assert worst["ratio_cli"] == 4.0


def test_a_strange_firmware_is_refused():
    done = kilolearn("bench", "engine", "--firmware", "absent")
    assert done.exit_code == 2
    assert "interrupts" in done.stderr
