"""Claims about how many images there are."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from reportgen.assignment.datasets import Split
from reportgen.verification.claims.arithmetic import tokenize
from reportgen.verification.claims.outline import Passage
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_THINGS = re.compile(
    r"image|sample|example|scan|picture|digits|data|mnist|instance|n_t|\blen\b|y_t|split|\bset\b|train|test|\bn\s*=",
    re.I,
)
_SPLITS = {
    "train": re.compile(r"train|learn|fit", re.I),
    "test": re.compile(r"test|evaluat|examin|held|unseen", re.I),
}
_PARTIAL = re.compile(r"validat|\bdev\b|subset|class|correct|wrong|epoch|step|iteration|param|second", re.I)
_VALIDATED = re.compile(r"validat|hold[\s-]?out|\bdev\b|\bval\b", re.I)
_ROUND = 500
"""Sizes of data sets are multiples of it."""


@dataclass(frozen=True)
class _Size:
    passage: Passage
    text: str
    near: str
    """The words next to it."""
    value: int
    split: str | None


def check_sizes(passages: Sequence[Passage], evidence: Evidence, findings: Findings) -> None:
    """Judge the sizes of the training and the test set.

    A round number of images is wrong only where the right one stands nowhere, and no two of the document add up to it.
    """
    sizes = evidence.subject.dataset.sizes
    said = [size for passage in passages for size in _sizes(passage)]
    values = {size.value for size in said}
    for split in ("train", "test"):
        size = sizes["train" if split == "train" else "test"]
        right = next((one for one in said if one.value == size and one.split in {split, None}), None)
        if right is not None:
            _enter(right, Verdict.VERIFIED, split, size, evidence, findings)
        if findings.other_data or evidence.stream.prints(size):
            continue
        if any(size - value in values for value in values) and any(
            _VALIDATED.search(one.passage.block.text) for one in said
        ):
            continue
        for one in said:
            if (
                split in {one.split, _by_magnitude(one.value, sizes)}
                and not findings.truths.explains(Fraction(one.value))
                and not _PARTIAL.search(one.near)
            ):
                _enter(one, Verdict.CONTRADICTED, split, size, evidence, findings)


def _enter(one: _Size, verdict: Verdict, split: str, size: int, evidence: Evidence, findings: Findings) -> None:
    findings.add(
        "dataset",
        verdict,
        one.passage.block,
        one.text,
        f"{evidence.subject.dataset.title}'s {split} set",
        expected=f"{size:,}",
        found=f"{one.value:,}",
    )


def _by_magnitude(value: int, sizes: Mapping[Split, int]) -> Split:
    """The split whose size is nearest by ratio."""
    return min(sizes, key=lambda split: max(value, sizes[split]) / min(value, sizes[split]))


def _sizes(passage: Passage) -> Iterator[_Size]:
    """Yield the round numbers of images of a passage, each with the split that stands nearest to it."""
    text = passage.text
    if not _THINGS.search(text):
        return
    for token in tokenize(text):
        number = token.number
        if number is None or number.decimals or number.value.denominator != 1 or number.value < 2 * _ROUND:
            continue
        value = int(number.value)
        if value % _ROUND or value > 200_000:
            continue
        distances = [
            (min(abs(match.start() - token.end), abs(token.start - match.end())), split)
            for split, pattern in _SPLITS.items()
            for match in pattern.finditer(text)
        ]
        split = min(distances)[1] if distances and min(distances)[0] <= 60 else None
        shown, near = (text[max(0, token.start - reach) : token.end + reach].strip() for reach in (30, 14))
        yield _Size(passage, shown, near, value, split)
