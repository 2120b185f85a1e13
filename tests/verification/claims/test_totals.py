import pytest

from tests.judged import kinds, ledger

LAYERS = "Layers: 800, 3,208, 292 and 6,770 for ten classes; 800, 3,208, 292 and 2,708 for four.\n\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("800 + 3,208 + 292 + 6,770 = 11,070 and 800 + 3,208 + 292 + 2,708 = 7,008.", False),
        ("Together 800 plus 3,208 plus 292 plus 6,770 makes 11,070; the other has 7,008.", False),
        ("The convolutions have 800 + 3,208 + 292 = 4,300; the totals are 11,070 and 7,008 parameters.", False),
        ("Total = 800 + 3,208 + 292 + fc_trainable.", False),
        ("Total = 800 + 292 + 6,770 = 7,862.", True),
        ("Sum 800 + 3208 + 292 + 6770 -> 11170.", True),
        ("Total trainable parameters: 22,140 for ten classes.", True),
        ("Both: 800 + 3208 + 292 + 6770 = 11070 and 800 + 3208 + 292 + 6770 = 11070.", True),
        ("| Total trainable | 11,070 | 11,070 |\n|---|---|---|\n| a | b | c |", True),
    ],
)
def test_totals(text: str, wrong: bool) -> None:
    assert ("total" in kinds(LAYERS + text)) == wrong


def test_the_layer_that_is_left_out_is_named() -> None:
    (claim,) = ledger(LAYERS + "Sum: 800 + 292 + 2,708, for four classes; 11,070 for ten.").contradicted
    assert "Convolution Layer 2 is left out" in claim.rule
    assert (claim.expected, claim.found) == ("7,008", "3,800")
