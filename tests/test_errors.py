"""The page of exceptions and its exit codes."""

import inspect
import re

import pytest

from reportgen import errors

ALL = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, errors.ReportgenError)]


@pytest.mark.parametrize(
    ("exception", "code"),
    [
        (errors.UsageError, 2),
        (errors.UnreadableError, 3),
        (errors.SpecError, 3),
        (errors.ResultsError, 3),
        (errors.DataError, 4),
        (errors.OutputError, 5),
        (errors.CountMismatchError, 6),
        (errors.TemplateError, 7),
        (errors.PdfError, 8),
        (errors.TrainingError, 9),
        (errors.BusyError, 10),
        (errors.MissingExtraError, 11),
    ],
)
def test_each_failure_has_its_exit_code(exception: type[errors.ReportgenError], code: int) -> None:
    assert exception.exit_code == code


def test_the_tree_in_the_docstring_names_every_exception_with_its_code() -> None:
    drawn = re.findall(r"(\w+Error)(?: +(\d+))?", errors.__doc__ or "")
    assert sorted(name for name, _ in drawn) == sorted(exception.__name__ for exception in ALL)
    for name, code in drawn:
        exception = getattr(errors, name)
        inherited = inspect.getmro(exception)[1]
        assert exception.exit_code == (int(code) if code else vars(inherited)["exit_code"])


def test_no_exit_code_is_taken_twice_or_means_something_else() -> None:
    own = [vars(exception)["exit_code"] for exception in ALL if "exit_code" in vars(exception)]
    assert len(set(own)) == len(own)
    assert not {0, 1, 130} & set(own)


def test_a_spec_error_lists_every_mistake_on_a_line_of_its_own() -> None:
    error = errors.SpecError("a.toml", ["id: is missing", "marks: is missing"])
    assert str(error) == "a.toml: 2 mistakes in the assignment spec\n  id: is missing\n  marks: is missing"
    assert error.mistakes == ("id: is missing", "marks: is missing")


def test_a_single_mistake_is_not_counted_in_the_plural() -> None:
    assert str(errors.SpecError("a.toml", ["id: is missing"])).startswith("a.toml: 1 mistake in")
