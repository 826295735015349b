# SPDX-License-Identifier: GPL-3.0-or-later
"""Where trials are evaluated: here, in processes, or on a Dask cluster, all as one interface."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
)
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from kilolearn.search.cluster import cluster, one_thread

__all__ = ["Here", "Processes", "executor_for", "lost_workers"]

_LOSSES_MAX = 3


class Here(Executor):
    """This process: a call is done when it has been submitted."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call, and keep what it returns or raises."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets it
            future.set_exception(error)
        return future


class Processes(Executor):
    """Processes that may die: what one of them had in hand is done again in a new pool.

    A call that takes a pool down with it three times is given up.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._closed = False
        self._pool = self._new_pool()

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `concurrent.futures.Executor`."""
        outer: Future[Any] = Future()
        self._send(outer, lambda pool: pool.submit(function, *args, **kwargs), 0)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As `concurrent.futures.Executor`."""
        with self._lock:
            self._closed = True
            pool = self._pool
        pool.shutdown(wait, cancel_futures=cancel_futures)

    def _send(
        self, outer: Future[Any], submit: Callable[[Executor], Future[Any]], losses: int
    ) -> None:
        with self._lock:
            pool = self._pool
            try:
                inner = submit(pool)
            except BrokenProcessPool:  # known to be broken before its calls were told
                pool = self._pool = self._new_pool()
                inner = submit(pool)

        def done(inner: Future[Any]) -> None:
            if inner.cancelled():
                outer.cancel()
                return
            error = inner.exception()
            lost = isinstance(error, BrokenProcessPool) and losses + 1 < _LOSSES_MAX
            if lost and not outer.cancelled() and self._renewed(pool):
                self._send(outer, submit, losses + 1)
            elif not outer.set_running_or_notify_cancel():
                return
            elif error is not None:
                outer.set_exception(error)
            else:
                outer.set_result(inner.result())

        inner.add_done_callback(done)
        outer.add_done_callback(lambda outer: outer.cancelled() and inner.cancel())

    def _renewed(self, broken: ProcessPoolExecutor) -> bool:
        """Whether there is another pool now; none after the end."""
        with self._lock:
            if self._pool is broken and not self._closed:
                self._pool = self._new_pool()
            return not self._closed

    def _new_pool(self) -> ProcessPoolExecutor:
        # Fresh processes: a forked one would inherit threads and open libraries.
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._count, context, initializer=_start_worker)


@contextmanager
def executor_for(jobs: int = 1, scheduler: str | None = None) -> Iterator[Executor]:
    """Workers, until the end of the block; what they have not begun by then is dropped.

    Args:
        jobs: Processes here; 1 is this one.
        scheduler: Address of a Dask scheduler, ``tcp://host:8786``, instead.

    Raises:
        SearchError: No scheduler answers there.
        MissingExtraError: Dask is asked for and not installed.
    """
    if scheduler is not None:
        with cluster(scheduler) as executor:
            yield executor
        return
    executor = Processes(jobs) if jobs > 1 else Here()
    try:
        yield executor
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def lost_workers() -> tuple[type[BaseException], ...]:
    """What a future raises when its call has not come to an end, through no fault of its own."""
    dask = sys.modules.get("distributed")
    killed = (dask.scheduler.KilledWorker,) if dask is not None else ()
    return (CancelledError, TimeoutError, BrokenExecutor, *killed)


def _start_worker() -> None:
    """A process a core: no threads that compute. Ctrl-C is for the one that asks."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    one_thread()


def _end_with_parent() -> None:
    """A pool's process would wait for calls for ever when the one that asks was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
