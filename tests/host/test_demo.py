# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration fails when what it shows is not so."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from kilolearn import cli, demo
from kilolearn.errors import AccuracyError, PortError, TwinMismatchError
from kilolearn.measure import EmulatedLearner
from kilolearn.twin import Twin


def shown(epochs=1):
    silent = lambda *_: nullcontext(lambda _: None)  # noqa: E731
    return demo.demonstrate(lambda _: None, silent, "atmega168p", seed=2, epochs=epochs)


def test_it_shows_accuracy_and_cost():
    result = shown(epochs=2)
    assert result.learned.accuracy >= demo.ACCURACY_MIN
    assert result.cost.train.calls == 2 * 1437
    assert result.training_cycles > 2 * 1437 * result.cost.train.mean
    assert [b.accuracy > 90 for b in result.baselines] == [True, True]


def test_a_twin_of_other_bits_is_noticed(monkeypatch):
    class Stranger(Twin):
        def reset(self, seed):
            super().reset(seed + 1)

    monkeypatch.setattr(demo, "Twin", Stranger)
    with pytest.raises(TwinMismatchError, match="training epoch 0, step"):
        shown()


def test_weights_in_sram_unlike_those_on_the_wire_are_noticed(monkeypatch):
    monkeypatch.setattr(EmulatedLearner, "weights_in_sram", lambda self: bytes(610))
    with pytest.raises(TwinMismatchError, match="not those in SRAM"):
        shown()


def test_too_little_learned_is_no_success(monkeypatch):
    monkeypatch.setattr(demo, "ACCURACY_MIN", 100.5)
    with pytest.raises(AccuracyError, match="right on unseen digits"):
        shown()


@pytest.mark.parametrize(
    ("error", "code"), [(TwinMismatchError, 1), (AccuracyError, 1), (PortError, 2)]
)
def test_a_verdict_exits_with_1_and_a_bad_input_with_2(monkeypatch, capsys, error, code):
    def fail():
        raise error("one message")

    monkeypatch.setattr(cli, "app", fail)
    with pytest.raises(SystemExit) as exited:
        cli.main()
    assert exited.value.code == code
    assert capsys.readouterr().err == "kilolearn: one message\n"
