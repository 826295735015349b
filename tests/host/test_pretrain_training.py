# SPDX-License-Identifier: GPL-3.0-or-later
"""Training for a chip's flash: a seed repeats it, and what it rounds is what the file holds."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose
from typer.testing import CliRunner

from kilolearn.cli import app
from kilolearn.errors import KilolearnError, WeightsError
from kilolearn.pretrain.family import family_of
from kilolearn.pretrain.operations import Numpy
from kilolearn.pretrain.scoring import bits_a_character
from kilolearn.pretrain.teacher import Teacher
from kilolearn.pretrain.text import Corpus, as_symbols
from kilolearn.pretrain.weights import PretrainedWeights

PLAY = "".join(
    f"{name}:\nGood {word}, what say you to Romeo and to me?\n\n"
    for name, word in [("FIRST KING", "sir"), ("ROMEO", "friend"), ("JULIET", "night")] * 60
)
SMALL = {
    "transformer": (8, 2, 2, 4, 2, 6, 4),
    "ngram": (20, 30, 40),
    "mlp": (3, 8),
    "gru": (8,),
}
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch, the extra train, is not installed"
)


@pytest.fixture
def play(tmp_path: Path) -> Path:
    path = tmp_path / "play.txt"
    path.write_text(PLAY, encoding="utf-8")
    return path


def pretrain(*arguments: object) -> tuple[int, str]:
    """Exit code and output of the command, or of the error that it ends with."""
    result = CliRunner().invoke(app, ["pretrain", *map(str, arguments)])
    if isinstance(result.exception, KilolearnError):
        return 2, str(result.exception)
    return result.exit_code, result.output


@needs_torch
@pytest.mark.parametrize("family", SMALL)
def test_a_seed_and_a_number_of_steps_give_the_same_file(
    play: Path, tmp_path: Path, family: str
) -> None:
    files = [tmp_path / name for name in ("first.npz", "second.npz", "other.npz")]

    for seed, file in zip((1, 1, 2), files, strict=True):
        options = ("--family", family, "--steps", 2, "--seed", seed, "--out", file)
        code, told = pretrain(play, *options)
        assert code == 0, told

    first, second, other = (PretrainedWeights.load(file).integers for file in files)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert not all(np.array_equal(first[name], other[name]) for name in first)


@needs_torch
def test_training_learns_and_scores_what_it_has_stored(play: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.npz"

    code, told = pretrain(play, "--steps", 40, "--rate", 0.03, "--score", "--out", file)

    assert code == 0, told
    weights = PretrainedWeights.load(file)
    corpus = Corpus.read(play)
    for name, before, part in [
        ("validation", corpus.train, corpus.validation),
        ("held-out", corpus.train + corpus.validation, corpus.held_out),
    ]:
        symbols = as_symbols(before + part, weights.alphabet)
        bits = bits_a_character(weights.family, weights.real(), symbols, len(before))
        assert f"{name} {bits:.4f} bits a character" in told
        assert bits < 3.5  # an untrained model: 4.9


@needs_torch
def test_pytorch_and_numpy_compute_the_same_logits() -> None:
    """Of the floats behind the integers, rounded, and of the integers as stored."""
    import torch  # noqa: PLC0415

    from kilolearn.pretrain.operations import Torch  # noqa: PLC0415
    from kilolearn.pretrain.parameters import Parameters  # noqa: PLC0415

    for name, shape in SMALL.items():
        family = family_of(name, 11, shape)
        parameters = Parameters(family, seed=5, cut=False)
        text = np.random.default_rng(5).integers(0, 11, (3, 30))
        with torch.no_grad():
            ours = family.logits(parameters.real(), torch.from_numpy(text), Torch()).numpy()
        stored = parameters.weights(bytes(range(11)))

        theirs = family.logits(stored.real(), text, Numpy())

        # Sums in another order: now and then an activation rounds to the neighbour.
        assert np.quantile(np.abs(ours - theirs), 0.9) < 1e-3, name


@needs_torch
def test_attention_has_the_gradient_of_its_formula() -> None:
    """Against PyTorch's own derivative of the formula over the whole length."""
    import torch  # noqa: PLC0415

    from kilolearn.pretrain.attention import attention_function  # noqa: PLC0415

    heads, texts, length, window = 2, 3, 11, 4
    draw = torch.Generator().manual_seed(0)
    shapes = [(heads, 8, texts, length), (8, texts, length), (8, texts, length), (heads, window)]
    inputs = [
        torch.randn(shape, generator=draw, dtype=torch.double, requires_grad=True)
        for shape in shapes
    ]
    query, key, value, bias = inputs
    padded_key, padded_value = (
        torch.cat([torch.zeros(8, texts, window - 1, dtype=torch.double), x], 2)
        for x in (key, value)
    )
    columns = [[at + window - 1 - w for at in range(length)] for w in range(window)]
    near_key = torch.stack([padded_key[:, :, c] for c in columns])  # (window, 8, texts, length)
    near_value = torch.stack([padded_value[:, :, c] for c in columns])
    score = torch.einsum("hibt,wibt->hwbt", query, near_key) + bias[:, :, None, None]
    share = 2**score / (2**score).sum(1, keepdim=True)
    formula = torch.einsum("hwbt,wibt->hibt", share, near_value)

    ours = attention_function()(query, key, value, bias)

    above = torch.randn(formula.shape, generator=draw, dtype=torch.double)
    assert_allclose(ours.detach(), formula.detach(), atol=1e-12)
    for own, expected in zip(
        torch.autograd.grad(ours, inputs, above),
        torch.autograd.grad(formula, inputs, above),
        strict=True,
    ):
        assert_allclose(own, expected, atol=1e-12)


