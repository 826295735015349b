# SPDX-License-Identifier: GPL-3.0-or-later
"""avr/codec: packing loses nothing, chip and twin equal exact integers, slopes are true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from kilolearn import firmware
from kilolearn.codecs.codec import Codec, Parameters
from kilolearn.codecs.delta import Delta
from kilolearn.codecs.designs import DESIGNS, Design
from kilolearn.codecs.fit import FitLayer, FitRecipe, arrays_of, score_slopes, slopes
from kilolearn.codecs.fractal import Fractal
from kilolearn.codecs.generated import Generated
from kilolearn.codecs.hashed import Hashed
from kilolearn.codecs.huffman_weights import HuffmanWeights
from kilolearn.codecs.levels import Binary, Int4, Int8, Int16, Ternary
from kilolearn.codecs.low_rank import LowRank
from kilolearn.codecs.net import EncodedLayer, EncodedNet, digits_config
from kilolearn.codecs.prune import Sparse
from kilolearn.codecs.shared import Shared
from kilolearn.errors import WeightsError
from kilolearn.measure_codecs import run_codec, run_codec_twin

# Not compared by the benchmark: digits need no more than int8.
NETS = DESIGNS | {
    "int16": Design(lambda: Int8(32, 64), lambda: Int16(10, 32), FitRecipe(7, 100)),
}
ROWS, INPUTS = 3, 40
SUM_MAX = 32767


def matrices(low: int, high: int, inputs: int = INPUTS) -> st.SearchStrategy[NDArray[np.int64]]:
    return arrays(np.int64, (ROWS, inputs), elements=st.integers(low, high))


class TestNothingIsLostInPacking:
    """Each decoder is written from the layout, not from its encoder."""

    @given(weights=matrices(-127, 127))
    def test_int8(self, weights):
        codec = Int8(ROWS, INPUTS)
        np.testing.assert_array_equal(codec.decode(codec.pack(weights)), weights)

    @given(weights=matrices(-32767, 32767))
    def test_int16(self, weights):
        codec = Int16(ROWS, INPUTS)
        np.testing.assert_array_equal(codec.decode(codec.pack(weights)), weights)

    @given(weights=matrices(-7, 7))
    def test_int4(self, weights):
        codec = Int4(ROWS, INPUTS)
        encoded = codec.pack(weights)
        assert len(encoded) == ROWS * INPUTS // 2
        np.testing.assert_array_equal(codec.decode(encoded), weights)

    @given(data=st.data(), inputs=st.integers(1, 12))
    def test_ternary(self, data, inputs):
        weights = data.draw(matrices(-1, 1, inputs))
        codec = Ternary(ROWS, inputs)
        encoded = codec.pack(weights)
        assert len(encoded) == ROWS * -(-inputs // 5)
        np.testing.assert_array_equal(codec.decode(encoded), weights)

    @given(weights=matrices(0, 1))
    def test_binary(self, weights):
        codec = Binary(ROWS, INPUTS, (3, 9))
        encoded = codec.pack(weights * 2 - 1)
        assert len(encoded) == 3 + ROWS * INPUTS // 8
        np.testing.assert_array_equal(codec.decode(encoded), weights * 2 - 1)

    @given(index=matrices(0, 3), book=arrays(np.int64, 4, elements=st.integers(-127, 127)))
    def test_shared(self, index, book):
        codec = Shared(ROWS, INPUTS)
        encoded = codec.pack(book, index)
        assert len(encoded) == 4 + ROWS * INPUTS // 4
        np.testing.assert_array_equal(codec.decode(encoded), book[index])

    @given(weights=matrices(-7, 7), kept=matrices(0, 9))
    def test_sparse_over_short_and_long_gaps_and_empty_rows(self, weights, kept):
        codec = Sparse(ROWS, INPUTS, 0.1)
        thin = weights * (kept == 0)
        np.testing.assert_array_equal(codec.decode(codec.pack(thin)), thin)

    @given(steps=matrices(-8, 7))
    def test_delta(self, steps):
        codec = Delta(ROWS, INPUTS)
        levels = np.cumsum(steps, axis=1)
        np.testing.assert_array_equal(codec.decode(codec.pack(levels)), levels * 4)

    @given(weights=matrices(-7, 7))
    def test_huffman_weights(self, weights):
        codec = HuffmanWeights(ROWS, INPUTS, 1.0)
        np.testing.assert_array_equal(codec.decode(codec.pack(weights)), weights)


@pytest.mark.parametrize("name", [name for name in DESIGNS if name != "fractal"])
def test_what_is_encoded_is_what_was_fitted(name: str) -> None:
    """The bytes say the weights that the fit went forward with."""
    codec = DESIGNS[name].hidden()
    parameters = codec.start(np.random.default_rng(1))
    decoded = codec.decode(codec.encode(parameters))
    expected = codec.weights(parameters)
    assert np.abs(expected).max() > 0
    np.testing.assert_array_equal(decoded, np.floor(expected))


def random_net(name: str, seed: int) -> EncodedNet:
    """A net that nobody fitted, with biases that put its hidden sums on both sides of 0."""
    random = np.random.default_rng(seed)
    design = NETS[name]
    hidden, output = design.hidden(), design.output()
    if isinstance(hidden, Sparse):
        hidden.kept = 0.03  # gaps longer than an entry can say, and empty rows
    parameters = hidden.start(random)
    if isinstance(hidden, Ternary):
        parameters = [every_five_digits()]
    biases = [random.integers(-9, 10, rows) << design.recipe.shift for rows in (32, 10)]
    encoded = hidden.encode(parameters), output.encode(output.start(random))
    shift = np.full(32, design.recipe.shift)
    return EncodedNet(
        (
            EncodedLayer(hidden, encoded[0], biases[0], 16, shift, 31),
            EncodedLayer(output, encoded[1], biases[1], 31, np.zeros(10, np.int64), None),
        )
    )


def every_five_digits() -> NDArray[np.float64]:
    """Ternary weights (32, 64) with all 243 groups of five among them."""
    groups = np.arange(32 * 12) % 243
    digits = groups[:, np.newaxis] // 3 ** np.arange(4, -1, -1) % 3 - 1
    return np.pad(digits.reshape(32, 60), ((0, 0), (0, 4))).astype(float)


def samples(seed: int) -> NDArray[np.uint8]:
    """Nothing, everything, either at random, and pixels like a digit's."""
    random = np.random.default_rng(seed)
    drawn = random.integers(0, 17, (30, 64)) * (random.random((30, 64)) < 0.6)
    edges = [np.zeros(64), np.full(64, 16), random.choice([0, 16], 64)]
    return np.vstack([*edges, drawn]).astype(np.uint8)


