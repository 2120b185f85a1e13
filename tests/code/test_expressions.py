import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.code.host import plain, same, whole
from reportgen.code.values import Items, Known, PerDigit, Unknown, Value
from tests.coded import classes, run, trace, value

LABELS = 'from torchvision import datasets\nd = datasets.MNIST("d").targets\n'


def plainly(found: object) -> object:
    """A Python value as the machine gives it: sequences as tuples."""
    if isinstance(found, list | tuple):
        return tuple(plainly(item) for item in found)
    return found


@st.composite
def arithmetic(draw: st.DrawFn, depth: int = 4) -> str:
    if depth == 0 or draw(st.booleans()):
        return str(draw(st.integers(0, 7)))  # products of 16 of them stay within the bounds
    kind = draw(st.sampled_from(["binary", "unary", "if", "compare", "call"]))
    one, other = draw(arithmetic(depth - 1)), draw(arithmetic(depth - 1))
    match kind:
        case "binary":
            return f"({one} {draw(st.sampled_from(['+', '-', '*', '//', '%', '&', '|', '^']))} {other})"
        case "unary":
            return f"({draw(st.sampled_from(['-', '+', '~']))}{one})"
        case "if":
            return f"({one} if {other} > {draw(st.integers(-9, 99))} else {draw(arithmetic(depth - 1))})"
        case "compare":
            return f"int({one} {draw(st.sampled_from(['<', '<=', '==', '!=', '>', '>=']))} {other})"
    return draw(
        st.sampled_from([f"max({one}, {other})", f"min({one}, {other})", f"abs({one})", f"sum([{one}, {other}])"])
    )


@settings(max_examples=150)
@given(arithmetic())
def test_arithmetic_of_whole_numbers(text: str) -> None:
    try:
        wanted = eval(text)
    except ZeroDivisionError:
        # under an unknown condition two branches that agree have a value
        assert " if " in text or value(f"x = {text}") == "unknown"
    else:
        assert value(f"x = {text}") == wanted


@given(st.integers(-20, 20), st.integers(-20, 20), st.sampled_from(["/", "//", "%", "**", "<<", ">>"]))
def test_operators_as_python_has_them(one: int, other: int, sign: str) -> None:
    try:
        wanted: object = eval(f"({one}) {sign} ({other})")
    except (ArithmeticError, ValueError):
        wanted = "unknown"
    assert value(f"x = ({one}) {sign} ({other})") == wanted


@given(
    st.lists(st.integers(0, 9), max_size=8),
    st.none() | st.integers(-9, 9),
    st.none() | st.integers(-9, 9),
    st.none() | st.integers(-3, 3).filter(bool),
)
def test_slices(items: list[int], start: int | None, stop: int | None, step: int | None) -> None:
    bounds = ":".join("" if part is None else str(part) for part in (start, stop, step))
    wanted = items[slice(start, stop, step)]
    assert value(f"x = {items}[{bounds}]") == tuple(wanted)
    assert value(f"x = '{''.join(map(str, items))}'[{bounds}]") == "".join(map(str, wanted))


@pytest.mark.parametrize(
    "text",
    [
        "'a' + 'b' * 2",
        "(1, 2) + (3,)",
        "[1] * 3",
        "[0, 1] + list(range(2, 5))",
        "not []",
        "[*range(3), 9]",
        "1 < 2 < 3",
        "3 > 2 > 2",
        "None is None",
        "5 in (1, 5)",
        "5 not in [1, 5]",
        "0 or 'x'",
        "'' or 0 or []",
        "1 and 2",
        "0 and 2",
        "(y := 4) + y",
        "f'{20}-{\"a\"}'",
        "[a * b for a in range(3) for b in range(a)]",
        "[a for a in range(9) if a % 2]",
        "[i for i, c in enumerate('abcb') if c == 'b']",
        "(lambda a, b=2, *c, d=4, **e: a + b + d)(1, d=5)",
        "{1: 2, **{3: 4}}[3]",
        "{a: a * a for a in range(4)}[3]",
        "len({a for a in range(4)})",
        "sum(a for a in range(4))",
        "'M23CSE023'[-3:]",
        "int('M23CSE023'[-3:]) % 3",
        "32 if int('M23CSE023'[-3:]) % 2 == 0 else 16 if int('M23CSE023'[-3:]) % 3 == 0 else 20",
        "[[1, 2], [3, 4]][1][0]",
        "(1, 2) == (1, 2)",
        "[1] == (1,)",
        "True + True",
        "7 ** 2",
        "-7 // 2",
        "-7 % 3",
        "~5",
        "1.5 + 1",
    ],
)
def test_expressions_as_python_has_them(text: str) -> None:
    wanted = eval(text)
    assert value(f"x = {text}") == plainly(wanted)


