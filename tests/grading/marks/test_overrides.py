import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.errors import UnreadableError
from reportgen.grading.marks.marks import Override
from reportgen.grading.marks.overrides import overrides_template, read_overrides

CSL = load_spec("csl7590-a1")
ROLLS = ("M23CSE023", "M23CSE024", "Asha, Rao")


def read(text: str | bytes, name: str = "decisions.csv") -> dict[tuple[str, str], Override]:
    given = read_overrides(text.encode() if isinstance(text, str) else text, name, CSL, ROLLS)
    return {key: override for key, override in given.items() if override}


def mistakes(text: str | bytes, name: str = "decisions.csv") -> list[str]:
    with pytest.raises(UnreadableError) as error:
        read(text, name)
    return [line.strip() for line in str(error.value).splitlines()]


def test_decisions_are_read_from_csv() -> None:
    rows = ('m23cse023,exp1-network,7.5,"Padding, but else right"', '"Asha, Rao",exp1-curves,0,')
    text = "\n".join(["roll,criterion,points,comment", *rows])
    assert read(text) == {
        ("M23CSE023", "exp1-network"): Override(points=7.5, comment="Padding, but else right"),
        ("Asha, Rao", "exp1-curves"): Override(points=0),
    }


def test_excels_forms_of_csv_are_read() -> None:
    text = "Roll;Criterion;Points;Comment\r\nM23CSE023;exp1-network;7,5;gut\r\n"
    expected = {("M23CSE023", "exp1-network"): Override(points=7.5, comment="gut")}
    assert read(b"\xef\xbb\xbf" + text.encode()) == expected


def test_a_comment_and_further_columns_may_be_there_or_not() -> None:
    assert read("name,points,criterion,roll\nAsha,1,exp1-network,M23CSE023\n") == {
        ("M23CSE023", "exp1-network"): Override(points=1)
    }


def test_decisions_are_read_from_toml() -> None:
    text = '[[override]]\nroll = "M23CSE023"\ncriterion = "exp1-network"\npoints = 12\ncomment = "see mail"\n'
    assert read(text, "d.toml") == {("M23CSE023", "exp1-network"): Override(points=12, comment="see mail")}
    assert read("", "d.toml") == {}


def test_all_mistakes_come_at_once_each_with_its_line() -> None:
    lines = [
        "roll,criterion,points,comment",
        "M23CSE099,exp1-network,3,",
        "Ben,exp1-network,3,",
        "M23CSE023,exp9,3,",
        "M23CSE023,exp1-network,15.5,",
        "M23CSE023,exp1-network,-1,",
        "M23CSE023,exp1-network,many,",
        "M23CSE023,exp1-network,nan,",
        "M23CSE023,exp1-network,,look again",
        "M23CSE023,exp1-curves,3,",
        "m23cse023,exp1-curves,4,",
        "M23CSE024,exp1-curves,4,one,two",
    ]
    head, *rest = mistakes("\n".join(lines))
    assert head == "decisions.csv: 10 mistakes in the decisions"
    assert [one.partition(":")[0] for one in rest] == [f"line {number}" for number in (*range(2, 10), 11, 12)]
    wanted = [
        "no submission",
        "look like M23CSE023",
        "no criterion",
        "15 points at most",
        "0 or more",
        "'many'",
        "'nan'",
    ]
    assert all(word in one for word, one in zip([*wanted, "got ''"], rest, strict=False))
    assert "look like" not in rest[0]
    assert "line 10" in rest[8]
    assert "quotation marks" in rest[9]


def test_mistakes_in_toml_name_their_line_where_it_can_be_told() -> None:
    text = '[[override]]\nroll = "M23CSE023"\ncriterion = "exp1-network"\npoints = true\nwhy = "x"\n'
    _, *rest = mistakes(text, "d.toml")
    assert [one.partition(":")[0] for one in rest] == ["line 1", "line 1"]
    assert "unknown key why" in rest[0]
    _, *rest = mistakes('override = [{ roll = "M23CSE023", criterion = "exp1-network", points = 99 }]', "d.toml")
    assert [one.partition(":")[0] for one in rest] == ["override[0]"]


@pytest.mark.parametrize(
    ("content", "name", "word"),
    [
        (b"\xff\xfe\xff", "d.csv", "UTF-8"),
        (b"roll,points\n", "d.csv", "needs the columns"),
        (b"", "d.csv", "needs the columns"),
        (b'roll,criterion,points\n"open', "d.csv", "can't be read"),
        (b"[[override]", "d.toml", "can't be read"),
        (b"[marks]\na = 1", "d.toml", "nothing else"),
        (b"override = 3", "d.toml", "nothing else"),
        (b"override = [3]", "d.toml", "nothing else"),
    ],
)
def test_files_of_another_form_are_errors(content: bytes, name: str, word: str) -> None:
    assert word in " ".join(mistakes(content, name))


def test_the_template_decides_nothing_and_can_be_filled_in() -> None:
    template = overrides_template(CSL, ROLLS, {})
    assert len(template.splitlines()) == 1 + len(ROLLS) * len(CSL.rubric)
    assert read(template) == {}
    filled = template.replace(b'"Asha, Rao",exp1-network,,', b'"Asha, Rao",exp1-network,9.25,fine')
    assert read(filled) == {("Asha, Rao", "exp1-network"): Override(points=9.25, comment="fine")}


def test_the_template_has_what_is_decided_and_gives_it_back() -> None:
    decided = {
        ("M23CSE024", "exp1-network"): Override(points=7.25, comment="=1+1 is no sum, is it?"),
        ("Asha, Rao", "exp1-curves"): Override(points=0, comment='"late", but fine'),
    }
    assert read(overrides_template(CSL, ROLLS, decided)) == decided


def test_a_decision_is_taken_back_by_a_word() -> None:
    text = b"roll,criterion,points\nM23CSE023,exp1-network,Open\n"
    assert read_overrides(text, "d.csv", CSL, ROLLS) == {("M23CSE023", "exp1-network"): None}


@given(st.dictionaries(st.sampled_from([one.id for one in CSL.rubric]), st.integers(0, 16)))
def test_points_that_fit_are_read_back(points: dict[str, int]) -> None:
    fitting = {one.id: points[one.id] / 4 for one in CSL.rubric if one.id in points}
    text = "roll,criterion,points\n" + "".join(f"M23CSE023,{key},{value}\n" for key, value in fitting.items())
    assert {key: one.points for (_, key), one in read(text).items()} == fitting
