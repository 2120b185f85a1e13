"""Numbers are read as printed, in each style of the world."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.numbers import PLAIN, Number, NumberStyle, style_of
from reportgen.documents.tokens import numbers, tokenize

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
GERMAN = NumberStyle(decimal_comma=True, dots=True)
SPACED = NumberStyle(spaces=True)


def one(text: str, style: NumberStyle = PLAIN) -> Number:
    (found,) = numbers(text, style)
    return found


def grouped(value: int, mark: str) -> str:
    return f"{value:,}".replace(",", mark)


def indian(value: int) -> str:
    digits = str(value)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return ",".join([*pairs, tail])


@given(st.integers(1000, 10**9), st.sampled_from(["", ",", "’", "'", "_", "\u2009", "\u202f", "\u00a0"]))
def test_a_whole_number_is_the_same_in_each_style(value: int, mark: str) -> None:
    found = one(f"total: {grouped(value, mark)} parameters")
    assert found.value == value
    assert found.half == Fraction(1, 2)
    assert found.kind == "number"


@given(st.integers(1000, 10**9))
def test_marks_that_a_document_must_show(value: int) -> None:
    assert one(grouped(value, " "), SPACED).value == value
    assert one(grouped(value, "."), GERMAN).value == value
    assert one(indian(value)).value == value


@given(st.integers(0, 10**8), st.integers(1, 6))
def test_decimals_by_point_and_comma(digits: int, decimals: int) -> None:
    value = Fraction(digits, 10**decimals)
    whole, part = divmod(digits, 10**decimals)
    for text, style in [(f"{whole}.{part:0{decimals}}", PLAIN), (f"{whole},{part:0{decimals}}", GERMAN)]:
        found = one(text, style)
        assert found.value == value or value in found.also
        if len(str(digits)) < 9:
            assert found.half == Fraction(1, 2 * 10**decimals) or found.also
    assert one(f"{whole:,}.{part:0{decimals}}").value == value or whole < 1000
    assert (
        one(f"{whole:,}.{part:0{decimals}}".translate(str.maketrans(",.", ".,")), GERMAN).value == value or whole < 1000
    )


@given(st.integers(1000, 9999), st.integers(-12, 12))
def test_powers_of_ten(digits: int, exponent: int) -> None:
    mantissa = f"{digits // 1000}.{digits % 1000:03}"
    value = Fraction(digits, 1000) * Fraction(10) ** exponent
    superscript = str(exponent).translate(SUPERSCRIPTS)
    for text in (
        f"{mantissa}e{exponent}",
        f"{mantissa}E{exponent:+}",
        f"{mantissa} × 10^{exponent}",
        f"{mantissa}·10^({exponent})",
        f"{mantissa} x 10{superscript}",
    ):
        found = one(text)
        assert (found.value, found.half) == (value, Fraction(1, 2000) * Fraction(10) ** exponent), text
    assert one(f"10{superscript}").value == one(f"10^({exponent})").value == Fraction(10) ** exponent


@given(
    st.integers(1, 999), st.sampled_from([("k", 10**3), ("K", 10**3), ("M", 10**6), (" million", 10**6), ("万", 10**4)])
)
def test_scales(digits: int, scale: tuple[str, int]) -> None:
    found = one(f"about {digits}{scale[0]} parameters")
    assert (found.value, found.half) == (Fraction(digits * scale[1]), Fraction(scale[1], 2))
    assert one(f"{digits / 10:.1f}{scale[0]}").half == Fraction(scale[1], 20)


@given(st.floats(0.01, 1e4))
def test_the_print_of_a_binary_number_is_compared_to_a_millionth(value: float) -> None:
    import numpy as np

    found = one(f"{float(np.float32(value)):.12f}")
    assert found.binary
    assert found.rounds(Fraction(value))


def test_single_precision() -> None:
    found = one("Test accuracy: 0.978600025177002")
    assert found.rounds(Fraction(9786, 10000))
    assert not found.rounds(Fraction(9785, 10000))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("97.31 % and 97.31% and 3 percent, 5 Prozent", ["percent"] * 4),
        ("23%3=2", ["number"] * 3),
        ("97.31% 3 epochs", ["percent", "number"]),
        ("1st 2nd 3番目 第4层", ["ordinal"] * 4),
        ("LeNet-5 conv2d_1 S4 CIFAR-10 Conv2d-1 7f3a9c 2D", ["identifier"] * 7),
        ("v1.2 3.8.10 Python 3.8", ["version"] * 3),
        ("https://example.org/3?x=4 127.0.0.1 localhost:8000", ["address"] * 3),
        ("2023-05-06, 5 May 2023, May 2021, 06.05.2023, 2023年5月3日", ["date"] * 5),
        ("at 12:30 and 01:02:03", ["time"] * 2),
        ("p. 12, Fig. 3, Table 4, Abbildung 5, 图 6", ["reference"] * 5),
        ("as shown by them [12]", ["reference"]),
        ("3-5 epochs, 10–20", ["range"] * 4),
        ("3-5 = -2 and 28-5+1 = 24", ["number"] * 7),
        ("10-class", ["compound"]),
        ("Linear[10] x = [12]", ["number"] * 2),
        ("size n-1, epoch 3 of 10", ["number"] * 3),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [found.kind for found in numbers(text)] == kinds


def test_a_name_that_ends_in_a_digit_swallows_no_number() -> None:
    found = [number for number in numbers("Sum for LeNet-5 = 156 + 2416") if number.is_quantity]
    assert [number.value for number in found] == [156, 2416]


def test_letters_of_other_scripts_part_numbers() -> None:
    assert [(found.value, found.kind) for found in numbers("准确率97.3%，정확도는98%")] == [
        (Fraction(973, 10), "percent"),
        (98, "percent"),
    ]


def test_signs() -> None:
    assert [found.negative for found in numbers("loss -0.3, (-1), 5 -3, 5-3, n-1, = −2")] == [
        *(True, True, False, False, False),
        *(False, False, True),
    ]


def test_products_by_a_cross() -> None:
    assert [token.sign for token in tokenize("28x28 X 1, (3)x(2)") if token.kind == "operator"] == ["*"] * 3
    assert [found.value for found in numbers("2^3 × 10^2")] == [2, 3, 100]


def test_other_readings() -> None:
    assert one("11.070").also == (Fraction(11070),)
    assert one("1,107").also == (Fraction(1107, 1000),)
    assert one("11.070", NumberStyle(decimal_point=True)).also == ()
    assert one("11.070", GERMAN).also == (Fraction(1107, 100),)
    assert one("97.31").also == ()


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["3 208", "6 770", "The network has 11 070 parameters."], SPACED),
        (["980 123 456", "12 345 678"], PLAIN),
        (["[980 123]", "[ 12 345]"], PLAIN),
        (["120 300 * 120 + 120", "11 070"], PLAIN),
        (["3 208 and 6 770 and 12,345"], PLAIN),
        (["97,31 % von 11.070"], GERMAN),
        (["1.107.000"], NumberStyle(dots=True)),
        (["97.31 and 0.5 and 11.070"], NumberStyle(decimal_point=True)),
        (["kernel (3,3) and (5,5)"], PLAIN),
    ],
)
def test_styles(texts: list[str], style: NumberStyle) -> None:
    assert style_of(texts) == style


@given(st.text(alphabet=st.sampled_from("0123456789.,-+*/=()[]%^eExXkMvV:_ ’⁻²年万naJ\u2009\n"), max_size=60))
def test_tokens_lie_in_the_text_and_in_order(text: str) -> None:
    end = 0
    for token in tokenize(text):
        assert token.start >= end
        assert text[token.start : token.end] == token.text
        assert token.text
        end = token.end
        if token.number is not None:
            assert (token.number.start, token.number.end) == (token.start, token.end)
    left = "".join(text)
    for token in tokenize(text):
        left = left[: token.start] + " " * (token.end - token.start) + left[token.end :]
    assert not left.strip()


@given(st.text(max_size=80))
def test_any_text_has_tokens(text: str) -> None:
    style = style_of([text])
    assert all(number.value >= 0 for number in numbers(text, style) if not number.exact)


def test_numbers_of_absurd_length() -> None:
    assert numbers("1" * 500) == []
    assert numbers("1e9999") == []
    assert len(numbers("a1" * 5000)) == 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("42 000 images", [42_000]),
        ("1 250 000 weights", [1_250_000]),
        ("980 123 456", [980, 123, 456]),
        ("000 001 002 003", [0, 1, 2, 3]),
        ("5 000 128", [5, 0, 128]),
        ("0.5 000", [Fraction(1, 2), 0]),
    ],
)
def test_three_zeros_are_thousands(text: str, values: list[Fraction]) -> None:
    assert [number.value for number in numbers(text)] == values
