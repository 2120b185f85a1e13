"""The class as one page for the teacher: where it stands, what went wrong most, and where a person has to look."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from statistics import median
from urllib.parse import quote

from reportgen.assignment.checks import CHECKS
from reportgen.assignment.spec import Assignment
from reportgen.grading.dossiers import FindingKind, Picture
from reportgen.grading.findings.measured_numbers import SharedNumbers
from reportgen.grading.intake.archives import Leftover
from reportgen.grading.marks.marks import Marks, Outcome
from reportgen.grading.marks.points import Points, add_up
from reportgen.grading.pages.page import part_titles, render_page
from reportgen.grading.pictures.sameness import SharedPicture
from reportgen.grading.platforms.gradebook import show_points

_BINS = 10
_FIRST = 12
"""How many submissions that need a person are shown without asking."""


@dataclass(frozen=True)
class StudentResult:
    """One student's marks, and where the feedback page stands."""

    marks: Marks
    feedback: str | None = None
    """Path of the feedback page, relative to the class page; None where there is none."""


@dataclass(frozen=True)
class ClassResult:
    """What the class page is made of."""

    students: tuple[StudentResult, ...]
    pairs: tuple[SharedPicture, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
    numbers: tuple[SharedNumbers, ...] = ()


@dataclass(frozen=True)
class Row:
    """A student, as the tables show one."""

    who: str
    name: str
    href: str
    parts: tuple[Points | None, ...]
    """Those of the rubric, in its order; None where there are no marks."""
    total: Points | None
    state: str
    tone: str
    open_criteria: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A check that several students' submissions don't meet."""

    check: str
    asks: str
    counts: bool
    """Tells whether the rubric gives points for it."""
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class SharedFigure:
    """One figure in several reports."""

    title: str
    by: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Group:
    """Students whose reports share figures."""

    rows: tuple[Row, ...]
    figures: tuple[SharedFigure, ...]


@dataclass(frozen=True)
class Alike:
    """Two students whose reports share measurements."""

    rows: tuple[Row, Row]
    numbers: tuple[str, ...]


@dataclass(frozen=True)
class Bin:
    """One bar of the distribution."""

    low: str
    high: str
    count: int


def render_class(result: ClassResult, assignment: Assignment) -> str:
    """Render the class as one HTML page that needs no network; sorting and filtering need its script."""
    titles = part_titles(assignment)
    rows = {student.marks.id: _row(student, tuple(titles)) for student in result.students}
    middles = [row.total.middle for row in rows.values() if row.total]
    whole = sum(criterion.points for criterion in assignment.rubric)
    bins = _bins(middles, whole) if middles and whole else []
    return render_page(
        "class.html",
        "class.css",
        "class.js",
        assignment=assignment,
        titles=list(titles.values()),
        rows=list(rows.values()),
        tiles=_tiles(result.students, list(rows.values()), middles, whole),
        bins=bins,
        peak=max((one.count for one in bins), default=1),
        finding=_finding(middles, whole),
        needs=_needs(list(rows.values())),
        first=_FIRST,
        faults=_faults(result.students, rows, assignment),
        groups=_groups(result.pairs, rows),
        alike=[Alike((rows[pair.one], rows[pair.other]), pair.numbers) for pair in result.numbers],
        troubled=[row for row in rows.values() if row.problems],
        look=[one for one in result.leftovers if one.problem],
        rest=[one for one in result.leftovers if not one.problem],
    )


def _row(student: StudentResult, parts: Sequence[str]) -> Row:
    marks = student.marks
    total = add_up(marks.criteria) if marks.criteria else None
    state, tone = ("decided", "good")
    if total is None:
        state, tone = ("could not be read", "bad") if not marks.readable else ("no rubric", "")
    elif total.undecided:
        state, tone = "needs a person", "open"
    return Row(
        who=marks.roll or marks.id,
        name=marks.name,
        # the dot keeps a path from being read as an address of another place
        href="./" + quote(student.feedback, errors="surrogateescape") if student.feedback else "",
        parts=tuple(
            add_up([one for one in marks.criteria if one.part == part]) if marks.criteria else None for part in parts
        ),
        total=total,
        state=state,
        tone=tone,
        open_criteria=tuple(
            f"{one.id} ({show_points(one.most - one.least)})" for one in marks.criteria if one.most != one.least
        ),
        problems=marks.problems,
    )


def _tiles(
    students: Sequence[StudentResult], rows: Sequence[Row], middles: Sequence[float], whole: float
) -> list[tuple[str, str]]:
    read = sum(student.marks.readable for student in students)
    tiles = [
        ("Submissions", f"{len(students):,}"),
        ("Read", f"{read:,}"),
        ("Could not be read", f"{len(students) - read:,}"),
        ("Need a person", f"{len(_needs(rows)):,}"),
    ]
    if middles:
        lowest, highest = _rounded(min(middles)), _rounded(max(middles))
        tiles.append((f"Points of {show_points(whole)}", lowest if lowest == highest else f"{lowest} to {highest}"))
        tiles.append(("Median", _rounded(median(middles))))
    return tiles


def _finding(middles: Sequence[float], whole: float) -> str:
    """What the distribution shows, in words."""
    if not middles:
        return ""
    lowest, highest = _rounded(min(middles)), _rounded(max(middles))
    return f"From {lowest} to {highest} of {show_points(whole)}, median {_rounded(median(middles))}."


def _rounded(points: float) -> str:
    return show_points(round(points, 1))


def _bins(middles: Sequence[float], whole: float) -> list[Bin]:
    counts = [0] * _BINS
    for middle in middles:
        counts[min(int(middle / whole * _BINS), _BINS - 1)] += 1
    edges = [show_points(whole * edge / _BINS) for edge in range(_BINS + 1)]
    return [Bin(edges[index], edges[index + 1], count) for index, count in enumerate(counts)]


def _needs(rows: Sequence[Row]) -> list[Row]:
    """Those that could not be read, then those with the most open points."""
    unread = [row for row in rows if row.state == "could not be read"]
    undecided = [row for row in rows if row.total and row.total.undecided]
    return unread + sorted(undecided, key=lambda row: -(row.total.undecided if row.total else 0))


def _faults(students: Sequence[StudentResult], rows: dict[str, Row], assignment: Assignment) -> list[Fault]:
    """The checks that were found not to be met, those of the most students first."""
    counted = {check for criterion in assignment.rubric for check in criterion.checks}
    who: dict[str, list[Row]] = defaultdict(list)
    for student in students:
        marks = student.marks
        upheld = [one for one in marks.criteria if one.override is None or one.outcome is not Outcome.MET]
        wrong = {made.check for one in upheld for made in one.decisions if made.outcome is Outcome.NOT_MET}
        wrong |= {finding.check for finding in marks.notes if finding.kind is FindingKind.FAULT}
        for check in wrong:
            who[check].append(rows[marks.id])
    faults = [Fault(check, CHECKS[check], check in counted, tuple(found)) for check, found in who.items()]
    return sorted(faults, key=lambda fault: (-len(fault.rows), fault.check))


_Spot = tuple[str, Picture]


def _groups(pairs: Sequence[SharedPicture], rows: dict[str, Row]) -> list[Group]:
    """Join pairs of pictures into figures, and figures that the same students share into groups."""
    owner: dict[_Spot, set[_Spot]] = {}
    by: dict[_Spot, set[str]] = defaultdict(set)
    for pair in pairs:
        one, other = (pair.one, pair.one_picture), (pair.other, pair.other_picture)
        by[one].add(pair.by)
        if other in owner.get(one, ()):
            continue
        merged = owner.get(one, {one}) | owner.get(other, {other})
        for spot in merged:
            owner[spot] = merged
    order = list(rows)
    groups: dict[tuple[str, ...], list[SharedFigure]] = defaultdict(list)
    for spots in {id(found): found for found in owner.values()}.values():
        ids = tuple(sorted({student for student, _ in spots}, key=order.index))
        listed = sorted(spots, key=lambda spot: (order.index(spot[0]), spot[1].file, spot[1].page, spot[1].box))
        ways = sorted({way for spot in spots for way in by.get(spot, ())})
        section = listed[0][1].section
        groups[ids].append(
            SharedFigure(
                title=f"“{section}”" if section else "A figure without a heading",
                by=" or ".join(ways),
                places=tuple(_place(student, picture) for student, picture in listed),
            )
        )
    made = [Group(tuple(rows[one] for one in ids), tuple(figures)) for ids, figures in groups.items()]
    return sorted(made, key=lambda group: -len(group.figures))


def _place(student: str, picture: Picture) -> str:
    path = PurePath(picture.file)
    words = [student] if path.stem == student else [f"{student}, {picture.file}"]
    words += {".pdf": [f"page {picture.page}"], ".ipynb": [f"cell {picture.page}"]}.get(path.suffix.lower(), [])
    return " ".join(words)
