# SPDX-License-Identifier: GPL-3.0-or-later
"""One search, whoever evaluates it and however often it was killed."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from kilolearn.errors import SearchError
from kilolearn.search import engine
from kilolearn.search.engine import objectives, search
from kilolearn.search.evaluate import Problem, evaluate
from kilolearn.search.executors import Processes, executor_for
from kilolearn.search.front import non_dominated

TRIALS = 40


@pytest.fixture(scope="module")
def whole(iris):
    """The search that nothing disturbed."""
    problem = Problem(iris, "attiny85", folds=3, families=("tree", "score"))
    return search(problem, trials=TRIALS, seed=1)


def test_every_trial_is_a_candidate_of_its_own(whole):
    assert whole.tried == TRIALS == len({trial.key for trial in whole.trials})


def test_the_front_is_that_of_the_trials(whole):
    built = [trial for trial in whole.trials if trial.cost]
    points = [objectives(trial, ("flash",), "attiny85") for trial in built]
    assert {trial.key for trial in whole.front} == {built[i].key for i in non_dominated(points)}
    flash = [trial.cost.flash for trial in whole.front]
    assert flash == sorted(flash, reverse=True)
    assert whole.front[0].accuracy >= 95


def test_the_same_seed_gives_the_same_search_and_another_one_another(problem, whole):
    assert search(problem, trials=20, seed=1).trials == whole.trials[:20]
    assert search(problem, trials=20, seed=2).trials != whole.trials[:20]


def test_two_processes_find_what_one_does(problem, whole):
    with executor_for(2) as executor:
        assert search(problem, trials=TRIALS, seed=1, executor=executor) == whole


def test_what_a_trial_took_does_not_tell_the_sampler_anything(problem, whole, monkeypatch):
    """Late results come in any order; here the last submitted is evaluated first."""
    waiting = []

    class Backwards(engine.Here):
        def submit(self, function, /, *args):
            future = engine.Future()
            waiting.append((future, function, args))
            if len(waiting) == 3:
                while waiting:
                    late, call, told = waiting.pop()
                    late.set_result(call(*told))
            return future

    trials = []
    # An incomplete last three would wait for ever.
    with pytest.raises(KeyboardInterrupt):
        search(
            problem, trials=TRIALS, seed=1, executor=Backwards(),
            told=lambda trial: stop_after(trials, trial, 30),
        )  # fmt: skip
    assert tuple(trials) == whole.trials[:30]


def stop_after(trials, trial, count):
    trials.append(trial)
    if len(trials) == count:
        raise KeyboardInterrupt


def test_a_search_that_was_stopped_goes_on_where_it_was(problem, whole, tmp_path, monkeypatch):
    journal = tmp_path / "search.journal"
    with pytest.raises(KeyboardInterrupt):
        search(problem, trials=TRIALS, seed=1, journal=journal,
               told=lambda trial, seen=[]: stop_after(seen, trial, 25))  # fmt: skip
    evaluated = []

    def counted(*told):
        evaluated.append(told)
        return evaluate(*told)

    monkeypatch.setattr(engine, "evaluate", counted)
    assert search(problem, trials=TRIALS, seed=1, journal=journal) == whole
    assert len(evaluated) == TRIALS - 25
    assert search(problem, trials=TRIALS, seed=1, journal=journal) == whole
    assert len(evaluated) == TRIALS - 25


def test_a_killed_search_goes_on_and_a_torn_line_costs_one_trial(problem, whole, tmp_path):
    journal = tmp_path / "search.journal"
    script = f"""
import os, pickle, signal, sys
from pathlib import Path
from kilolearn.search.engine import search
left = 30
def told(trial):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
search(pickle.loads(sys.stdin.buffer.read()), trials={TRIALS}, seed=1, told=told,
       journal=Path({str(journal)!r}))
