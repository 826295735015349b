# SPDX-License-Identifier: GPL-3.0-or-later
"""Where trials are evaluated: here, in processes, or on a Dask cluster, all as one interface."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
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

from kilolearn.errors import MissingExtraError, SearchError
from kilolearn.search.bundles import Bundles

__all__ = ["Here", "Processes", "executor_for", "lost_workers"]

SCHEDULER_SECONDS = 5
LOOK_SECONDS = 5
WORKERLESS_SECONDS = 60
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
        client, workers = _dask_client(scheduler)
        done = threading.Event()
        threading.Thread(target=_end_without_workers, args=(client, done), daemon=True).start()
        with client:
            try:
                yield Bundles(client.get_executor(pure=False), workers)
            finally:
                done.set()
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
    _one_thread()


def _end_with_parent() -> None:
    """A pool's process would wait for calls for ever when the one that asks was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _one_thread() -> None:
    try:
        import threadpoolctl  # noqa: PLC0415 - an extra
    except ImportError:
        return
    threadpoolctl.threadpool_limits(1)


def _dask_client(address: str) -> tuple[Any, int]:
    """A client, and how many workers there are."""
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            f"Dask is not installed ({error}); run: pip install 'kilolearn[cluster]'"
        ) from error
    # A search says in a line what became of its workers; Dask would add a traceback.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        workers = asyncio.run(_workers(address))
    except Exception as error:  # what a stranger at that port says may raise anything
        raise SearchError(
            f"no Dask scheduler answers at {address} ({str(error) or type(error).__name__}); "
            f"expected one as 'dask scheduler' starts it, at tcp://HOST:PORT"
        ) from error
    if not workers:
        raise SearchError(
            f"the Dask scheduler at {address} has no workers; start some with "
            f"'dask worker {address}'"
        )
    client = Client(address, timeout=SCHEDULER_SECONDS, set_as_default=False)
    client.register_worker_callbacks(_one_thread)
    return client, workers


def _end_without_workers(client: Any, done: threading.Event) -> None:
    """Dask waits for ever for new workers; calls are cancelled once there was none for long."""
    seen = time.monotonic()
    while not done.wait(LOOK_SECONDS):
        try:
            workers = len(client.scheduler_info()["workers"])
        except Exception:  # noqa: BLE001 - a scheduler that is gone may raise anything
            workers = 0
        if workers:
            seen = time.monotonic()
        elif time.monotonic() - seen > WORKERLESS_SECONDS:
            client.close()
            return


async def _workers(address: str) -> int:
    """How many there are. Asked by hand: a client that fails to connect takes long to give up."""
    from distributed import rpc  # noqa: PLC0415 - an extra

    async with rpc(address, timeout=SCHEDULER_SECONDS) as scheduler:
        told = await asyncio.wait_for(scheduler.identity(), SCHEDULER_SECONDS)
        return len(told["workers"])