@pytest.mark.parametrize(
    "text",
    [
        "1 / 0",
        "1 + 'a'",
        "10 ** 400",
        "1 << 1000",
        "input()",
        "int(input()) + 1",
        "'a' * 10 ** 9",
        "b'a' * 10 ** 9",
        "9 ** 9 ** 9 ** 9",
        "undefined",
        "undefined.x[3](4)",
        "5 if input() else 6",
        "input() or 5",
        "input() and 0 or 5",
        "input() == 5",
        "[1, 2][5]",
        "{}['a']",
    ],
)
def test_what_is_not_known_is_unknown(text: str) -> None:
    assert value(f"x = {text}") == "unknown"


def test_either_value_alike_is_known() -> None:
    assert value("x = 5 if input() else 5") == 5


def test_what_was_lost_is_named_by_line() -> None:
    assert trace("x = 1\ny = nowhere + 1\n").lost == {2: "nowhere is not defined before this line"}


@pytest.mark.parametrize("text", ["a[:1.5]", "a[::0]", "'abc'[::0]", "'abc'['a':]", "a['b':]"])
def test_impossible_slices(text: str) -> None:
    assert value(f"a = [1, 2, 3]\nx = {text}") == "unknown"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("d % 2", tuple(digit % 2 for digit in range(10))),
        ("1 - d", tuple(1 - digit for digit in range(10))),
        ("(d == 3) | (d == 5)", tuple(digit in (3, 5) for digit in range(10))),
        ("d // 5 * 2 + 1", tuple(digit // 5 * 2 + 1 for digit in range(10))),
        ("-d", tuple(-digit for digit in range(10))),
        ("d < 5", tuple(digit < 5 for digit in range(10))),
        ("5 > d", tuple(digit < 5 for digit in range(10))),
        ("[9, 8, 7, 6, 5, 4, 3, 2, 1, 0][d[0]]", tuple(9 - digit for digit in range(10))),
    ],
)
def test_labels_are_worked_out_for_each_digit(text: str, wanted: tuple[object, ...]) -> None:
    assert classes(run(f"{LABELS}x = {text}")["x"]) == wanted


def test_a_condition_on_a_label() -> None:
    made = run(f"{LABELS}x = [1 if label in (3, 4) else 0 for label in d]")["x"]
    assert classes(made if isinstance(made, PerDigit) else made.items[0]) == tuple(  # type: ignore[attr-defined]
        int(digit in (3, 4)) for digit in range(10)
    )


def test_a_list_of_conditions_on_labels_keeps_them() -> None:
    names = run(f"{LABELS}def f(n): return 'even' if n % 2 == 0 else 'odd'\nx = f(d[0])")
    assert classes(names["x"]) == ("even", "odd") * 5


@given(st.lists(st.none() | st.integers() | st.text(max_size=3), max_size=4))
def test_plain_values(values: list[object]) -> None:
    items: list[Value] = [Known(item) for item in values]
    assert plain(Items(items)) == tuple(values)
    assert plain(Items([*items, Unknown("")]), "?") == "?"


def test_the_same_values() -> None:
    assert same([Known(1), Known(1)])
    assert not same([Known(1), Known(True)])
    assert not same([Known(1), Unknown("")])


@pytest.mark.parametrize(
    ("given_value", "wanted"), [(3, 3), (3.0, 3), (3.5, None), ("3", None), (True, None), (None, None)]
)
def test_whole_numbers(given_value: object, wanted: int | None) -> None:
    assert whole(Known(given_value)) == wanted


@pytest.mark.parametrize("number", [float("inf"), float("nan")])
def test_no_whole_numbers(number: float) -> None:
    assert whole(Known(number)) is None


def test_the_tree_is_left_as_it_is() -> None:
    text = "x = [1, 2]\nx[0] += 3\nx: int = 5\n"
    tree = ast.parse(text)
    before = ast.dump(tree)
    assert value(text) == 5
    assert ast.dump(tree) == before