@pytest.mark.parametrize("name", NETS)
def test_chips_and_twin_compute_exactly_these_integers(name: str, tmp_path: Path) -> None:
    net, images = random_net(name, 5), samples(6)
    (tmp_path / f"codec_digits-{name}.h").write_text(digits_config(net))
    expected = net.scores(images)
    assert len(np.unique(expected)) > 20, "scores that say nothing"

    twin = firmware.build_twin("codec_digits", name, configs=tmp_path)
    np.testing.assert_array_equal(run_codec_twin(twin, images), expected)
    for mcu in ("attiny1634", "atmega168p"):
        run = run_codec(firmware.build("codec_digits", mcu, name, configs=tmp_path), mcu, images)
        np.testing.assert_array_equal(run.scores, expected)
        np.testing.assert_array_equal(run.predictions, expected.argmax(axis=1))
        assert run.sram_high_water <= 250


@pytest.mark.parametrize("name", NETS)
def test_any_image_under_the_sanitizers(
    under_sanitizers: Callable[..., bytes], name: str, tmp_path: Path
) -> None:
    """The exact integers once more, without an overflow, a bad shift or a read beyond the bytes."""
    net, images = random_net(name, 7), samples(8)
    (tmp_path / "net.h").write_text(digits_config(net))
    printed = under_sanitizers(
        '#include "apps/codec_digits_net.h"\n'
        "#include <stdio.h>\n"
        "int main(void) {\n"
        "    while (fread(sample, 1, sizeof sample, stdin) == sizeof sample) {\n"
        "        codec_digits_infer();\n"
        "        fwrite(score, 1, sizeof score, stdout);\n"
        "    }\n"
        "    return 0;\n"
        "}\n",
        "apps/codec_digits_net.c",
        config=tmp_path / "net.h",
        given=images.tobytes(),
    )
    scores = np.frombuffer(printed, np.int16).reshape(-1, 10)
    np.testing.assert_array_equal(scores, net.scores(images))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**16), name=st.sampled_from(list(NETS)))
def test_no_sum_exceeds_what_the_layer_says(seed: int, name: str) -> None:
    net = random_net(name, seed)
    images = samples(seed)
    hidden = net.layers[0]
    assert np.abs(hidden.sums(images.astype(np.int64))).max() <= hidden.sum_max


def test_weights_that_could_wrap_a_sum_are_refused() -> None:
    codec = Int8(32, 64)
    none = np.zeros(32, np.int64)
    layer = EncodedLayer(codec, codec.pack(np.full((32, 64), 127)), none, 16, none, 31)
    with pytest.raises(WeightsError, match=r"hidden layer's sums reach 130,048 as int8.*32,767"):
        layer.check("hidden")


def central_differences(
    value: Callable[[], float], parameters: Parameters, step: float
) -> Parameters:
    """Slopes of a value by each parameter, changed in place and put back."""
    found = []
    for array in parameters:
        slope = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            was = array[index]
            array[index] = was + step
            up = value()
            array[index] = was - step
            slope[index] = (up - value()) / (2 * step)
            array[index] = was
        found.append(slope)
    return found


def whole(random: np.random.Generator, low: int, high: int, shape: tuple[int, ...]) -> np.ndarray:
    return random.integers(low, high + 1, shape).astype(float)


