"""The bundled assignments, and reading one from a file."""

import errno
from importlib import resources
from pathlib import Path

import pytest

from reportgen.assignment.bundled import bundled_ids, load_spec, parse_spec
from reportgen.assignment.plan import Options, resolve
from reportgen.assignment.spec import Assignment
from reportgen.errors import SpecError, UnreadableError, UsageError

BUNDLED = (resources.files("reportgen.assignment") / "csl7590-a1.toml").read_bytes()


def test_two_assignments_are_bundled() -> None:
    assert bundled_ids() == ("csl7590-a1", "lenet5")


@pytest.mark.parametrize("assignment_id", bundled_ids())
def test_a_bundled_assignment_has_the_id_of_its_file_and_makes_a_plan(assignment_id: str) -> None:
    assignment = load_spec(assignment_id)
    assert assignment.id == assignment_id
    plan = resolve(assignment, assignment.roll.example, Options())
    assert [experiment.id for experiment in plan.experiments] == [e.id for e in assignment.experiments]


def test_the_marks_of_the_handout(assignment: Assignment) -> None:
    marks: dict[str, float] = {}
    for criterion in assignment.rubric:
        marks[criterion.part] = marks.get(criterion.part, 0) + criterion.points
    assert marks == {"experiment-1": 50, "experiment-2": 30, "report": 10, "bonus": 10}
    assert assignment.marks == 100


def test_the_training_of_the_handout(assignment: Assignment) -> None:
    assert [experiment.training.epochs for experiment in assignment.experiments] == [10, 10, 10]
    optimizers = [experiment.training.optimizer.name for experiment in assignment.experiments]
    assert optimizers == ["adam", "adam", "adamw"]
    assert assignment.experiments[0].training.optimizer.learning_rate == 1e-3
    kinds = [technique.kind for technique in assignment.experiments[2].techniques]
    assert kinds == [
        "dropout",
        "data-augmentation",
        "learning-rate-schedule",
        "batch-normalization",
        "early-stopping",
    ]


def test_lenet5_is_another_assignment_by_its_file_alone() -> None:
    assignment = load_spec("lenet5")
    plan = resolve(assignment, "meera07", Options())
    assert plan.experiments[0].count(plan.input_shape).trainable == 61_706
    assert plan.batch.derivation == "N = 7; 7 mod 5 = 2; else 50"
    assert resolve(assignment, "ravi15", Options()).batch.size == 64
    assert assignment.marks == 20


def test_an_assignment_from_a_file_equals_the_bundled_one(tmp_path: Path, assignment: Assignment) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(BUNDLED)
    assert load_spec(str(path)) == assignment


def test_an_unknown_id_lists_the_bundled_ones() -> None:
    with pytest.raises(UsageError, match=r"no assignment 'csl7590': .*\(csl7590-a1, lenet5\)"):
        load_spec("csl7590")


def test_a_folder_is_no_assignment(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match=r"cannot read .*directory"):
        load_spec(str(tmp_path))


def test_a_file_that_may_not_be_read_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mine.toml"
    path.touch()

    def denied(_: Path, mode: str) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", mode)

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(UnreadableError, match=r"cannot read .*mine.toml: Permission denied"):
        load_spec(str(path))


def test_a_syntax_error_gives_its_line() -> None:
    broken = BUNDLED.replace(b'title = "Assignment 1"', b"title = Assignment 1")
    line = BUNDLED[: BUNDLED.index(b'title = "Assignment 1"')].count(b"\n") + 1
    with pytest.raises(SpecError) as caught:
        parse_spec(broken, "mine.toml")
    assert str(caught.value).startswith("mine.toml: 1 mistake in the assignment spec\n  not TOML: ")
    assert f"at line {line}," in str(caught.value)


def test_a_key_that_stands_twice_is_a_syntax_error() -> None:
    with pytest.raises(SpecError, match="not TOML: Cannot overwrite a value"):
        parse_spec(b'id = "a"\nid = "b"\n', "mine.toml")


def test_a_file_that_is_not_utf8_says_where() -> None:
    with pytest.raises(SpecError, match="not UTF-8 text: invalid start byte at byte 9"):
        parse_spec(b'title = "\xff"', "mine.toml")


def test_every_mistake_of_a_file_is_in_the_message() -> None:
    broken = BUNDLED.replace(b"marks = 100", b"marks = 90").replace(b"kernel_size = 7", b"kernel_sise = 7")
    with pytest.raises(SpecError) as caught:
        parse_spec(broken, "mine.toml")
    assert caught.value.source == "mine.toml"
    assert caught.value.mistakes == (
        "networks.cnn.layers[0].kernel_sise: unknown key",
        "networks.cnn.layers[0].kernel_size: is missing",
        "networks.cnn-improved.layers[0].kernel_sise: unknown key",
        "networks.cnn-improved.layers[0].kernel_size: is missing",
        "rubric: the points add up to 100, but marks = 90",
    )
