"""Totals are held against the networks that stand beside them."""

import json

import pytest

from reportgen.documents.reading import parse_document
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Ledger, Quantity
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


def notebook(*cells: tuple[str, str]) -> Ledger:
    content = json.dumps({
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": text, **({"outputs": []} if kind == "code" else {})}
            for kind, text in cells
        ],
        "metadata": {}, "nbformat": 4, "nbformat_minor": 5,
    })  # fmt: skip
    return judge(parse_document(content.encode(), "r.ipynb", "notebook"), None)


def shown(total: str, width: int) -> tuple[tuple[str, str], tuple[str, str]]:
    table = f"| Setting | Value |\n|---|---|\n| Hidden size | {width} |\n| Parameters | {total} |"
    code = f"net = nn.Sequential(nn.Linear(784, {width}), nn.ReLU(), nn.Linear({width}, 10))"
    return ("markdown", table), ("code", code)


RIGHTLY = (*shown("~101K", 128), *shown("~51K", 64), *shown("~400K", 512))


def test_a_rounded_total_is_held_against_the_next_cell() -> None:
    found = notebook(*RIGHTLY, *shown("~600K", 256)).contradicted
    assert [(claim.found, claim.expected) for claim in found] == [("600K", "203,530")]


@pytest.mark.parametrize("total", ["~200K", "~203K", "~0.2M", "~220K", "~100K", "203,530"])
def test_a_rounded_total_that_is_about_right_or_anothers_is_not_accused(total: str) -> None:
    assert not notebook(*RIGHTLY, *shown(total, 256)).contradicted


def test_a_rounded_total_without_siblings_is_not_accused() -> None:
    assert not notebook(*shown("~600K", 256)).contradicted


def test_a_rounded_total_is_verified_anywhere() -> None:
    text = "MNIST, an MLP of 784-512-256-10. With its 536K parameters it is small."
    assert verified(text, Quantity.TOTAL_PARAMETERS) == ["536K"]
