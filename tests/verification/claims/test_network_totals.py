"""Totals are held against the networks that stand beside them."""

import pytest

from reportgen.verification.ledger import Quantity
from tests.stated import contradicted, verified

CARD = """### {name}

| Property | Value |
|---|---|
| Architecture | {chain} |
| Parameters | {total} |
"""
CARDS = (
    ("A", "Flatten → Dense(128) → Dense(10)", "101,770"),
    ("B", "Conv2D(32) → MaxPool → Conv2D(64) → MaxPool → Dense(128) → Dense(10)", "225,034"),
    ("C", "Conv2D(16) → MaxPool → Dense(10)", "27,210"),
)


def cards(*more: tuple[str, str, str]) -> str:
    return "# Nets on MNIST\n\n" + "\n".join(CARD.format(name=n, chain=c, total=t) for n, c, t in (*CARDS, *more))


def test_a_total_is_verified_by_the_layers_beside_it() -> None:
    assert {"101,770", "225,034", "27,210"} <= set(verified(cards(), Quantity.TOTAL_PARAMETERS))


def test_one_total_that_its_layers_refute_is_wrong() -> None:
    wrong = ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,700")
    assert contradicted(cards(wrong)) == [("13,700", "13,626 or 13,642")]


@pytest.mark.parametrize(
    "other",
    [
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,642"),
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "13,626"),
        ("D", "3 Conv blocks → Dense(10)", "99,999"),
        ("D", "Conv2D(8) → BatchNorm → MaxPool → Dense(10)", "about 14K"),
        ("D", "Conv2D(8) → skip connection → MaxPool → Dense(10)", "13,700"),
    ],
)
def test_other_right_or_unclear_totals_are_not_accused(other: tuple[str, str, str]) -> None:
    assert not contradicted(cards(other))


def test_a_total_alone_is_not_accused() -> None:
    assert not contradicted(
        "MNIST\n\n" + CARD.format(name="D", chain="Conv2D(8) → MaxPool → Dense(10)", total="13,700")
    )


def test_a_rounded_total_is_verified_anywhere() -> None:
    text = "MNIST, an MLP of 784-512-256-10. With its 536K parameters it is small."
    assert verified(text, Quantity.TOTAL_PARAMETERS) == ["536K"]
