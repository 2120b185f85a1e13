"""Spec and roll number to plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reportgen.assignment import bundled
from reportgen.assignment.layers import AvgPool2d, Conv2d, Linear
from reportgen.assignment.plan import Options, Plan, batch_size, bind_classes, check_roll, resolve
from reportgen.assignment.spec import Assignment, BatchRule, DivisorRule
from reportgen.errors import UsageError


def handouts_rule(number: int) -> int:
    """The batch size as the handout states it, told another way."""
    if number in range(0, 1000, 2):
        return 32
    return 16 if sum(map(int, str(number))) in range(0, 28, 3) else 20


def test_batch_size_of_every_roll_number(assignment: Assignment) -> None:
    for number in range(1000):
        batch = batch_size(assignment.batch, f"M23CSE{number:03}")
        assert (batch.size, batch.number) == (handouts_rule(number), number)
        assert bool(batch.assumption) == (number % 6 == 0)
        assert batch.derivation.startswith(f"A = {number}; {number} mod 2 = {number % 2}; ")
        assert batch.derivation.endswith(f" {batch.size}")


@pytest.mark.parametrize(
    ("roll", "size", "derivation"),
    [
        ("M23CSE023", 20, "A = 23; 23 mod 2 = 1; 23 mod 3 = 2; else 20"),
        ("M23CS021", 16, "A = 21; 21 mod 2 = 1; 21 mod 3 = 0; so the batch size is 16"),
        ("M23CSE024", 32, "A = 24; 24 mod 2 = 0; so the batch size is 32"),
        ("M23CSE000", 32, "A = 0; 0 mod 2 = 0; so the batch size is 32"),
    ],
)
def test_batch_size_and_its_derivation(assignment: Assignment, roll: str, size: int, derivation: str) -> None:
    batch = batch_size(assignment.batch, roll)
    assert (batch.size, batch.derivation) == (size, derivation)


def test_a_number_that_fits_two_rules_states_the_assumption(assignment: Assignment) -> None:
    assert batch_size(assignment.batch, "M23CSE024").assumption == (
        "A = 24 is divisible by 2 (batch size 32) and also by 3 (batch size 16). "
        "The rules are taken in the order of the handout, so the batch size is 32."
    )


def test_two_rules_that_give_the_same_size_need_no_assumption() -> None:
    rule = BatchRule(rules=(DivisorRule(divisor=2, size=8), DivisorRule(divisor=3, size=8)), otherwise=4)
    assert batch_size(rule, "M23CSE024").assumption == ""


def test_a_rule_without_divisors_gives_one_size_to_all() -> None:
    batch = batch_size(BatchRule(symbol="N", digits=2, otherwise=64), "meera07")
    assert (batch.size, batch.derivation) == (64, "N = 7; so the batch size is 64")


@pytest.mark.parametrize("roll", ["M23CSE", "M23", "23", "", "M23CSE02३"])
def test_a_roll_number_without_the_digits_has_no_batch_size(assignment: Assignment, roll: str) -> None:
    with pytest.raises(UsageError, match="does not end in 3 digits"):
        batch_size(assignment.batch, roll)


@pytest.mark.parametrize("roll", ["M23CSE023", "M23CS021", "B22AI006"])
def test_roll_numbers_that_fit(assignment: Assignment, roll: str) -> None:
    check_roll(assignment, roll)


@pytest.mark.parametrize(
    "roll",
    ["../x", "a/b", "", "m23cse023", "M23CSE23", "M23CSE0233", "M23CSE023\n", "M23CSE٠٢٣", " M23CSE023", "M23CSE023/"],
)
def test_roll_numbers_that_do_not_fit_are_shown_with_an_example(assignment: Assignment, roll: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_roll(assignment, roll)
    assert repr(roll) in str(caught.value)
    assert "for example M23CSE023" in str(caught.value)
    assert r"[A-Z]\d{2}[A-Z]{2,4}\d{3}" in str(caught.value)


@given(roll=st.text("./\\ab~ \0-\n", max_size=8).map(lambda text: text + "000"))
def test_no_pattern_lets_a_roll_number_leave_the_folder(roll: str) -> None:
    base = bundled.load_spec("csl7590-a1")
    lax = base.model_copy(update={"roll": base.roll.model_copy(update={"pattern": "(?s).*"})})
    try:
        check_roll(lax, roll)
    except UsageError:
        return
    assert not set(roll) & set("/\\\0\n~ ")


def test_the_plan_of_the_handout(plan: Plan) -> None:
    assert [experiment.id for experiment in plan.experiments] == ["experiment-1", "experiment-2", "bonus"]
    assert [len(experiment.classes) for experiment in plan.experiments] == [10, 4, 10]
    assert plan.experiments[1].label_to_class == (0, 1, 2, 2, 3, 2, 0, 1, 2, 3)
    assert plan.experiments[1].classes == ("Class 1 {0, 6}", "Class 2 {1, 7}", "Class 3 {2, 3, 8, 5}", "Class 4 {4, 9}")
    assert plan.experiments[0].classes == tuple("0123456789")
    assert [experiment.grouped for experiment in plan.experiments] == [False, True, False]
    assert [experiment.training.batch_size for experiment in plan.experiments] == [20, 20, 20]
    assert [experiment.training.epochs for experiment in plan.experiments] == [10, 10, 10]
    assert plan.experiments[2].baseline == "experiment-1"
    assert (plan.preview, plan.changed, plan.seed) == (False, (), 0)


def test_a_plan_leaves_nothing_to_default(plan: Plan) -> None:
    for experiment in plan.experiments:
        for layer in experiment.layers:
            assert layer.name
            for key in ("in_channels", "in_features", "num_features", "stride"):
                assert getattr(layer, key, 1) is not None, (experiment.id, layer.name, key)
            assert getattr(layer, "out_features", 1) != "classes"


def test_the_roll_number_decides_the_batch_size_of_every_training(assignment: Assignment) -> None:
    for roll, size in (("M23CS021", 16), ("M23CSE024", 32), ("M23CSE023", 20)):
        planned = resolve(assignment, roll, Options())
        assert {experiment.training.batch_size for experiment in planned.experiments} == {size}


def test_a_batch_size_that_the_spec_states_wins(assignment: Assignment) -> None:
    first = assignment.experiments[0]
    fixed = first.model_copy(update={"training": first.training.model_copy(update={"batch_size": 7})})
    planned = resolve(assignment.model_copy(update={"experiments": (fixed,)}), "M23CSE023", Options())
    assert planned.experiments[0].training.batch_size == 7


def test_options_that_change_the_assignment_are_said_in_words(assignment: Assignment) -> None:
    planned = resolve(assignment, "M23CSE023", Options(epochs=3))
    assert [experiment.training.epochs for experiment in planned.experiments] == [3, 3, 3]
    assert planned.changed[0] == "Experiment 1 trains for 3 epochs instead of the assignment's 10."
    assert len(planned.changed) == 3
    assert resolve(assignment, "M23CSE023", Options(epochs=10)).changed == ()


def test_the_preview_scales_the_validation_split_to_its_smaller_training_set(assignment: Assignment) -> None:
    planned = resolve(assignment, "M23CSE023", Options(preview=True))
    assert planned.preview
    assert planned.experiments[2].training.validation_size == 72  # 3,000 of 60,000 is 72 of 1,437


def test_equal_plans_have_equal_digests_and_any_difference_changes_them(assignment: Assignment, plan: Plan) -> None:
    assert resolve(assignment, "M23CSE023", Options()).digest == plan.digest
    assert Plan.model_validate_json(plan.model_dump_json()).digest == plan.digest
    others = [
        resolve(assignment, "M23CSE025", Options()),
        resolve(assignment, "M23CSE023", Options(seed=1)),
        resolve(assignment, "M23CSE023", Options(epochs=9)),
        resolve(assignment, "M23CSE023", Options(preview=True)),
        resolve(assignment.model_copy(update={"title": "Assignment 2"}), "M23CSE023", Options()),
    ]
    assert len({plan.digest, *(other.digest for other in others)}) == 6


def test_a_plan_can_not_be_changed(plan: Plan) -> None:
    with pytest.raises(ValidationError):
        plan.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize("options", [{"seed": -1}, {"seed": 2**31}, {"epochs": 0}, {"epochs": 1001}, {"sed": 1}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)


def test_only_linear_layers_that_say_classes_are_bound() -> None:
    layers = bind_classes(
        [Linear(out_features=5), Linear(out_features="classes"), Conv2d(out_channels=3, kernel_size=(1, 1))], 4
    )
    assert [getattr(layer, "out_features", None) for layer in layers] == [5, 4, None]


def test_pooling_strides_are_filled_in() -> None:
    planned = resolve(bundled.load_spec("lenet5"), "meera07", Options())
    pools = [layer for layer in planned.experiments[0].layers if isinstance(layer, AvgPool2d)]
    assert [pool.stride for pool in pools] == [(2, 2), (2, 2)]
