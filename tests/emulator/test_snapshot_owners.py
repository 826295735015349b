# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose a snapshot is: its chip's and nobody else's, in any thread, until it is freed."""

from __future__ import annotations

import gc
import random
import threading

import pytest

from pyavr_sim import Chip, ChipBusyError, ChipClosedError, SnapshotError


def test_only_its_own_chip_takes_it(build):
    firmware = build("ticks.c", "attiny85")
    with Chip("attiny85", firmware) as chip, Chip("attiny85", firmware) as twin:
        chip.run(5000)
        before = twin.state_hash()
        with pytest.raises(SnapshotError, match="another chip"):
            twin.restore(chip.snapshot())
        assert twin.state_hash() == before
        with pytest.raises(TypeError, match="Snapshot"):
            twin.restore(before)
        snapshot = chip.snapshot()
    with pytest.raises(ChipClosedError):
        chip.restore(snapshot)
    with pytest.raises(ChipClosedError):
        chip.snapshot()
    del chip, twin
    gc.collect()
    for _ in range(20):  # one of them may lie where the closed chip lay
        with Chip("attiny85", firmware) as other, pytest.raises(SnapshotError):
            other.restore(snapshot)


def resident_kib() -> int:
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def test_snapshots_are_small_and_leak_nothing(build):
    with Chip("attiny1634", build("selfprog.c", "attiny1634")) as chip:

        def many(count: int) -> int:
            chip.reset()
            held = []
            for n in range(count):
                chip.run(7)
                chip.uart(0).write(b"0123456789")
                chip.flash[-1] = n & 0xFF  # no two in a row share their flash
                held.append(chip.snapshot())
                if n % 10 == 9:
                    chip.restore(held[n // 2])
            return resident_kib()

        assert chip.snapshot().size_bytes < 48 << 10
        settled = many(1000)
        for _ in range(5):
            grown = many(1000) - settled
        assert grown < 3000  # 1 % of the 300 MiB that 5,000 leaked ones would take


def test_threads_do_not_meet(restless):
    """Each with its chip; snapshots are freed by another thread than took them."""
    world = restless("attiny1634", 2)
    expected = world.fresh(100_000).state_hash()
    failures, shared = [], []

    def work(seed: int) -> None:
        cuts = random.Random(seed)
        chip = world.power_up()
        snapshots = [(-1, chip.snapshot())]
        for _ in range(15):
            mark, snapshot = cuts.choice(snapshots)
            chip.restore(snapshot)
            later = cuts.randrange(max(mark, 0), 100_000)
            world.play(chip, mark, later, cuts)
            snapshots.append((later, chip.snapshot()))
            world.play(chip, later, 100_000, cuts)
            if chip.state_hash() != expected:
                failures.append((seed, mark, later))
            shared.append(snapshots.pop(0) if len(snapshots) > 4 else None)
            if len(shared) > 10:
                shared.clear()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_a_running_chip_gives_no_snapshot(build):
    with Chip("attiny85", build("ticks.c", "attiny85")) as chip:
        snapshot = chip.snapshot()
        refused = []

        def try_all() -> None:
            for attempt in (chip.snapshot, lambda: chip.restore(snapshot), chip.state_hash):
                try:
                    attempt()
                except ChipBusyError:
                    refused.append(attempt)

        with chip.engine.use():
            thread = threading.Thread(target=try_all)
            thread.start()
            thread.join()
        assert len(refused) == 3