@needs_torch
@pytest.mark.parametrize(("cut", "gradient"), [(False, 1.0), (True, 0.0)])
def test_a_level_at_the_end_of_its_range_can_turn_around_or_stays(
    cut: bool, gradient: float
) -> None:
    import torch  # noqa: PLC0415

    from kilolearn.pretrain.parameters import Parameters  # noqa: PLC0415

    parameters = Parameters(family_of("mlp", 11, SMALL["mlp"]), seed=0, cut=cut)
    with torch.no_grad():
        parameters.rows[:] = 100.0
    sum(rows.sum() for rows in parameters.real().values()).backward()

    assert_allclose(parameters.rows.grad, gradient)
    assert (parameters.weights(bytes(11)).integers["hidden"] == 7).all()
    parameters.pull_back()
    with torch.no_grad():
        assert float(parameters.rows.max()) < 7.5 * float(torch.exp2(parameters.log_scales).max())


@needs_torch
def test_a_teacher_is_stored_and_its_answers_are_learned(play: Path, tmp_path: Path) -> None:
    from kilolearn.pretrain.training import Recipe, train  # noqa: PLC0415

    corpus = Corpus.read(play)
    small = family_of("transformer", len(corpus.alphabet), SMALL["transformer"])
    about_teacher = Recipe(steps=3, rounds=False, dropout=0.1)

    floats = train(small, corpus.train, corpus.alphabet, about_teacher, lambda _: None)
    Teacher(small, floats.arrays()).save(tmp_path / "teacher.npz")
    teacher = Teacher.load(tmp_path / "teacher.npz", len(corpus.alphabet))
    answers = teacher.answers(corpus.symbols(corpus.train))
    taught, alone = (
        train(small, corpus.train, corpus.alphabet, Recipe(steps=3), lambda _: None, given)
        for given in (teacher, None)
    )

    assert answers.shape == (len(corpus.train), len(corpus.alphabet))
    assert_allclose(answers.astype(float).sum(1), 1, atol=0.01)
    assert not np.array_equal(taught.rows.detach(), alone.rows.detach())
    with pytest.raises(WeightsError, match="teacher for 12 symbols"):
        Teacher.load(tmp_path / "teacher.npz", 12)


def test_without_pytorch_the_extra_is_named(
    play: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)

    code, told = pretrain(play, "--steps", 1, "--out", tmp_path / "weights.npz")

    assert code == 2
    assert "pip install 'kilolearn[train]'" in told


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--family", "diffusion"), "expected one of: transformer 16k"),
        (("--form", "64k"), "expected one of: transformer 16k"),
        (("--out", "/nowhere/at/all.npz"), "/nowhere/at is no folder"),
        (("--teacher", "missing.npz"), "missing.npz"),
    ],
)
def test_what_cannot_be_trained_is_told_first(
    play: Path, tmp_path: Path, options: tuple[str, str], told: str
) -> None:
    code, output = pretrain(play, "--steps", 1, "--out", tmp_path / "weights.npz", *options)

    assert code == 2
    assert told in output


def test_a_missing_text_is_told(tmp_path: Path) -> None:
    code, output = pretrain(tmp_path / "none.txt", "--out", tmp_path / "weights.npz")

    assert code == 2
    assert "give a text that can be read" in output


@needs_torch
def test_training_leaves_the_smallest_floats_to_others() -> None:
    from kilolearn.pretrain.training import Recipe, train  # noqa: PLC0415

    alphabet = bytes(sorted(set(PLAY.encode())))
    family = family_of("mlp", len(alphabet), SMALL["mlp"])
    during = []

    def show(_: object) -> None:
        during.append(np.float32(1e-40) * np.float32(1))

    train(family, PLAY.encode(), alphabet, Recipe(steps=1), show)

    assert during == [0]
    assert np.float32(1e-40) * np.float32(1) > 0


@needs_torch
def test_training_goes_on_from_weights(play: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    assert pretrain(play, "--steps", 4, "--out", first)[0] == 0

    code, told = pretrain(play, "--steps", 1, "--rate", 1e-6, "--start", first, "--out", second)

    assert code == 0, told
    before, after = (PretrainedWeights.load(file).integers for file in (first, second))
    assert all(np.abs(before[name] - after[name]).max() <= 1 for name in before)
    code, told = pretrain(play, "--family", "mlp", "--start", first, "--out", second)
    assert code == 2
    assert "give weights of the same family" in told
