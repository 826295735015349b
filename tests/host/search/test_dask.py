# SPDX-License-Identifier: GPL-3.0-or-later
"""A search on a Dask cluster whose workers die finds what one process does."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest
from distributed import LocalCluster

from kilolearn.errors import SearchError
from kilolearn.search import cluster as cluster_module
from kilolearn.search.engine import search
from kilolearn.search.executors import executor_for

TRIALS = 24


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
    ) as cluster:
        yield cluster


def test_a_killed_worker_loses_no_trial(problem, cluster):
    killed = []

    def told(trial):
        seen.append(trial)
        if len(seen) == 10:
            worker = next(iter(cluster.workers.values()))
            killed.append(worker.process.pid)
            os.kill(worker.process.pid, signal.SIGKILL)

    seen: list[object] = []
    with executor_for(scheduler=cluster.scheduler_address) as executor:
        found = search(problem, trials=TRIALS, seed=3, executor=executor, told=told)
    assert killed
    assert len(seen) == TRIALS
    assert found == search(problem, trials=TRIALS, seed=3)


def test_a_cluster_that_has_lost_all_its_workers_ends_the_search_in_words(problem, monkeypatch):
    monkeypatch.setattr(cluster_module, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(cluster_module, "WORKERLESS_SECONDS", 1)
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0") as cluster:
        says = pytest.raises(SearchError, match="see whether the workers live, and start again")
        with executor_for(scheduler=cluster.scheduler_address) as executor, says:
            search(problem, trials=TRIALS, executor=executor, told=lambda _: cluster.scale(0))


def test_a_scheduler_that_is_not_there_is_an_error_in_seconds(monkeypatch):
    monkeypatch.setattr(cluster_module, "SCHEDULER_SECONDS", 1)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        says = pytest.raises(SearchError, match=f"no Dask scheduler answers at {address}")
        with says, executor_for(scheduler=address):
            pass


def test_a_scheduler_without_workers_is_an_error():
    with LocalCluster(n_workers=0, protocol="tcp", dashboard_address=":0") as idle:
        says = pytest.raises(SearchError, match="has no workers; start some with 'dask worker")
        with says, executor_for(scheduler=idle.scheduler_address):
            pass


@pytest.mark.parametrize("address", ["nonsense", "", "tcp://", "udp://127.0.0.1:1"])
def test_an_address_that_is_none_is_an_error(address):
    says = pytest.raises(SearchError, match="no Dask scheduler answers")
    with says, executor_for(scheduler=address):
        pass
