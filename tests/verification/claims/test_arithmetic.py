import contextlib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.markdown import read_markdown
from reportgen.documents.notation import unfold_latex
from reportgen.documents.tokens import numbers
from reportgen.verification.claims.arithmetic import UndecidedError, parse, terms
from reportgen.verification.claims.equations import find_equations
from reportgen.verification.claims.evaluation import evaluate, is_rounding

Tree = int | tuple[str, "Tree", "Tree"]


def value(text: str) -> Fraction:
    return evaluate(parse(terms(text))).exact


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1*7*7*16)+16", 800),
        ("16·5·5·8 + 8", 3208),
        ("16x5x5x8 + 8", 3208),
        ("(8 × 3 × 3 × 4) + 4", 292),
        ("23 % 3", 2),
        ("23 mod 3", 2),
        ("2^10", 1024),
        ("2**3**2", 512),
        ("10⁴", 10_000),
        ("-2^2", -4),
        ("6,770 + 4,300", 11_070),
        ("1,00,000 − 1", 99_999),
        ("60k + 10k", 70_000),
        ("(2)(3)", 6),
        ("2(3+4)", 14),
        ("50 %", Fraction(1, 2)),
        ("9692/10000", Fraction(2423, 2500)),
        ("1e-3 * 1000", 1),
        ("0,5 * 2", 1),
        ("11\u2009070", 11_070),
        ("7 // 2", 3),
        ("⌊7/2⌋ + ⌈7/2⌉", 7),
        ("floor(7 / 2) * int(2.5)", 6),
    ],
)
def test_values(text: str, expected: Fraction) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    ["1/0", "5 % 0", "9**9**9**9", "0^-1", "(" * 5000, "1+", "", "()", "2^0.5", "(1", "1)", "10^400^2", "fc + 1"],
)
def test_undecided(text: str) -> None:
    with pytest.raises(UndecidedError):
        value(text)


@pytest.mark.slow
def test_a_million_digits_and_brackets_are_no_number_and_no_crash() -> None:
    assert [token.kind for token in terms("9" * 1_000_000)] == ["other"]
    nested = "(" * 100_000 + "1" + ")" * 100_000
    assert value(nested) == 1
    assert find_equations(nested + " = 1") == []
    assert all(len(equation.sides) < 2 for equation in find_equations("9" * 1_000_000 + " = 1"))


@pytest.mark.parametrize(
    ("printed", "exact", "about", "right"),
    [
        ("0.3333", Fraction(1, 3), False, True),
        ("0.3334", Fraction(1, 3), False, False),
        ("0.5", Fraction(45, 100), False, True),
        ("0.66", Fraction(2, 3), False, False),
        ("0.66", Fraction(2, 3), True, True),
        ("11000", Fraction(11_070), True, True),
        ("11000", Fraction(11_070), False, False),
        ("7.0k", Fraction(7008), False, True),
    ],
)
def test_rounding(printed: str, exact: Fraction, about: bool, right: bool) -> None:
    (number,) = numbers(printed)
    assert is_rounding(number, exact, about=about) is right


NUMBERS = st.integers(0, 10**7)
TREES: st.SearchStrategy[Tree] = st.recursive(
    NUMBERS, lambda inner: st.tuples(st.sampled_from("+-*/%"), inner, inner), max_leaves=12
)
NOTATIONS = {
    "plain": {"+": "+", "-": "-", "*": "*", "/": "/", "%": "%"},
    "spaced": {"+": " + ", "-": " - ", "*": " * ", "/": " / ", "%": " % "},
    "typeset": {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ ", "%": " mod "},
    "dots": {"+": "+", "-": "−", "*": "·", "/": "∕", "%": " mod "},
    "latex": {"+": "+", "-": "-", "*": r" \times ", "/": r" \div ", "%": r" \bmod "},
    "latex-dots": {"+": " + ", "-": " - ", "*": r"\cdot ", "/": "/", "%": r"\% "},
    "markdown": {"+": r" \+ ", "-": r" \- ", "*": r" \* ", "/": " / ", "%": r"\%"},
}


def exact(tree: Tree) -> Fraction | None:
    if isinstance(tree, int):
        return Fraction(tree)
    sign, left, right = tree[0], exact(tree[1]), exact(tree[2])
    if left is None or right is None or (sign in "/%" and right == 0):
        return None
    return {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "/": lambda: left / right,
        "%": lambda: left % right,
    }[sign]()


def group(number: int, how: str) -> str:
    digits = str(number)
    if how == "comma":
        return f"{number:,}"
    if how == "thin":
        return f"{number:,}".replace(",", "\u2009")
    if how == "latex":
        return f"{number:,}".replace(",", "{,}")
    if how == "indian" and len(digits) > 3:
        head, tail = digits[:-3], digits[-3:]
        parts = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
        return ",".join([*parts, tail])
    return digits


def show(tree: Tree, signs: dict[str, str], how: str) -> str:
    if isinstance(tree, int):
        return group(tree, how)
    left, right = show(tree[1], signs, how), show(tree[2], signs, how)
    return f"({left}{signs[tree[0]]}{right})"


@given(TREES, st.sampled_from(sorted(NOTATIONS)), st.sampled_from(["plain", "comma", "thin", "latex", "indian"]))
def test_any_tree_in_any_notation_parses_back_to_its_value(tree: Tree, notation: str, how: str) -> None:
    expected = exact(tree)
    if notation == "markdown" and how == "latex":
        how = "comma"
    text = show(tree, NOTATIONS[notation], how)
    plain = read_markdown(text).blocks[0].text if notation == "markdown" else unfold_latex(text)
    try:
        assert value(plain) == expected
    except UndecidedError:
        assert expected is None or expected.numerator.bit_length() + expected.denominator.bit_length() > 4096


@given(st.text(max_size=300))
def test_arbitrary_text_never_crashes(text: str) -> None:
    for equation in find_equations(unfold_latex(text)):
        for side in equation.sides:
            if not side.symbols:
                with contextlib.suppress(UndecidedError):
                    evaluate(side.postfix)


@given(st.text(alphabet="0123456789+-*/%^()=., xkmod²×·", max_size=120))
def test_arithmetic_like_text_never_crashes(text: str) -> None:
    test_arbitrary_text_never_crashes.hypothesis.inner_test(text)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        (
            "Trainable parameters = (1 * 7 * 7 * 16) + 16 = 800",
            ["Trainable parameters", "(1 * 7 * 7 * 16) + 16", "800"],
        ),
        ("(Batch Size = 20, as 23%3=2)", ["Batch Size", "20", "23%3", "2"]),
        ("(2x2) with stride=1", ["with stride", "1"]),
        ("Kernel Size=7x7, Stride=1", ["Kernel Size", "7x7", "Stride", "1"]),
        ("800 + 3,208 + 292 + fc_trainable = x", ["800 + 3,208 + 292 + fc_trainable", "x"]),
        ("16 filters × 7 × 7 + 16 biases = 800 parameters", ["16 filters × 7 × 7 + 16", "800"]),
        ("so we get 3 208", []),
        ("x = 3 208", ["x", "3 208"]),
    ],
)
def test_sides(text: str, sides: list[str]) -> None:
    assert [side.text for equation in find_equations(text) for side in equation.sides] == sides


def test_a_phrase_before_a_product_leaves_doubt() -> None:
    (equation,) = find_equations("16 filters of 7 × 7 = 800")
    assert equation.sides[0].doubtful
