# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of a search: each trial as it is told, one line of a file, for a search that goes on.

It is a study in Optuna's journal storage, so that Optuna's own tools read it. A last line that a
power cut left without its end is cut off; that trial is evaluated again. A journal that cannot be
read otherwise is moved aside, never overwritten.
"""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from kilolearn.classifier.cost import Cost
from kilolearn.errors import MissingExtraError, SearchError
from kilolearn.families.genes import Gene, Whole
from kilolearn.search.evaluate import Trial

__all__ = ["Journal", "load_optuna", "optuna_distributions"]

_STUDY = "kilolearn search"


class Journal:
    """A journal, held by one search at a time.

    Attributes:
        trials: What it held when it was opened, in the order told.
        moved_aside: Where a file that was no readable journal went, or None.
    """

    def __init__(self, path: Path, digest: str, space: dict[str, Gene], objectives: int) -> None:
        """Open or begin one.

        Args:
            path: The file.
            digest: Of what is searched; a journal of another digest is refused.
            space: What trials are chosen from.
            objectives: Numbers that are minimised.

        Raises:
            SearchError: Another search's, in use, or no place to write to.
            MissingExtraError: Optuna is not installed.
        """
        self._distributions = optuna_distributions(space)
        self.moved_aside: Path | None = None
        self._file = _held(path)
        try:
            try:
                _cut_torn_line(path)
                self._study, self.trials = _read(path, digest, objectives)
            except SearchError:
                raise
            except Exception:  # noqa: BLE001 - whatever a damaged line makes of Optuna's reader
                self.moved_aside = _move_aside(path)
                self._file.close()
                self._file = _held(path)
                self._study, self.trials = _read(path, digest, objectives)
        except BaseException:
            self._file.close()
            raise

    def append(self, trial: Trial, values: Sequence[float]) -> None:
        """Write a trial to the disk."""
        frozen = load_optuna().trial.create_trial(
            values=list(values),
            params=dict(trial.genes),
            distributions={name: self._distributions[name] for name in trial.genes},
            user_attrs={"trial": asdict(trial)},
        )
        self._study.add_trial(frozen)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def load_optuna() -> Any:
    """The package `optuna`, silent about what it does.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import optuna  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"Optuna is not installed ({error}), and this needs it; run: "
            f"pip install 'kilolearn[search]'"
        ) from error
    optuna.logging.get_logger("optuna").setLevel(logging.ERROR)
    return optuna


def optuna_distributions(space: Mapping[str, Gene]) -> dict[str, Any]:
    """Genes as Optuna calls them."""
    kinds = load_optuna().distributions
    return {
        name: kinds.IntDistribution(gene.low, gene.high, log=gene.log)
        if isinstance(gene, Whole)
        else kinds.CategoricalDistribution(gene.options)
        for name, gene in space.items()
    }


class _OursAlready:
    """Optuna's lock a line. We hold the whole file; and a kill leaves no lock of ours behind."""

    def acquire(self) -> bool:
        return True

    def release(self) -> None:
        pass


def _held(path: Path) -> Any:
    """The file, locked until it is closed or the process ends, however it ends."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise SearchError(
            f"{path}: {error.strerror}; give a journal that can be written"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise SearchError(
            f"{path}: another search writes this journal; wait for it, or give another file"
        ) from error
    return file


def _cut_torn_line(path: Path) -> None:
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    # A file that never had a whole line is none of ours.
    if 0 < whole < len(content):
        os.truncate(path, whole)


def _read(path: Path, digest: str, objectives: int) -> tuple[Any, tuple[Trial, ...]]:
    optuna = load_optuna()
    backend = optuna.storages.journal.JournalFileBackend(str(path), lock_obj=_OursAlready())
    storage = optuna.storages.JournalStorage(backend)
    if path.stat().st_size == 0:
        study = optuna.create_study(
            storage=storage, study_name=_STUDY, directions=["minimize"] * objectives
        )
        study.set_user_attr("digest", digest)
        return study, ()
    study = optuna.load_study(storage=storage, study_name=_STUDY)
    if study.user_attrs["digest"] != digest:
        raise SearchError(
            f"{path} is the journal of another search; expected the same data, chip, folds, "
            f"families, objectives and seed: give another file"
        )
    return study, tuple(_trial(frozen.user_attrs["trial"]) for frozen in study.trials)


def _trial(told: dict[str, Any]) -> Trial:
    cost = told["cost"] and Cost(**told["cost"])
    return Trial(**(told | {"cost": cost, "fold_accuracies": tuple(told["fold_accuracies"])}))


def _move_aside(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.corrupt-{number}")).exists():
        number += 1
    return path.rename(aside)
