from reportgen.documents.blocks import Block, Document, Place
from reportgen.verification.claims.numerals import Stream, read_numerals


def stream(*texts: str) -> Stream:
    return read_numerals(Document("x", "text", tuple(Block("text", text, Place(line=1)) for text in texts)))


def test_numbers_are_read_in_order_with_their_places() -> None:
    found = stream("a has 3,208 of 11\u2009070", "none", "97.31 % or 0.9731")
    assert [(n.text, n.at, n.percent) for n in found.numerals] == [
        ("3,208", 0, False),
        ("11\u2009070", 0, False),
        ("97.31", 2, True),
        ("0.9731", 2, False),
    ]
    assert [n.text for n in found.of(2)] == ["97.31", "0.9731"]
    assert found.whole == {3208, 11070}


def test_a_number_in_a_name_is_no_quantity() -> None:
    assert not any(numeral.is_whole for numeral in stream("conv2d of LeNet-5").numerals)


def test_a_remainder_is_no_percentage() -> None:
    assert not stream("23%3=2").numerals[0].percent
