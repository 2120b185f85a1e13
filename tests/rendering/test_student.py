from datetime import UTC, datetime

import pytest

from reportgen.errors import UsageError
from reportgen.rendering.student import make_student, present

_MOMENT = datetime(2024, 1, 25, tzinfo=UTC)


def test_the_date_is_that_of_the_moment_unless_given() -> None:
    assert make_student("R1", "", "", "", _MOMENT).date == "25 January 2024"
    assert make_student("R1", "", "tomorrow", "", _MOMENT).date == "tomorrow"


def test_names_in_any_script_are_kept() -> None:
    assert make_student("R1", " सिरीजा   Uppal ", "", "", _MOMENT).name == "सिरीजा Uppal"


@pytest.mark.parametrize(
    "link", ["ftp://a.b/c", "javascript:alert(1)", "colab.research.google.com/x", "https://nowhere", 'https://a.b/"x']
)
def test_links_that_are_none_of_the_web_are_refused(link: str) -> None:
    with pytest.raises(UsageError, match="--colab takes a link"):
        make_student("R1", "", "", link, _MOMENT)


@pytest.mark.parametrize("name", ["a\x00b", "a\nb", "x" * 201])
def test_names_that_can_not_be_printed_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--name takes printable text"):
        make_student("R1", name, "", "", _MOMENT)


def test_source_date_epoch_sets_the_moment() -> None:
    assert present("1706140800") == _MOMENT
    assert present(None).tzinfo is UTC


@pytest.mark.parametrize("value", ["", "soon", "1e9", "9" * 30])
def test_a_wrong_source_date_epoch_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH takes seconds"):
        present(value)
