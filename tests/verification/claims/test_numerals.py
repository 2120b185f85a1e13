from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import Block, Place
from reportgen.verification.claims.numerals import read_numerals


def block(text: str) -> Block:
    return Block("text", text, Place(line=1))


def test_numbers_are_read_in_order_with_their_places() -> None:
    stream = read_numerals([block("conv1 has 3,208 of 11\u2009070"), block("none"), block("97.31 % or 0.9731")])
    assert [(n.text, n.at, n.index, n.number_of) for n in stream.numerals] == [
        ("3,208", 0, 0, 2),
        ("11\u2009070", 0, 1, 2),
        ("97.31", 2, 0, 2),
        ("0.9731", 2, 1, 2),
    ]
    assert [n.percent for n in stream.numerals] == [False, False, True, False]
    assert [n.text for n in stream.following(0, 2)] == ["97.31", "0.9731"]
    assert stream.following(2, 2) == []


def test_a_remainder_is_no_percentage() -> None:
    assert not read_numerals([block("23%3=2")]).numerals[0].percent


def test_what_a_document_prints() -> None:
    stream = read_numerals([block("11,070 and 98.74 %")])
    assert stream.prints(11070)
    assert not stream.prints(7008)


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_printed_share_is_a_rounding_of_it(images: int, decimals: int) -> None:
    share = Fraction(images, 10_000)
    (numeral,) = read_numerals([block(f"{float(share * 100):.{decimals}f} %")]).numerals
    assert numeral.rounds_share(share)
