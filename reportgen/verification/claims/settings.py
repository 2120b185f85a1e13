"""Settings of the training: what the document says, beside what the assignment asks for. Nothing here can be wrong."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.verification.claims.about import about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Modality, Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_OPTIMIZERS = re.compile(
    r"(?<![\w])(?P<name>AdamW|Adam|SGD|RMS[\s-]?prop|Adagrad|Adadelta|Nadam|Adamax|stochastic\s+gradient\s+descent)(?![\w])"
)
_OPTIMIZING = re.compile(r"optimi[sz]|Optimierer|优化器|最適化|최적화|optimizador|optimiseur|ottimizzatore", re.I)
_CROSS_ENTROPY = re.compile(r"(?:categorical\s+)?cross[\s-]*entropy", re.I)
_LOSS = re.compile(r"loss|criterion|objective", re.I)
_ROLL = re.compile(r"roll|digits|divi|mod\b|%|remainder", re.I)
_TRAINING = re.compile(r"train|epochs?\s*[:=|]|number\s+of|for\s+\d+\s+epochs", re.I)


@dataclass(frozen=True)
class _Said:
    numeral: Numeral
    value: int
    asserted: bool
    experiment: str | None


def read_settings(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield the settings that a document states and that its assignment asks for."""
    if not facts.subject.parts:
        return
    yield from _batch_sizes(page, facts)
    yield from _epochs(page, facts)
    yield from _optimizers(page, facts)
    yield from _losses(page)
    yield from _roll_numbers(page, facts)


def _numbers(page: Page, quantity: Quantity) -> list[_Said]:
    found = []
    for numeral in page.stream.numerals:
        if numeral.is_whole and not numeral.percent and 0 < numeral.value < 10**5:
            told = about(page, numeral)
            if told.quantity is quantity:
                asserted = told.modality is Modality.ASSERTED
                found.append(_Said(numeral, int(numeral.value), asserted, told.scope.experiment))
    return found


def _batch_sizes(page: Page, facts: Facts) -> Iterator[Statement]:
    asked = facts.subject.batch
    said = _numbers(page, Quantity.BATCH_SIZE)
    met = any(one.value == asked for one in said)
    told = False
    for one in said:
        if asked is None:
            yield _setting(
                one, Quantity.BATCH_SIZE, None, "the batch size follows from the roll number", "the roll number"
            )
        elif one.value == asked:
            yield _setting(one, Quantity.BATCH_SIZE, f"{asked}", f"by the roll number {facts.subject.roll}", None)
        else:
            deviates = not met and not told and one.asserted
            told = told or deviates
            yield _setting(
                one,
                Quantity.BATCH_SIZE,
                f"{asked}",
                f"by the roll number {facts.subject.roll} it is {asked}",
                "the code",
                deviates=deviates,
            )


def _epochs(page: Page, facts: Facts) -> Iterator[Statement]:
    said = [one for one in _numbers(page, Quantity.EPOCHS) if _TRAINING.search(_sentence(page, one.numeral))]
    deviating: set[str | None] = set()
    asked = {part.id: part.planned.training.epochs for part in facts.subject.parts}
    for one in said:
        wanted = {asked[one.experiment]} if one.experiment in asked else set(asked.values())
        text = ", ".join(str(number) for number in sorted(wanted))
        if one.value in wanted:
            yield _setting(one, Quantity.EPOCHS, text, "as the assignment asks", None)
            continue
        met = any(
            other.value in wanted and (one.experiment is None or other.experiment in {one.experiment, None})
            for other in said
        )
        deviates = not met and one.asserted and one.experiment not in deviating
        if deviates:
            deviating.add(one.experiment)
        yield _setting(one, Quantity.EPOCHS, text, f"the assignment asks for {text}", "the code", deviates=deviates)


