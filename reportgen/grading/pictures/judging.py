"""What the pictures of one report say: figures that stand twice, confusion matrices, and where curves may be."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind, Picture
from reportgen.grading.pictures.digit_cells import CellReading
from reportgen.grading.pictures.gallery import Figure
from reportgen.grading.pictures.sameness import Sameness, same_figure, shows_result
from reportgen.verification.facts.subject import Part, Subject
from reportgen.verification.ledger import Ledger, Quantity, Rule


def judge_pictures(figures: Sequence[Figure], subject: Subject, ledger: Ledger | None = None) -> tuple[Finding, ...]:
    """Find what the pictures of one report say of the checks "repeated-figure", "confusion-matrix" and "curves".

    Args:
        figures: as `reportgen.grading.pictures.gallery.read_pictures` gives them.
        subject: what the report is held against.
        ledger: its claims; a matrix printed as text is no missing one.
    """
    pictures = [figure.picture for figure in figures]
    findings: list[Finding] = []
    disputed: set[str] = set()
    for earlier, later, by in _repeated(figures):
        finding = _repetition(earlier, later, by, subject)
        findings.append(finding)
        if finding.kind is FindingKind.FAULT and finding.experiment is None:
            disputed |= {earlier.pixels, later.pixels}
    printed = (
        {
            claim.experiment
            for claim in ledger.claims
            if claim.quantity is Quantity.CONFUSION_MATRIX and claim.rule is Rule.MATRIX
        }
        if ledger
        else set()
    )
    for part in subject.parts:
        if part.free:
            continue
        own = [picture for picture in pictures if picture.experiment == part.id]
        matrix = _judge_matrix(part, own, pictures, subject, part.id in printed, disputed)
        if matrix is not None:
            findings.append(matrix)
        curves = [picture for picture in own if picture.drawing and shows_result(picture)]
        if curves:
            findings.append(_curves(part, curves))
    return tuple(findings)


def _repeated(figures: Sequence[Figure]) -> Iterator[tuple[Picture, Picture, Sameness]]:
    """Yield each figure of a result that stood before, with where it stood first."""
    for index, later in enumerate(figures):
        for earlier in figures[:index]:
            if not (shows_result(earlier.picture) and shows_result(later.picture)):
                continue
            by = same_figure(earlier.picture, later.picture, earlier.shaded, later.shaded)
            if by is not None:
                yield earlier.picture, later.picture, by
                break


def _repetition(earlier: Picture, later: Picture, by: Sameness, subject: Subject) -> Finding:
    parts = [subject.part(picture.experiment) for picture in (earlier, later)]
    first, second = parts
    reason = f"the figure {_where(earlier, first)} and the one {_where(later, second)} are one figure, {by}"
    wrong = later
    if first is None or second is None or first.id == second.id:
        kind, about = FindingKind.NOTE, first.id if first and second else None
    elif first.free or second.free:
        kind, about = FindingKind.UNDECIDED, None
        reason += "; a person looks whether it stands there for comparison"
    else:
        kind, about = FindingKind.FAULT, None
        strangers = [picture for picture, part in ((earlier, first), (later, second)) if not _can_be_of(picture, part)]
        reason += ", but two experiments have two results"
        if len(strangers) == 1:
            wrong = strangers[0]
            about = wrong.experiment
            owner = first if wrong is later else second
            stranger = second if wrong is later else first
            reason += (
                f"; it has {wrong.classes} classes, so it can't be of {_title(stranger)}, and is of {_title(owner)}"
            )
    return _finding(
        "repeated-figure",
        kind,
        about,
        wrong,
        reason,
        expected="a figure of its own for each result" if kind is FindingKind.FAULT else None,
        found=f"{_spot(earlier)} and {_spot(later)} show one figure",
    )


def _can_be_of(picture: Picture, part: Part) -> bool:
    return picture.classes is None or picture.classes == part.classes


def _judge_matrix(
    part: Part,
    own: Sequence[Picture],
    every: Sequence[Picture],
    subject: Subject,
    printed: bool,
    disputed: set[str],
) -> Finding | None:
    maps = [picture for picture in own if picture.classes is not None]
    fitting = [picture for picture in maps if picture.classes == part.classes]
    proved = [picture for picture in fitting if CellReading(picture.classes, picture.cells).sums_to(part.test_counts)]
    mine = [picture for picture in proved if picture.pixels not in disputed]
    if mine:
        return _matrix_met(part, mine[0])
    if fitting:
        return _matrix_disputed(part, proved[0]) if proved else _matrix_unproved(part, fitting[0])
    if maps and not printed:
        return _matrix_of_others(part, maps[0], own, every, subject)
    unread = [picture for picture in own if "confusion" in picture.section.lower()]
    if unread and not printed:
        return _finding(
            "confusion-matrix",
            FindingKind.UNDECIDED,
            part.id,
            unread[0],
            f"a picture stands {_where(unread[0], part)}, but what it shows can't be read; a person looks",
        )
    return None


def _matrix_met(part: Part, picture: Picture) -> Finding:
    rows = picture.cells or ()
    right, total = sum(row[index] for index, row in enumerate(rows)), sum(map(sum, rows))
    return _finding(
        "confusion-matrix",
        FindingKind.MET,
        part.id,
        picture,
        f"the numbers in the picture {_where(picture, part)} sum to the test images of each class",
        found=f"{right:,} of {total:,} right, {right / total:.2%}",
    )


def _matrix_disputed(part: Part, picture: Picture) -> Finding:
    return _finding(
        "confusion-matrix",
        FindingKind.UNDECIDED,
        part.id,
        picture,
        f"the confusion matrix {_where(picture, part)} stands for another experiment too; a person looks",
    )


def _matrix_unproved(part: Part, picture: Picture) -> Finding:
    size = f"{picture.classes} × {picture.classes} cells"
    if picture.cells is None:
        reason = (
            f"the picture {_where(picture, part)} has {size}, but not all of its numbers can be read; a person looks"
        )
        found = None
    else:
        sums = ", ".join(f"{sum(row):,}" for row in picture.cells)
        reason = (
            f"the picture {_where(picture, part)} has {size}, but as read neither its rows nor its columns sum to the "
            "test images of each class; a person looks"
        )
        found = f"rows that sum to {sums}"
    return _finding(
        "confusion-matrix",
        FindingKind.UNDECIDED,
        part.id,
        picture,
        reason,
        expected="rows that sum to " + ", ".join(f"{count:,}" for count in part.test_counts),
        found=found,
    )


def _matrix_of_others(
    part: Part, picture: Picture, own: Sequence[Picture], every: Sequence[Picture], subject: Subject
) -> Finding:
    """Judge a matrix with another experiment's classes: a fault only where the right one is surely nowhere.

    A figure may have floated past a heading, so the fault needs the other experiment to have a matrix of its own, no
    matrix with the right classes anywhere, and no picture here that can't be read.
    """
    others = [other for other in subject.parts if other.classes == picture.classes and other.id != part.id]
    theirs = any(one.experiment == other.id and one.classes == other.classes for one in every for other in others)
    elsewhere = any(one.classes == part.classes for one in every)
    unread = any(one.classes is None and not one.drawing for one in own) or any(
        one.classes is None and not one.drawing and one.experiment is None for one in every
    )
    sure = theirs and not elsewhere and not unread
    reason = (
        f"the confusion matrix {_where(picture, part)} has {picture.classes} classes, "
        f"but {_title(part)} has {part.classes}"
    )
    if not sure:
        reason += "; it may stand in the wrong place, so a person looks"
    elif others:
        reason += f"; it fits {' and '.join(_title(other) for other in others)}"
    return _finding(
        "confusion-matrix",
        FindingKind.FAULT if sure else FindingKind.UNDECIDED,
        part.id,
        picture,
        reason,
        expected=f"a confusion matrix of the {part.classes} classes of {_title(part)}",
        found=f"one of {picture.classes} classes"
        + (f", rows that sum to {', '.join(f'{sum(row):,}' for row in picture.cells)}" if picture.cells else ""),
    )


def _curves(part: Part, curves: Sequence[Picture]) -> Finding:
    titles = ", ".join(dict.fromkeys(f"“{picture.section}”" for picture in curves))
    spots = ", ".join(dict.fromkeys(_spot(picture) for picture in curves))
    count = "a drawing stands" if len(curves) == 1 else f"{len(curves)} drawings stand"
    return _finding(
        "curves",
        FindingKind.UNDECIDED,
        part.id,
        curves[0],
        f"{count} under {titles} of {_title(part)} ({spots}); what they show is for a person to see",
    )


def _finding(
    check: str,
    kind: FindingKind,
    experiment: str | None,
    picture: Picture,
    reason: str,
    *,
    expected: str | None = None,
    found: str | None = None,
) -> Finding:
    """A finding about a picture, where it stands."""
    return Finding(
        check=check,
        kind=kind,
        experiment=experiment,
        file=picture.file,
        place=_place(picture),
        text=picture.section,
        reason=reason,
        expected=expected,
        found=found,
    )


def _title(part: Part) -> str:
    return part.asked.short_title


def _where(picture: Picture, part: Part | None) -> str:
    section = f"under “{picture.section}”" if picture.section else "without a heading"
    return f"{section}{f' of {_title(part)}' if part else ''} ({_spot(picture)})"


def _spot(picture: Picture) -> str:
    return str(_place(picture)) or picture.file


def _place(picture: Picture) -> Place:
    suffix = PurePath(picture.file).suffix.lower()
    if suffix == ".ipynb":
        return Place(cell=picture.page)
    return Place(page=picture.page) if suffix == ".pdf" else Place()
