"""Techniques of a report held against the code: dropout that no line has, and what the learning rate hangs on."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reportgen.documents.blocks import Block
from reportgen.verification import vocabulary
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.code import Code
from reportgen.verification.ledger import Quantity, Rule, Source, Witness

if TYPE_CHECKING:
    from reportgen.code.named_values import NamedValue

_DROPOUT = re.compile(r"drop[\s-]?out", re.I)
_RATED = re.compile(
    r"drop[\s-]?out(?:\s+(?:rate|probability|layers?|with|of|p|at|a))*\s*(?:\(|=|:)?\s*(?:p\s*=\s*|rate\s*=\s*)?"
    r"(?P<rate>0?\.\d+)\)?",
    re.I,
)
_DROPS = re.compile(
    r"drop_?out|drop_?path|drop_?block|drop_?connect|stochastic_?depth|\bdrop_|_drop\b|\.drop\b|droprate"
)
_WITHIN = re.compile(
    r"\btimm\b|transformers|keras\.applications|torch\.hub|load_model|fastai|models\.(?!resnet)[a-z]+\w*\("
)
"""Networks of libraries, which may drop out by themselves; those of torchvision's ResNet don't."""
_PLANNED = re.compile(r"future|next|improve|suggest|plan|todo|ideas?|outlook|limitation|related|background|theor", re.I)
_LOWERS = re.compile(
    r"ReduceLROnPlateau|(?:reduc|halv|lower|decreas)\w*\s+(?:the\s+)?(?:LR|learning[\s-]*rate)\b", re.I
)
_STOPS = re.compile(r"early[\s-]*stopp?\w*|stops?\s+(?:the\s+)?training", re.I)
_MEASURE = re.compile(r"\b(?P<measure>accurac(?:y|ies)|loss)\b", re.I)
_VERSION = re.compile(r"(?:version\s+|[^\w\[]*\[v?|[^\w\[]*v)(?P<version>\d+(?:\.\d+)+)\b", re.I)
"""The heading of a release in a list of changes."""
_IF = re.compile(r"\b(?:if|when|once|as\s+soon\s+as|whenever|unless|until)\b", re.I)
_AFTER = re.compile(r"\b(?P<n>\d{1,3})\s+(?:\w+\s+){0,2}epochs?", re.I)


def read_coded_techniques(page: Page, code: Code) -> Iterator[Statement]:
    """Yield the techniques that a document describes otherwise than the code has them."""
    if not code.problems and code.program.sources:
        yield from _dropout(page, code)
        yield from _monitors(page, code)


def _dropout(page: Page, code: Code) -> Iterator[Statement]:
    """A rate of dropout where no line of the program, and no network of a library, drops anything out."""
    if (
        not code.networks
        or _DROPS.search(code.text)
        or _WITHIN.search(code.text)
        or code.setting("dropout-rate").values
    ):
        return
    current = _newest_release(page)
    mentions = [
        (at, page.sentence(at, match.start()), page.contexts[at].heading)
        for at, block in enumerate(page.blocks)
        if at in current
        for match in _DROPOUT.finditer(block.text)
    ]
    sure = all(one.modality is Modality.ASSERTED and not _PLANNED.search(heading) for _, one, heading in mentions)
    several = len({at for at, _, _ in mentions}) > 1
    network = code.networks[0]
    for at in current:
        block = page.blocks[at]
        for match in _RATED.finditer(block.text):
            yield Statement(
                block,
                match.start("rate"),
                match.end("rate"),
                Quantity.DROPOUT_RATE,
                Rule.CODE,
                f"no line of the code has dropout (the network {network.name}: code: {network.file}:{network.line})",
                False,
                expected="no dropout",
                source=Source.CODE,
                where=f"{network.file}:{network.line}",
                witnesses=frozenset({Witness.CLAUSE, *([Witness.SIBLINGS] if several else [])}),
                modality=page.sentence(at, match.start()).modality,
                decide=None if sure else "whether it is part of the network that was handed in",
            )


def _newest_release(page: Page) -> range:
    """The blocks that are about the code as it is: all, or those of the newest release in a list of changes."""
    heads = [
        (at, tuple(int(part) for part in match["version"].split(".")))
        for at, block in enumerate(page.blocks)
        if block.kind == "heading" and (match := _VERSION.match(block.text))
    ]
    if len({version for _, version in heads}) < 2:
        return range(len(page.blocks))
    first, _ = max(heads, key=lambda head: head[1])
    level = page.blocks[first].level
    later = (
        at
        for at in range(first + 1, len(page.blocks))
        if page.blocks[at].kind == "heading" and page.blocks[at].level <= level
    )
    return range(first, next(later, len(page.blocks)))


def _monitors(page: Page, code: Code) -> Iterator[Statement]:
    """Which measure lowers the learning rate, or stops the training, of Keras' callbacks."""
    for function, pattern in (("ReduceLROnPlateau", _LOWERS), ("EarlyStopping", _STOPS)):
        watched = [one for one in code.values if one.name == f"{function}.monitor"]
        measures = {_measure(str(one.value)) for one in watched}
        calls = len(re.findall(rf"\b{function.lower()}\(", code.text))
        if len(measures) != 1 or not all(measures) or len(watched) != calls:
            continue
        for at, block in enumerate(page.blocks):
            for sentence in page.sentences[at] if pattern.search(block.text) else ():
                yield from _watched(block, sentence.start, sentence.text, pattern, watched[0], code)


def _watched(
    block: Block, start: int, text: str, pattern: re.Pattern[str], one: "NamedValue", code: Code
) -> Iterator[Statement]:
    named, condition = pattern.search(text), _IF.search(text)
    measures = list(_MEASURE.finditer(text))
    if named is None or condition is None or condition.start() < named.start() or len(measures) != 1:
        return
    measure = measures[0]
    if measure.start() < condition.end():
        return
    said = [found.id for found in vocabulary.find("modality", text[: condition.start()])]
    after = _AFTER.search(text, condition.end())
    patience = {value.value for value in code.setting("patience").own}
    siblings = [Witness.SIBLINGS] if after is not None and int(after["n"]) in patience else []
    right = _measure(measure["measure"]) == _measure(str(one.value))
    yield Statement(
        block,
        start + measure.start(),
        start + measure.end(),
        Quantity.TECHNIQUE,
        Rule.CODE,
        f"the code says {one.name} = {one.value} (code: {one.file}:{one.line})",
        right,
        expected=str(one.value),
        source=Source.CODE,
        where=f"{one.file}:{one.line}",
        witnesses=frozenset({Witness.CLAUSE, *siblings}),
        modality=Modality(said[0]) if said else Modality.ASSERTED,
        whole=True,
        text=text.strip()[:400],
    )


def _measure(name: str) -> str:
    """``loss`` or ``accuracy``; empty of another measure."""
    return "loss" if "loss" in name.lower() else "accuracy" if "acc" in name.lower() else ""
