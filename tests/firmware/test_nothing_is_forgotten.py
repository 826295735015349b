# SPDX-License-Identifier: GPL-3.0-or-later
"""Every learner and every representation has its step checked, and its chip against its twin.

The tables below name the tests; that a test is there and speaks of the learner is read from its
source, so that neither a new learner nor a renamed test is forgotten.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from kilolearn import firmware
from kilolearn.codecs.designs import DESIGNS

HERE = Path(__file__).parent

# A learner, or a linear rule: what its step is held to, and in which test. A gradient where the
# rule is one, else the rule itself, as published, in other arithmetic.
STEPS = {
    "anomaly": "test_online::test_the_anomaly_detector_is_exact",
    "attention": "test_attention::test_the_mean_step_is_down_the_gradient_of_the_margin",
    "dense": "test_gradients::test_the_mean_step_is_down_the_gradient",
    "digits": "test_gradients::test_the_mean_step_is_down_the_gradient",
    "ensemble": "test_ensemble::test_each_step_is_the_rules",
    "linear-averaged": "test_online::test_a_perceptron_steps_down_the_gradient_of_its_margin_loss",
    "linear-bayes": "test_online::test_the_posterior_is_that_of_assumed_density_filtering",
    "linear-centroid": "test_online::test_the_centroids_are_the_means_of_their_classes",
    "linear-lms": "test_online::test_the_delta_rule_steps_down_the_gradient_of_the_squared_error",
    "linear-perceptron": "test_online::"
    "test_a_perceptron_steps_down_the_gradient_of_its_margin_loss",
    "linear-stump": "test_online::"
    "test_a_stump_is_a_threshold_between_the_class_means_of_the_input_that_was_right_more",
    "lvq": "test_lvq::test_the_mean_step_is_down_the_gradient",
    "mlp": "test_mlp::test_the_mean_step_is_down_the_gradient",
    "pair": "test_online::"
    "test_a_sure_rule_answers_for_the_pair_and_keeps_its_samples_from_the_line",
    "pooled": "test_gradients::test_the_mean_step_is_down_the_gradient",
    "replay": "test_replay::test_each_step_is_the_rules",
    "rules": "test_online::test_the_table_of_rules_is_exact",
    "softmax": "test_softmax::test_the_mean_step_is_down_the_gradient_of_the_logistic_loss",
    "tree": "test_tree::test_each_step_on_a_plane_is_the_rules",
}
TWINS = {
    "attention": "test_attention::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "dense": "test_chip_equals_twin::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "digits": "test_chip_equals_twin::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "ensemble": "test_streams::test_chip_and_twin_agree_on_every_answer_and_the_model",
    "lvq": "test_lvq::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "mlp": "test_mlp::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "pooled": "test_chip_equals_twin::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "replay": "test_streams::test_chip_and_twin_agree_on_every_answer_and_the_model",
    "softmax": "test_softmax::test_chip_and_twin_agree_on_every_answer_and_every_weight",
    "tree": "test_streams::test_chip_and_twin_agree_on_every_answer_and_the_model",
} | dict.fromkeys(
    (
        "anomaly",
        "linear-averaged",
        "linear-bayes",
        "linear-centroid",
        "linear-lms",
        "linear-perceptron",
        "linear-stump",
        "pair",
        "rules",
    ),
    "test_online_learners::test_chip_and_twin_agree",
)


def learners() -> set[str]:
    """Each app with a serve loop, and each rule of `linear`, with checkpoints or without.

    The probe is a test's own.
    """
    configs = (firmware.avr_folder() / "apps/configs").glob("linear-*.h")
    rules = [config for config in configs if config.stem != "linear-checkpoint"]
    apps = set(firmware.learners()) - {"linear", "probe_learner"}
    return apps | {rule.stem for rule in rules}


@cache
def statements(file: str) -> dict[str, ast.stmt]:
    """What a test file defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse((HERE / f"{file}.py").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            found |= {at.id: statement for at in statement.targets if isinstance(at, ast.Name)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = statement
    return found


def words(test: str) -> set[str]:
    """The strings in a test and in all of its file that it leads to."""
    file, name = test.split("::")
    top, seen, waiting = statements(file), set(), [name]
    assert name in top, f"{file}.py has no {name}"
    found: set[str] = set()
    while waiting:
        at = waiting.pop()
        if at in seen or at not in top:
            continue
        seen.add(at)
        for node in ast.walk(top[at]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.Name):
                waiting.append(node.id)
    return found


@pytest.mark.parametrize(("table", "what"), [(STEPS, "step"), (TWINS, "twin")])
def test_every_learner_is_in_the_table(table: dict[str, str], what: str) -> None:
    assert set(table) == learners(), f"name the {what}'s test of a new learner here"


@pytest.mark.parametrize(
    ("learner", "test"),
    [*STEPS.items(), *TWINS.items()],
    ids=lambda value: value.split("::")[0],
)
def test_the_test_of_a_learner_is_there_and_speaks_of_it(learner: str, test: str) -> None:
    assert set(learner.split("-")[-1:]) <= words(test)


def test_every_representation_has_its_slopes_and_is_run_on_chip_and_twin() -> None:
    headers = {header.stem for header in (firmware.avr_folder() / "codec").glob("*.h")}
    packed_data = {"tape", "huffman", "lz", "dct"}
    nets = {"windows"}
    known = {*DESIGNS, "int16"}
    assert known == headers - {"rows", "factors"} - packed_data - nets
    slopes = statements("test_codecs")["SLOPES"]
    table = next(node for node in ast.walk(slopes) if isinstance(node, ast.Dict))
    assert {key.value for key in table.keys if isinstance(key, ast.Constant)} == known
    for test in (
        "test_chips_and_twin_compute_exactly_these_integers",
        "test_any_image_under_the_sanitizers",
    ):
        marks = ast.unparse(statements("test_codecs")[test].decorator_list[0])
        assert marks == "pytest.mark.parametrize('name', NETS)"