def book_case(random: np.random.Generator) -> Parameters:
    book = np.array([-30.0, -9, 8, 27])
    return [book[random.integers(0, 4, (3, 8))], book]


# A codec, whole parameters at which its rounding does nothing, the parameters that are compared,
# and a step over which its forward pass is a polynomial of at most second degree: then central
# differences are exact.
SLOPES: dict[str, tuple[Codec, Callable[[np.random.Generator], Parameters], list[int], float]] = {
    "int8": (Int8(3, 8), lambda r: [whole(r, -100, 100, (3, 8))], [0], 1),
    "int16": (Int16(3, 8), lambda r: [whole(r, -100, 100, (3, 8))], [0], 1),
    "int4": (Int4(3, 8), lambda r: [whole(r, -6, 6, (3, 8))], [0], 1),
    "ternary": (Ternary(3, 8), lambda r: [np.zeros((3, 8))], [0], 1),
    "binary": (Binary(3, 8, (2, 5)), lambda r: [np.zeros((3, 8))], [0], 1),
    "shared": (Shared(3, 8), book_case, [1], 1),
    "sparse": (Sparse(3, 8, 1.0), lambda r: [whole(r, 1, 6, (3, 8))], [0], 1),
    "delta": (Delta(3, 8), lambda r: [4 * whole(r, -3, 3, (3, 8))], [0], 4),
    "huffman_weights": (HuffmanWeights(3, 8, 1.0), lambda r: [whole(r, -6, 6, (3, 8))], [0], 1),
    "hashed": (Hashed(3, 8, 8), lambda r: [whole(r, -30, 30, (8,))], [0], 1),
    "low_rank": (
        LowRank(3, 8, 2, 3),
        lambda r: [whole(r, -50, 50, (3, 2)), whole(r, -50, 50, (2, 8))],
        [0, 1],
        1,
    ),
    "generated": (
        Generated(3, 16, 2, 3),
        # Phases that stay between the kinks at 0 and 128 over the whole image.
        lambda r: [whole(r, -50, 50, (3, 2)), np.array([[4.0, -6, 40], [-2, 8, -60]])],
        [0, 1],
        2,
    ),
    "fractal": (
        Fractal(2, 1),
        # Even sums of 18..24 at level 0: nothing is floored, and a step leaves them within 0..62.
        lambda r: [np.hstack([np.pad(np.eye(8), ((0, 0), (0, 8))), np.ones((8, 1))])],
        [0],
        1,
    ),
}


@pytest.mark.parametrize("name", SLOPES)
def test_the_slope_of_every_parameter_and_input_is_that_of_the_sums(name: str) -> None:
    codec, start, compared, step = SLOPES[name]
    random = np.random.default_rng(3)
    parameters = start(random)
    image = 2 * whole(random, 1, 4, (2, codec.inputs))
    weight = random.normal(size=(2, codec.rows))

    def total() -> float:
        return float(np.sum(weight * codec.forward(parameters, image)))

    given_slopes, input_slope = codec.backward(parameters, image, weight)
    expected = central_differences(total, parameters, step)
    for number in compared:
        assert np.abs(expected[number]).max() > 0.1, "nothing to compare"
        np.testing.assert_allclose(given_slopes[number], expected[number], atol=1e-9)
    if name != "binary":
        (by_input,) = central_differences(total, [image], 1)
        np.testing.assert_allclose(input_slope, by_input, atol=1e-9)


def test_the_slope_of_the_loss_goes_through_both_layers() -> None:
    """At whole parameters and a shift of 0 nothing is rounded; a high temperature keeps the loss
    close to a parabola over a step of 1."""
    random = np.random.default_rng(4)
    resting = np.array([15.0, 16, 14, 15, -60])  # the last one
    hidden = FitLayer(Int8(5, 6), [whole(random, -1, 1, (5, 6))], resting, np.ones(5))
    scale = np.array([1.0, 0.5, 1, 0.25])
    output = FitLayer(Int8(4, 5), [whole(random, -9, 9, (4, 5))], whole(random, -9, 9, (4,)), scale)
    images, targets = whole(random, 0, 2, (7, 6)), random.dirichlet(np.ones(4), 7)

    def loss() -> float:
        seen = np.clip(images @ hidden.parameters[0].T + hidden.bias, 0, 31)
        scores = (seen @ output.parameters[0].T + output.bias) / scale / 9000.0
        likelihood = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
        return -float(np.mean((likelihood * targets).sum(axis=1)))

    found = slopes([hidden, output], images, targets, 9000.0)
    expected = central_differences(loss, arrays_of([hidden, output]), 1)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.abs(theirs).max() > 1e-6
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-10)
    assert not found[0][4].any()


def test_a_single_score_has_the_slope_of_two_of_which_one_is_nought() -> None:
    scores = np.array([[-40.0], [0.0], [90.0]])
    targets = np.array([[1.0, 0], [0.3, 0.7], [0, 1]])
    both = score_slopes(np.hstack([0 * scores, scores]), targets, 30.0)
    np.testing.assert_allclose(score_slopes(scores, targets, 30.0), both[:, 1:], atol=1e-12)