"""
    killed = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(problem), check=False
    )
    assert killed.returncode == -signal.SIGKILL
    with journal.open("r+b") as file:
        file.truncate(os.path.getsize(journal) - 40)
    found = search(problem, trials=TRIALS, seed=1, journal=journal)
    assert found == whole
    assert found.moved_aside is None


def test_a_damaged_journal_is_moved_aside_and_kept(problem, tmp_path):
    journal = tmp_path / "search.journal"
    search(problem, trials=5, journal=journal)
    lines = journal.read_bytes().split(b"\n")
    damaged = b"\n".join([*lines[:3], lines[3][:30], *lines[4:]])
    journal.write_bytes(damaged)
    found = search(problem, trials=5, journal=journal)
    assert found.moved_aside == tmp_path / "search.journal.corrupt-1"
    assert found.moved_aside.read_bytes() == damaged
    assert search(problem, trials=5, journal=journal) == search(problem, trials=5)
    journal.write_bytes(b"what is this?")
    assert search(problem, trials=2, journal=journal).moved_aside.name.endswith("corrupt-2")


@pytest.mark.parametrize(
    "other", [{"seed": 1}, {"minimise": ("sram",)}, {"minimise": ("flash", "cycles")}]
)
def test_the_journal_of_another_search_is_refused(problem, tmp_path, other):
    journal = tmp_path / "search.journal"
    search(problem, trials=2, journal=journal)
    before = journal.read_bytes()
    with pytest.raises(SearchError, match="the journal of another search"):
        search(problem, trials=2, journal=journal, **other)
    assert journal.read_bytes() == before


def test_two_searches_do_not_write_one_journal(problem, tmp_path):
    journal = tmp_path / "search.journal"

    def told(trial):
        with pytest.raises(SearchError, match="another search writes this journal"):
            search(problem, trials=1, journal=journal)

    search(problem, trials=1, journal=journal, told=told)


def test_a_journal_has_to_have_a_place(problem, tmp_path):
    with pytest.raises(SearchError, match="give a journal that can be written"):
        search(problem, trials=1, journal=tmp_path)


def test_energy_is_in_proportion_to_cycles(problem):
    trial = search(problem, ("cycles", "energy", "sram", "description"), trials=1).trials[0]
    wrong, cycles, energy, sram, bits = objectives(
        trial, ("cycles", "energy", "sram", "description"), "attiny85"
    )
    # 1.5 mA at 3 V and 4 MHz, table 21.2 of the datasheet.
    assert energy == pytest.approx(cycles * 1.5e-3 * 3 / 4e6 * 1e6)
    assert (wrong, sram, bits) == (
        100 - trial.accuracy, trial.cost.sram_high_water, trial.description_bits,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"minimise": ("speed",)}, "unknown 'speed'; expected flash, sram"),
        ({"minimise": ()}, "minimise nothing"),
        ({"minimise": ("flash", "flash")}, "each once"),
        ({"trials": 0}, "0 trials; expected one or more"),
        ({"sampler": "luck"}, "unknown 'luck'; expected nsga2, random"),
    ],
)
def test_a_search_that_cannot_be_is_refused(problem, asked, says):
    with pytest.raises(SearchError, match=says):
        search(problem, **asked)


def test_energy_of_a_chip_without_a_figure_is_refused(iris):
    with pytest.raises(SearchError, match="minimise cycles"):
        search(Problem(iris, "atmega88", families=("tree",)), ("energy",), trials=1)


def test_a_space_that_is_all_tried_ends_the_search(iris):
    two = iris.columns([2]).coarser(1)
    found = search(Problem(two, "attiny85", folds=3, families=("tree",)), trials=400)
    assert found.tried < 400
    assert found.duplicates == 1200 - found.tried


def test_workers_that_never_come_to_an_end_are_given_up(problem, monkeypatch):
    class Asleep(engine.Here):
        def submit(self, function, /, *args):
            return engine.Future()

    monkeypatch.setattr(engine, "_TRIAL_SECONDS_MAX", 0.01)
    with pytest.raises(SearchError, match="see whether the workers live"):
        search(problem, trials=2, executor=Asleep())


def test_a_process_that_dies_loses_no_call(tmp_path):
    marker = tmp_path / "marker"
    marker.touch()
    die_once = (
        f"__import__('os').path.exists({str(marker)!r}) and (__import__('os').remove("
        f"{str(marker)!r}), __import__('os').kill(__import__('os').getpid(), 9)) or 7"
    )
    with executor_for(2) as executor:
        assert isinstance(executor, Processes)
        others = [executor.submit(pow, 2, n) for n in range(8)]
        assert executor.submit(eval, die_once).result(60) == 7
        assert [call.result(60) for call in others] == [2**n for n in range(8)]


def test_what_was_not_begun_when_the_block_ends_is_dropped():
    with executor_for(2) as executor:
        calls = [executor.submit(time.sleep, 0.3) for _ in range(30)]
    assert sum(call.cancelled() for call in calls) >= 20
    assert all(call.done() for call in calls)


def test_a_candidate_that_kills_its_workers_ends_the_search_in_words(problem):
    class Deadly(engine.Here):
        def submit(self, function, /, *args):
            future = engine.Future()
            future.set_exception(BrokenProcessPool("three times"))
            return future

    with pytest.raises(SearchError, match="BrokenProcessPool; expected one within"):
        search(problem, trials=2, executor=Deadly())


def test_a_call_that_always_kills_its_process_is_given_up():
    with executor_for(2) as executor, pytest.raises(BrokenProcessPool):
        executor.submit(os._exit, 1).result(60)


def test_no_process_outlives_the_one_that_asks():
    script = """
import os, signal
from kilolearn.search.executors import executor_for
with executor_for(2) as executor:
    print(executor.submit(abs, -7).result(60), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    asking = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    told, _ = asking.communicate(timeout=60)  # the end of what all of them write
    assert (asking.returncode, told) == (-signal.SIGKILL, b"7\n")
