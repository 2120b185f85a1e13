"""Findings as a page shows them: each with its place, what is written there, what is right, and a picture of it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reportgen.grading.dossiers import Dossier, Finding, FindingKind

_NOTE_SIGNS = {
    FindingKind.FAULT: ("✗", "bad"),
    FindingKind.UNDECIDED: ("?", "open"),
    FindingKind.NOTE: ("·", ""),
    FindingKind.MET: ("✓", "good"),
}
_REPORTS = frozenset({"pdf", "markdown", "text", "html"})
_MOST_TEXT = 240
_MOST_REASON = 600


@dataclass(frozen=True)
class Crop:
    """A picture of the report beside what is said of it."""

    source: str
    """A ``data:`` address."""
    alt: str


@dataclass(frozen=True)
class Evidence:
    """A finding as the page shows it."""

    tone: str
    sign: str
    title: str
    reason: str
    where: str
    text: str
    found: str
    right: str
    crop: Crop | None


class Sources:
    """The files of a submission by what they are to the reader, and the crops of their pictures, each shown once."""

    def __init__(self, dossier: Dossier, crops: Mapping[str, bytes]) -> None:
        self.pictures, self.crops = dossier.pictures, crops
        self.shown: set[str] = set()
        code = [file.name for file in dossier.files if file.kind == "python"]
        reports = [file.name for file in dossier.files if file.kind in _REPORTS]
        self.labels = {names[0]: label for names, label in ((code, "code"), (reports, "report")) if len(names) == 1}

    def where(self, finding: Finding) -> str:
        """``report, page 5, line 2``; the name of the file where there are several such."""
        label = self.labels.get(finding.file, finding.file)
        return ", ".join(part for part in (label, str(finding.place)) if part)

    def take(self, finding: Finding) -> Crop | None:
        """The first picture that a finding is about and that was not shown before."""
        spot = (finding.file, finding.place.page or finding.place.cell or 1, finding.text)
        for picture in self.pictures:
            about = (picture.file, picture.page, picture.section) == spot
            if about and picture.pixels in self.crops and picture.pixels not in self.shown:
                self.shown.add(picture.pixels)
                content = base64.b64encode(self.crops[picture.pixels]).decode()
                under = f", under {picture.section}" if picture.section else ""
                return Crop(f"data:image/png;base64,{content}", f"Picture from the report{under}")
        return None


def merge(findings: Sequence[Finding], sources: Sources) -> tuple[Evidence, ...]:
    """Show what is said in the same words of several places once, with all of them."""
    same: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        key = (finding.kind, finding.reason, finding.text, finding.expected, finding.found)
        same.setdefault(key, []).append(finding)
    return tuple(evidence(alike, sources) for alike in same.values())


def evidence(alike: Sequence[Finding], sources: Sources, title: str = "") -> Evidence:
    """Show findings that say the same once, with the places of all; ``title`` says what they are about."""
    finding = alike[0]
    sign, tone = _NOTE_SIGNS[finding.kind]
    text = _cut(finding.text, _MOST_TEXT)
    return Evidence(
        tone=tone,
        sign=sign,
        title=title,
        reason=_cut(finding.reason, _MOST_REASON),
        where="; ".join(dict.fromkeys(sources.where(one) for one in alike)),
        text="" if text in finding.reason else text,
        found=_cut(finding.found or "", _MOST_REASON),
        right=_cut(finding.expected or "", _MOST_REASON),
        crop=sources.take(finding),
    )


def _cut(text: str, most: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
