"""Claims about the data: how many images there are, and which labels make a class."""

import re
from collections.abc import Iterator

from reportgen.verification.arithmetic import read_number
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict
from reportgen.verification.outline import Passage, parts_of
from reportgen.verification.subject import Subject

_GROUP = re.compile(
    r"class(?:\s+(?:no\.?|number|label))?\s*(\d)\b[^{}\[\](\d]{0,40}[{\[(]\s*((?:\d\s*(?:,|and|&|\s)\s*)*(?:and\s*)?\d)\s*[}\])]",
    re.I,
)
_GROUP_BACK = re.compile(
    r"[{\[(]\s*((?:\d\s*,\s*)+\d)\s*[}\])]\s*(?:→|->|=>|⇒|:|=|is|are|as|to|become|form|make|map(?:s|ped)?\s+to)*\s*(?:the\s+)?class\s*(\d)\b",
    re.I,
)
_GROUP_BARE = re.compile(
    r"\bclass(?:\s+(?:no\.?|number|label))?\s*(\d)\s*(?:[:=→|-]+|,\s*[\w\s]{2,30}:|(?:has|contains|is|includes|combines|joins|consists\s+of|covers)\b(?:\s+\w+)?(?:\s+the)?(?:\s+(?:digits?|labels?))?)\s*(?:digits?\s*)?((?:\d\s*(?:,\s*and|,|and|&)\s*)+\d)(?![\d.]*\d|\s*%)",
    re.I,
)
_COUNT = r"\d[\d,\u2009\u202f ]{0,9}\d?k?"
_THINGS = r"(?:images|samples|examples|digits|data\s*points)"
_ADJECTIVES = r"(?:(?:grayscale|handwritten|labell?ed|\d+\s*[x×]\s*\d+)\s+)*"
_SPLIT = re.compile(
    rf"({_COUNT})\s*{_ADJECTIVES}(?:({_THINGS})\s*)?(?:(?:are|were|is)\s+)?(?:(?:used|kept|reserved)\s+)?"
    rf"(?:for|in|of|to)?\s*(?:the\s+)?(train|test)(?:ing)?\b(?:\s+({_THINGS}|set))?"
    r"|\b(train|test)(?:ing)?[\s-]*(?:set|data|images|samples|examples|split|size)*\s*(?:size)?\s*"
    r"(?:[:=|]|of|has|contains|consists\s+of|with|is)\s*(?:about\s+|size\s+)?"
    rf"({_COUNT})\b(?!\s*%|\.\d)"
    rf"|\b(train|test)(?:ed|ing)?\s+on\s+(?:the\s+|all\s+)?({_COUNT})\s*{_ADJECTIVES}{_THINGS}",
    re.I,
)


def check_data(passage: Passage, subject: Subject, findings: Findings) -> None:
    """Judge what one passage says of the data."""
    _check_groups(passage, subject, findings)
    _check_split(passage, subject, findings)


def _groups(text: str) -> Iterator[tuple[re.Match[str], int, frozenset[int]]]:
    spans: list[tuple[int, int]] = []
    for pattern, number, members in ((_GROUP, 1, 2), (_GROUP_BACK, 2, 1), (_GROUP_BARE, 1, 2)):
        for match in pattern.finditer(text):
            if not any(start < match.end() and match.start() < end for start, end in spans):
                spans.append(match.span())
                yield match, int(match[number]), frozenset(int(digit) for digit in re.findall(r"\d", match[members]))


def counts_from_zero(passage: Passage) -> bool:
    """Tell whether a passage names a class 0 with its labels."""
    return any(number == 0 for _, number, members in _groups(passage.text) if len(members) > 1)


def _check_groups(passage: Passage, subject: Subject, findings: Findings) -> None:
    grouped = [part for part in subject.parts if part.planned.grouped]
    for match, number, members in _groups(passage.text):
        ids, _ = parts_of(passage, subject, match.start())
        part = next((part for part in grouped if part.id in ids), grouped[0] if len(grouped) == 1 else None)
        if part is None or len(members) < 2:
            continue
        index = number if findings.zero_based else number - 1
        fits = 0 <= index < part.classes and members == part.groups[index]
        own = (
            "{" + ", ".join(map(str, sorted(part.groups[index]))) + "}"
            if 0 <= index < part.classes
            else "no such class"
        )
        verdict = Verdict.VERIFIED if fits else Verdict.CONTRADICTED
        findings.add(
            "class-group",
            verdict,
            passage.block,
            match[0],
            f"classes of {part.asked.short_title}",
            expected=own,
            found="{" + ", ".join(map(str, sorted(members))) + "}",
            experiment=part.id,
        )


def _check_split(passage: Passage, subject: Subject, findings: Findings) -> None:
    if not re.search(r"image|sample|example|data|mnist|digit|train.{0,40}test", passage.text, re.I):
        return
    for match in _SPLIT.finditer(passage.text):
        printed = match[1] or match[6] or match[8]
        split = match[3] or match[5] or match[7]
        number = read_number(printed.strip().replace(" ", ""))
        if number is None or number.value < 1000:
            continue
        if (
            re.search(r"correct|wrong|right|misclass|error", passage.text[: match.start()][-40:], re.I)
            or passage.text[match.end() :].lstrip()[:1] == "/"
        ):
            continue
        size = subject.dataset.sizes["train" if split.lower() == "train" else "test"]
        validated = re.search(
            r"validat|\bdev\b|subset|split\s+into|held", f"{passage.block.text} {passage.context.heading}", re.I
        )
        both = re.search(r"\btrain", passage.text, re.I) and re.search(r"\btest", passage.text, re.I)
        if number.value == size:
            verdict = Verdict.VERIFIED
        elif (
            findings.other_data
            or validated
            or not (both or match[2] or match[4] or match[5] or match[7])
            or number.value > 2 * max(subject.dataset.sizes.values())
        ):
            continue
        else:
            verdict = Verdict.CONTRADICTED
        findings.add(
            "dataset",
            verdict,
            passage.block,
            match[0],
            f"{subject.dataset.title}'s {split.lower()} set",
            expected=f"{size:,}",
            found=printed,
        )
