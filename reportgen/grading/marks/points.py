"""Points as a page shows them: a number, or a range where a person has to decide."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportgen.grading.marks.marks import CriterionMark
from reportgen.grading.platforms.gradebook import show_points, show_range


@dataclass(frozen=True)
class Points:
    """``3–5`` of ``8``."""

    least: float
    most: float
    whole: float

    @property
    def range(self) -> str:
        """``5``, or ``3–5``."""
        return show_range(self.least, self.most)

    @property
    def of(self) -> str:
        """What there is to get."""
        return show_points(self.whole)

    @property
    def undecided(self) -> float:
        """What a person decides about."""
        return self.most - self.least

    @property
    def open(self) -> str:
        """What a person decides about, in words; empty for nothing."""
        return show_points(self.undecided) if self.undecided else ""

    @property
    def middle(self) -> float:
        """The middle of the range."""
        return (self.least + self.most) / 2

    @property
    def least_share(self) -> float:
        """In percent of the whole."""
        return round(100 * self.least / self.whole, 2) if self.whole else 0.0

    @property
    def most_share(self) -> float:
        """In percent of the whole."""
        return round(100 * self.most / self.whole, 2) if self.whole else 0.0


def add_up(criteria: Sequence[CriterionMark]) -> Points:
    """The points of several criteria together."""
    return Points(
        sum(one.least for one in criteria), sum(one.most for one in criteria), sum(one.points for one in criteria)
    )