def _setting(
    one: _Said, quantity: Quantity, expected: str | None, how: str, decide: str | None, *, deviates: bool = False
) -> Statement:
    numeral = one.numeral
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        quantity,
        Rule.ASSIGNMENT,
        how,
        True if decide is None else None,
        expected=expected,
        source=Source.ASSIGNMENT if expected else None,
        scope=Scope(experiment=one.experiment),
        witnesses=frozenset({Witness.CLAUSE}),
        modality=Modality.ASSERTED if one.asserted else Modality.UNCLEAR,
        decide=decide,
        deviates=deviates,
    )


def _sentence(page: Page, numeral: Numeral) -> str:
    sentence = page.sentence(numeral.at, numeral.start)
    if numeral.at in page.cells:
        grid, row = page.cells[numeral.at]
        return f"{sentence.text} {' '.join(grid.head)} {grid.row_head(row)} number of"
    return sentence.text


def _optimizers(page: Page, facts: Facts) -> Iterator[Statement]:
    asked = {part.planned.training.optimizer.name for part in facts.subject.parts}
    found = []
    for at, block in enumerate(page.blocks):
        for match in _OPTIMIZERS.finditer(block.text):
            sentence = page.sentence(at, match.start())
            context = page.contexts[at]
            named = _OPTIMIZING.search(sentence.text) or _OPTIMIZING.search(context.heading)
            called = block.text[match.end() : match.end() + 1] == "("
            if named or called:
                name = "adamw" if match["name"] == "AdamW" else re.sub(r"\W", "", match["name"].lower())
                name = "sgd" if name.startswith("stochastic") else name
                found.append((block, match, name, context.part, sentence.modality is Modality.ASSERTED))
    met = any(name in asked for _, _, name, _, _ in found)
    told = False
    for block, match, name, part, asserted in found:
        right = name in asked
        deviates = not met and not told and asserted
        told = told or deviates
        yield Statement(
            block,
            match.start(),
            match.end(),
            Quantity.OPTIMIZER,
            Rule.ASSIGNMENT,
            "as the assignment asks" if right else f"the assignment asks for {', '.join(sorted(asked))}",
            True if right else None,
            expected=", ".join(sorted(asked)),
            source=Source.ASSIGNMENT,
            scope=Scope(experiment=part),
            witnesses=frozenset({Witness.CLAUSE}),
            whole=True,
            decide=None if right else "the code",
            deviates=deviates,
            text=match[0],
        )


def _losses(page: Page) -> Iterator[Statement]:
    for at, block in enumerate(page.blocks):
        for match in _CROSS_ENTROPY.finditer(block.text):
            if _LOSS.search(page.sentence(at, match.start()).text) or at in page.cells:
                yield Statement(
                    block,
                    match.start(),
                    match.end(),
                    Quantity.LOSS_FUNCTION,
                    Rule.ASSIGNMENT,
                    "as the assignment asks",
                    True,
                    expected="cross-entropy",
                    source=Source.ASSIGNMENT,
                    scope=Scope(experiment=page.contexts[at].part),
                    witnesses=frozenset({Witness.CLAUSE}),
                    whole=True,
                    text=match[0],
                )


def _roll_numbers(page: Page, facts: Facts) -> Iterator[Statement]:
    """The last digits of the roll number, where the sentence speaks of them."""
    if facts.subject.roll is None or facts.subject.assignment is None:
        return
    own = int(facts.subject.roll[-facts.subject.assignment.batch.digits :])
    for numeral in page.stream.numerals:
        mine = numeral.is_whole and numeral.value == own and not numeral.percent
        if mine and _ROLL.search(page.sentence(numeral.at, numeral.start).text):
            yield Statement(
                numeral.block,
                numeral.start,
                numeral.end,
                Quantity.ROLL_NUMBER,
                Rule.ASSIGNMENT,
                f"the last digits of {facts.subject.roll}",
                True,
                expected=str(own),
                source=Source.ASSIGNMENT,
                witnesses=frozenset({Witness.CLAUSE}),
            )
