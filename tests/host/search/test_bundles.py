# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls that travel together come back as if each had gone alone."""

from __future__ import annotations

from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor, as_completed

import pytest

from kilolearn.search.bundles import Bundles


class Post(Executor):
    """Keeps what it is sent until it is answered by hand."""

    def __init__(self):
        self.sent = []

    def submit(self, function, /, *args):
        self.sent.append((Future(), function, args))
        return self.sent[-1][0]

    def sizes(self):
        return [len(calls) for _, _, (calls,) in self.sent]

    def answer(self):
        future, function, args = self.sent.pop(0)
        future.set_result(function(*args))


@pytest.fixture
def post():
    return Post()


def test_every_call_comes_back_with_its_own_result_or_error():
    with Bundles(ThreadPoolExecutor(2), 2) as bundles:
        futures = [bundles.submit(divmod, 100, n) for n in range(-20, 20)]
        assert len(list(as_completed(futures, 60))) == 40
    for n, future in zip(range(-20, 20), futures, strict=True):
        if n:
            assert future.result() == divmod(100, n)
        else:
            assert isinstance(future.exception(), ZeroDivisionError)


def test_no_worker_idles_for_want_of_a_full_bundle(post):
    bundles = Bundles(post, 2)
    futures = [bundles.submit(abs, -n) for n in range(12)]
    assert post.sizes() == [1, 1, 4, 4]
    post.answer()
    post.answer()
    assert post.sizes() == [4, 4]
    post.answer()
    assert post.sizes() == [4, 2]
    assert [future.result() for future in futures if future.done()] == [0, 1, 2, 3, 4, 5]
    post.answer()
    post.answer()
    assert [future.result(0) for future in futures] == list(range(12))


@pytest.mark.parametrize(("workers", "size"), [(1, 8), (2, 4), (3, 2), (8, 1), (40, 1)])
def test_many_workers_are_sent_few_calls_each(post, workers, size):
    bundles = Bundles(post, workers)
    for n in range(workers + 16):
        bundles.submit(abs, n)
    assert post.sizes() == [1] * workers + [size] * (16 // size)


def test_who_loses_a_bundle_says_so_to_every_call_of_it(post):
    bundles = Bundles(post, 1)
    futures = [bundles.submit(abs, n) for n in range(1 + 8 + 8 + 1)]
    post.answer()
    post.sent.pop(0)[0].set_exception(OSError("the worker is gone"))
    post.sent.pop(0)[0].cancel()
    post.answer()
    assert futures[0].result(0) == 0
    assert futures[17].result(0) == 17
    for future in futures[1:9]:
        with pytest.raises(OSError, match="is gone"):
            future.result(0)
    for future in futures[9:17]:
        assert isinstance(future.exception(0), CancelledError)


def test_what_is_cancelled_is_not_sent(post):
    bundles = Bundles(post, 1)
    futures = [bundles.submit(abs, n) for n in range(5)]
    assert all(future.cancel() for future in futures[1:4])
    post.answer()
    assert post.sizes() == [1]
    post.answer()
    assert futures[4].result(0) == 4
    assert all(future.cancelled() for future in futures[1:4])


def test_what_cannot_be_sent_comes_back_with_the_error(post, monkeypatch):
    bundles = Bundles(post, 1)
    futures = [bundles.submit(abs, n) for n in range(3)]

    def closed(*_):
        raise RuntimeError("the client is closed")

    monkeypatch.setattr(post, "submit", closed)
    post.answer()
    assert futures[0].result(0) == 0
    for future in futures[1:]:
        with pytest.raises(RuntimeError, match="client is closed"):
            future.result(0)
