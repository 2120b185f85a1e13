import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.documents.blocks import Block, Place
from reportgen.verification.claims.layers import homogeneous
from reportgen.verification.claims.numerals import Numeral, read_numerals
from reportgen.verification.claims.vectors import Alignment, align

SIZES = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)


def aligned(lines: list[str], sizes: tuple[int, ...] = SIZES) -> list[Alignment]:
    stream = read_numerals([Block("text", line, Place(line=at)) for at, line in enumerate(lines, 1)])

    def fits(size: int):  # type: ignore[no-untyped-def]
        def is_size(numeral: Numeral) -> bool:
            return numeral.is_whole and numeral.value == size

        return is_size

    return align(stream.numerals, [fits(size) for size in sizes], len(sizes) - 2)


@pytest.mark.parametrize(
    "lines",
    [
        [" ".join(map(str, SIZES))],
        [f"class {at} {size} 0.97" for at, size in enumerate(SIZES)],
        ["; ".join(f"{at}: {size}" for at, size in enumerate(SIZES))],
    ],
)
def test_a_row_is_found_in_any_layout(lines: list[str]) -> None:
    (found,) = aligned(["before 1 2 3", *lines, "after 4"])
    assert [int(member.value) for member in found.members] == list(SIZES)
    assert found.wrong == ()


@given(st.integers(0, 9), st.integers(2_000, 9_000), st.integers(1, 4))
def test_the_one_that_is_wrong_is_named(index: int, wrong: int, beside: int) -> None:
    said = [*SIZES[:index], wrong, *SIZES[index + 1 :]]
    (found,) = aligned([f"{size} {' '.join(['7'] * beside)}" for size in said])
    assert found.wrong == (index,)
    assert homogeneous(found)


def test_other_numbers_are_no_row() -> None:
    assert aligned(["980 1 2 3 4 5 6 7 8 9 10 11 12"]) == []
