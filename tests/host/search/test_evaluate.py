# SPDX-License-Identifier: GPL-3.0-or-later
"""What a trial says, against counting by hand; and what it does not look at."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from kilolearn.classifier.folds import stratified_folds
from kilolearn.errors import SearchError, TwinMismatchError
from kilolearn.families.genes import Choice, Whole
from kilolearn.search import evaluate as evaluation
from kilolearn.search.evaluate import (
    Problem,
    active,
    cross_validated_answers,
    evaluate,
    refit,
    space,
)
from kilolearn.search.mdl import coded_error_bits

TREE = {"family": "tree", "ranking": "all", "level_bits": 8, "tree.leaves": 3,
        "tree.leaf_samples": 2}  # fmt: skip


class Nearest:
    """A family that remembers one sample: wrong answers are easy to plant."""

    name = "nearest"
    seen: list[np.ndarray]

    def __init__(self) -> None:
        self.seen = []

    def genes(self, table):
        return {"which": Whole(0, 3)}

    def fit(self, genes, table, seed):
        self.seen.append(table.levels)
        if genes["which"] == 3:
            raise SearchError("three is refused; choose fewer")
        return Constant(int(genes["which"]))


class Constant:
    def __init__(self, answer: int) -> None:
        self.answer = answer

    def classify(self, levels):
        return np.full(len(levels), self.answer, np.int64)

    def source(self):
        return (
            "static uint8_t classify(const uint8_t *sample)\n"
            f"{{\n    (void)sample;\n    return {self.answer};\n}}\n"
        )


@pytest.fixture
def nearest(iris, monkeypatch):
    family = Nearest()
    monkeypatch.setattr(evaluation, "FAMILIES", {"nearest": family})
    return family, Problem(iris, "attiny85", folds=3, families=("nearest",))


def test_the_space_is_flat_and_names_the_family_of_a_gene(problem):
    genes = space(problem)
    assert genes["family"] == Choice(("tree", "score"))
    assert genes["features"] == Whole(1, 3, log=True)
    assert isinstance(genes["tree.leaves"], Whole)
    assert {name.split(".")[0] for name in genes if "." in name} == {"tree", "score"}


def test_only_genes_that_have_a_say_make_a_candidate(problem):
    everything = {"family": "tree", "ranking": "all", "features": 2, "level_bits": 8,
                  "tree.leaves": 3, "score.terms": 2}  # fmt: skip
    assert active(everything) == {"family": "tree", "ranking": "all", "level_bits": 8,
                                  "tree.leaves": 3}  # fmt: skip
    ranked = active(everything | {"ranking": "L1 path"})
    assert ranked["features"] == 2


def test_a_family_of_images_takes_them_whole_and_is_not_tried_on_other_tables(iris):
    both = ("windows", "tree")
    assert space(Problem(iris, "attiny85", families=both))["family"] == Choice(("tree",))
    with pytest.raises(SearchError, match="windows for samples that are no images; expected some"):
        space(Problem(iris, "attiny85", families=("windows",)))
    image = Problem(replace(iris, row=2), "attiny85", families=both)
    assert space(image)["family"] == Choice(both)
    genes = {"family": "windows", "ranking": "L1 path", "features": 2, "level_bits": 8,
             "windows.channels": 4}  # fmt: skip
    assert active(genes) == {"family": "windows", "level_bits": 8, "windows.channels": 4}


def test_accuracy_is_the_mean_of_the_folds_and_answers_are_of_models_that_did_not_see_them(
    problem, iris
):
    trial = evaluate(problem, TREE)
    answers = cross_validated_answers(problem, TREE)
    by_hand = [
        100 * np.mean(answers[fold.test] == iris.labels[fold.test])
        for fold in stratified_folds(iris, 3, 0)
    ]
    assert trial.fold_accuracies == pytest.approx(by_hand)
    assert trial.accuracy == pytest.approx(np.mean(by_hand))
    assert 85 < trial.accuracy < 100
    assert trial.cost is not None
    assert 20 < trial.cost.flash < 60
    errors = coded_error_bits(iris.labels, answers, 3)
    assert trial.description_bits == 8 * trial.cost.flash + errors


def test_a_fold_is_fitted_to_its_training_rows_only(nearest, iris):
    family, problem = nearest
    evaluate(problem, {"family": "nearest", "ranking": "all", "level_bits": 8, "nearest.which": 0})
    folds = stratified_folds(iris, 3, 0)
    for seen, fold in zip(family.seen, folds, strict=False):
        np.testing.assert_array_equal(seen, iris.levels[fold.train])
    np.testing.assert_array_equal(family.seen[-1], iris.levels)


def test_a_ranking_is_made_from_the_training_rows_of_the_fold(problem, iris, monkeypatch):
    ranked = []

    def spy(table, by, seed):
        ranked.append(len(table.labels))
        return np.arange(table.width)

    monkeypatch.setattr(evaluation, "rank", spy)
    evaluation._ranked.cache_clear()
    genes = TREE | {"ranking": "L1 path", "features": 2}
    _, columns = refit(problem, genes)
    evaluate(problem, genes)
    evaluation._ranked.cache_clear()
    assert columns == (0, 1)
    assert sorted(ranked) == [80, 80, 80, 120]


def test_the_model_sees_as_few_levels_as_the_gene_says(nearest, iris):
    family, problem = nearest
    genes = {"family": "nearest", "ranking": "all", "level_bits": 3, "nearest.which": 0}
    refit(problem, genes)
    np.testing.assert_array_equal(family.seen[-1], iris.levels >> 5)


def test_a_hopeless_candidate_is_not_fitted_to_all_folds_and_never_built(nearest):
    family, problem = nearest
    genes = {"family": "nearest", "ranking": "all", "level_bits": 8, "nearest.which": 1}
    trial = evaluate(problem, genes, hopeless_below=60)
    assert trial.stopped == "hopeless after 2 folds"
    assert trial.cost is None
    assert len(family.seen) == 2
    # A third of the answers is right: 36 % is within two standard errors after two folds.
    trial = evaluate(problem, genes, hopeless_below=36)
    assert trial.stopped == "hopeless after 3 folds"
    assert evaluate(problem, genes, hopeless_below=30).cost is not None


def test_a_refusal_is_a_trial_and_says_why(nearest):
    _, problem = nearest
    genes = {"family": "nearest", "ranking": "all", "level_bits": 8, "nearest.which": 3}
    trial = evaluate(problem, genes)
    assert trial.stopped == "three is refused; choose fewer"
    assert (trial.cost, trial.accuracy) == (None, 0)


def test_a_chip_that_answers_otherwise_is_an_error_and_no_trial(nearest, monkeypatch):
    _, problem = nearest
    lie = "static uint8_t classify(const uint8_t *s)\n{\n    (void)s;\n    return 2;\n}\n"
    monkeypatch.setattr(Constant, "source", lambda self: lie)
    genes = {"family": "nearest", "ranking": "all", "level_bits": 8, "nearest.which": 0}
    with pytest.raises(TwinMismatchError):
        evaluate(problem, genes)


def test_what_does_not_fit_the_chip_is_a_trial(nearest, monkeypatch):
    _, problem = nearest
    large = (
        "static uint8_t classify(const uint8_t *sample)\n"
        "{\n    static volatile uint8_t table[600];\n    return table[*sample];\n}\n"
    )
    monkeypatch.setattr(Constant, "source", lambda self: large)
    genes = {"family": "nearest", "ranking": "all", "level_bits": 8, "nearest.which": 0}
    trial = evaluate(problem, genes)
    assert "B of SRAM; expected at most 512, the attiny85's" in str(trial.stopped)
    assert trial.accuracy == pytest.approx(100 / 3)


def test_a_problem_is_the_same_after_a_journey_and_another_one_is_not(problem, iris):
    back = pickle.loads(pickle.dumps(problem))
    assert back == problem
    assert back.digest == problem.digest
    other = iris.levels.copy()
    other[0, 0] ^= 1
    assert replace(problem, table=replace(iris, levels=other)) != problem
    assert replace(problem, mcu="attiny13a") != problem


def test_an_unknown_family_is_named(iris):
    with pytest.raises(SearchError, match="unknown family 'oak'; expected tree"):
        space(Problem(iris, "attiny85", families=("oak",)))
