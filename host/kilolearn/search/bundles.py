# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that travel a few at a time, where a message costs about as much as a short call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from typing import Any, TypeAlias

__all__ = ["Bundles"]

_CALLS_MAX = 8
"""On all workers together, when each has one bundle of the greatest size."""

_Call: TypeAlias = Callable[[], Any]
_Outcome: TypeAlias = tuple[Any, BaseException | None]


class Bundles(Executor):
    """Another executor's workers, which are sent several calls at once.

    A call is sent when there are as many as make a bundle, or as soon as fewer bundles are away
    than there are workers: none waits for calls that never come (after Nagle, RFC 896).
    """

    def __init__(self, executor: Executor, workers: int) -> None:
        self._executor = executor
        self._workers = workers
        self._size = max(1, _CALLS_MAX // workers)
        self._lock = threading.Lock()
        self._held: list[tuple[Future[Any], _Call]] = []
        self._away = 0

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `concurrent.futures.Executor`."""
        future: Future[Any] = Future()
        with self._lock:
            self._held.append((future, partial(function, *args, **kwargs)))
        self._send()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `concurrent.futures.Executor`."""
        self._executor.shutdown(wait, cancel_futures=cancel_futures)

    def _send(self) -> None:
        while bundle := self._next():
            futures, calls = zip(*bundle, strict=True)
            try:
                sent = self._executor.submit(_call_all, calls)
            except Exception as error:  # noqa: BLE001 - it may be called back in a strange thread
                sent = Future()
                sent.set_exception(error)
            sent.add_done_callback(partial(self._returned, futures))

    def _next(self) -> list[tuple[Future[Any], _Call]]:
        """What is to be sent now; nothing, if that is to wait for more."""
        with self._lock:
            self._held = [held for held in self._held if not held[0].cancelled()]
            if len(self._held) < self._size and self._away >= self._workers:
                return []
            bundle, self._held = self._held[: self._size], self._held[self._size :]
            self._away += bool(bundle)
            return bundle

    def _returned(self, futures: Sequence[Future[Any]], sent: Future[list[_Outcome]]) -> None:
        with self._lock:
            self._away -= 1
        lost = CancelledError() if sent.cancelled() else sent.exception()
        outcomes = [(None, lost)] * len(futures) if lost else sent.result()
        for future, (value, error) in zip(futures, outcomes, strict=True):
            if not future.set_running_or_notify_cancel():
                continue
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
        self._send()


def _call_all(calls: Sequence[_Call]) -> list[_Outcome]:
    return [_outcome(call) for call in calls]


def _outcome(call: _Call) -> _Outcome:
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets it
        return None, error
