"""The names that a document has for the experiments: ``Part A``, ``Task 1``, ``the ten-way problem``, ``net10``.

The assignment's own names are known beforehand. A numbered name (``Task 1``, ``Task 2``) is taken for an experiment
only where the words around its two forms tell the experiments apart.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from reportgen.documents.blocks import Block
from reportgen.verification.facts.subject import CARDINALS, SUBSCRIPTS, Part, Subject

_NOUNS = (
    r"experiments?|exp(?:t|mt)?|parts?|tasks?|problems?|stud(?:y|ies)|jobs?|runs?|test\s+series|series|settings?|cases?|"
    r"net(?:work)?s?|models?|builds?|phases?|q(?:uestion)?s?|assignments?|stages?|trials?|tests?|units?|variants?|sets?|e|p|t"
)
_SUFFIXES = (
    ("1", "2"),
    ("I", "II"),
    ("i", "ii"),
    ("A", "B"),
    ("a", "b"),
    ("X", "Y"),
    ("α", "β"),
    ("one", "two"),
    ("One", "Two"),
    ("ONE", "TWO"),
)
_NUMBERED = re.compile(
    rf"(?<!\w)(?P<noun>(?i:{_NOUNS}))[\s_:#.-]*(?:no\.?\s*)?\(?(?P<suffix>[12]|I{{1,2}}|i{{1,2}}|[AB]|[XY]|[αβ]|[Oo]ne|[Tt]wo|ONE|TWO)\)?(?![\w.]*\w)",
)
_STEM = re.compile(r"(?<![\w.])(?P<stem>[^\W\d]{1,12}[_{-]{0,2})(?P<classes>\d{1,2})(?![\w.]*\d|\s*[%×x*])")
_LEAST_LEANING = 2
"""By how many mentions the two forms of a name must differ in what they are about."""
_NEAR = 40
"""Characters after a name in which a bare number may be how many classes it has."""
_REACH = 200
"""Characters after a name that may say how many classes it has."""


def learn_names(blocks: Sequence[Block], subject: Subject) -> Subject:
    """Return the subject with the names that a document has for its experiments."""
    parts = [part for part in subject.parts if not part.free]
    if len({part.classes for part in parts}) != len(parts) or len(parts) != 2:
        return subject
    text = "\n".join(block.text.translate(SUBSCRIPTS) for block in blocks)
    names: dict[str, list[str]] = {part.id: [_way(part)] for part in parts}
    for part in parts:
        names[part.id].append(_GROUPED if part.planned.grouped else _UNGROUPED)
    for first, second in (*_numbered(text, parts), *_stemmed(text, parts)):
        names[parts[0].id].append(first)
        names[parts[1].id].append(second)
    return replace(subject, names={key: tuple(patterns) for key, patterns in names.items()})


_GROUPED = (
    r"(?i:(?:coarse|grouped|merged|combined|re-?grouped|super[\s-]?class(?:es)?)"
    r"(?:[\s-]+(?:problem|experiment|network|net|task|run|model|classes|labels?|groups?)))"
)
_UNGROUPED = (
    r"(?i:(?:digit|fine|un-?grouped|original)[\s-]+(?:problem|experiment|network|net|task|run|model|classifier))"
)


def _way(part: Part) -> str:
    units = r"way|class(?:es)?|labels?|outputs?|categor(?:y|ies)|groups?|digits?|bins?|fold"
    return rf"(?i:(?:{_spelled(part)})[\s-]*(?:{units}))"


def _numbered(text: str, parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Yield patterns of the two forms of each numbered name that tells the experiments apart."""
    found: dict[tuple[str, str], list[str]] = {}
    for match in _NUMBERED.finditer(text):
        following = text[match.end() : match.end() + _REACH]
        cut = _NUMBERED.search(following)
        found.setdefault((match["noun"].lower(), match["suffix"]), []).append(
            following[: cut.start()] if cut else following
        )
    nouns = {noun for noun, _ in found}
    for noun in nouns:
        for pair in _SUFFIXES:
            first, second = found.get((noun, pair[0]), []), found.get((noun, pair[1]), [])
            if first and second and _leaning(first, parts) - _leaning(second, parts) >= _LEAST_LEANING:
                yield (
                    rf"(?i:{re.escape(noun)})[\s_:#.-]*(?:no\.?\s*)?\(?{pair[0]}\)?(?![\w.]*\w)",
                    rf"(?i:{re.escape(noun)})[\s_:#.-]*(?:no\.?\s*)?\(?{pair[1]}\)?(?![\w.]*\w)",
                )


def _leaning(texts: Sequence[str], parts: Sequence[Part]) -> int:
    """How many more of the texts speak of the first experiment's classes and counts than of the second's."""
    signs = [re.compile(_sign(part), re.I) for part in parts]
    bare = [re.compile(rf"(?<![\w.,])(?:{_spelled(part)})(?![\w.,]*\d)", re.I) for part in parts]
    leaning = 0
    for text in texts:
        first, second = (
            len(sign.findall(text)) + len(number.findall(text[:_NEAR]))
            for sign, number in zip(signs, bare, strict=True)
        )
        leaning += (first > second) - (first < second)
    return leaning


def _sign(part: Part) -> str:
    """Pattern of what is said of one experiment only: how many classes it has, its last layer's count, its total."""
    counts = [layer.trainable for layer in part.count.layers if layer.trainable]
    numbers = "|".join(rf"{count}|{count:,}" for count in (counts[-1], part.count.trainable))
    adjective = _GROUPED if part.planned.grouped else _UNGROUPED
    return rf"(?<![\w.,])(?:{numbers})(?![\w.,]*\d)|(?<!\w)(?:{_way(part)}|{adjective})"


def _spelled(part: Part) -> str:
    return "|".join({str(part.classes), *CARDINALS[part.classes - 1 : part.classes]})


def _stemmed(text: str, parts: Sequence[Part]) -> Iterator[tuple[str, str]]:
    """Yield patterns of names that end in the number of classes: ``net10`` and ``net4``."""
    stems: dict[str, set[int]] = {}
    for match in _STEM.finditer(text):
        stems.setdefault(match["stem"], set()).add(int(match["classes"]))
    first, second = (part.classes for part in parts)
    for stem, numbers in stems.items():
        if numbers == {first, second}:
            yield (rf"{re.escape(stem)}{first}(?!\w|\.\d)", rf"{re.escape(stem)}{second}(?!\w|\.\d)")
