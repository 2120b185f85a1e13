import pytest

from tests.judged import FOUR, TEN, kinds

MATRICES = f"{TEN}\n\n{FOUR}\n\n"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Ten digits: 97.64 % (fraction 0.9764), 236 wrong.", False),
        ("Ten digits: 97.64 % (fraction 0.9674), 236 wrong.", True),
        ("Ten digits: 97.46 % (fraction 0.9764), 236 wrong.", True),
        ("Ten digits: 9,774 right, 236 wrong, 0.9764.", True),
        ("9,764 and 9,744 right, that is 97.64 % and 97.44 %.", False),
        ("9,764 and 9,744 right, that is 97.64 % and 97.64 %.", True),
        ("9,764 right against 236 wrong; digit 3 has 96.93 % of its images.", False),
    ],
)
def test_one_accuracy_in_several_forms(text: str, wrong: bool) -> None:
    assert bool(kinds(MATRICES + text)) == wrong


@pytest.mark.parametrize(("fraction", "wrong"), [("0.9744", False), ("0.9774", True)])
def test_a_column_of_a_table_of_results(fraction: str, wrong: bool) -> None:
    table = (
        "| | ten | four |\n|---|---|---|\n| accuracy | 97.64 % | 97.44 % |\n"
        f"| right | 9,764 | 9,744 |\n| as fraction | 0.9764 | {fraction} |\n"
    )
    assert bool(kinds(MATRICES + table)) == wrong
