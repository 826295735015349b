# SPDX-License-Identifier: GPL-3.0-or-later
"""The workers of a Dask cluster as an executor that does not wait for ever."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from kilolearn.errors import MissingExtraError, SearchError
from kilolearn.search.bundles import Bundles

__all__ = ["cluster", "one_thread"]

SCHEDULER_SECONDS = 5
"""In which it answers."""

WORKERLESS_SECONDS = 60
"""Without any worker, before the calls are cancelled; looked at every `LOOK_SECONDS`."""

LOOK_SECONDS = 5


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers behind a scheduler, until the end of the block.

    Raises:
        SearchError: No scheduler answers there, or it has no workers.
        MissingExtraError: Dask is not installed.
    """
    client, workers = _dask_client(address)
    done = threading.Event()
    threading.Thread(target=_end_without_workers, args=(client, done), daemon=True).start()
    with client:
        try:
            yield Bundles(client.get_executor(pure=False), workers)
        finally:
            done.set()


def one_thread() -> None:
    """A process a core: libraries start no threads of their own."""
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
    client.register_worker_callbacks(one_thread)
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
