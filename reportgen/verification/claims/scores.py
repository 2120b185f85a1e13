"""Accuracies, errors and scores of classes, held against matrices, class reports, parts of a whole, tables and logs."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice, takewhile

from reportgen.verification.claims.about import About, about
from reportgen.verification.claims.class_reports import read_class_report
from reportgen.verification.claims.matrices import Matrix
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Scope, Source, Witness

_RATES = frozenset({Quantity.ACCURACY, Quantity.ERROR_RATE, Quantity.PRECISION, Quantity.RECALL, Quantity.F1})
_WHOLE = frozenset({Quantity.ACCURACY, Quantity.ERROR_RATE})
_CHANCE = Fraction(1, 4)
"""Part of all values, at most, that the scores of classes may cover by rounding where one of them proves a number."""
_N_OF_M = re.compile(
    r"(?P<n>\d[\d,.\u2009\u202f]*)\s*(?:out\s+of|of(?:\s+the)?|/|von|sur|de)\s*(?P<m>\d[\d,.\u2009\u202f]*\d)(?![\d.]*\s*%)"
)
_BESIDE = re.compile(
    r"(?:[\w\s]{0,40},?\s(?:so|giving|or|an?|that\s+is|which\s+is)\s+(?:the\s+|an?\s+)?(?:test\s+)?accuracy\s+(?:is|of)\s*\Z)|"
    r"\s*(?:(?:test\s+)?(?:images|samples|digits)?\s*(?:correct(?:ly)?)?\s*)?[(=:,–-]*\s*(?:i\.e\.\s*)?\Z"
)
_COUNTING = re.compile(r"(?:epoch|step|batch|iter|fold|run|época|cell|page|layer)\w*\W{0,4}\Z|\[\Z", re.I)
_AROUND = 120
"""Characters before and after ``n of m`` in which the share that it makes may stand."""
_NEAR = 30
"""Blocks between a matrix and the accuracy that it is beside, at most."""


def agrees(numeral: Numeral, share: Fraction) -> bool:
    """Tell whether a printed number is a rounding of a share, in hundredths or not."""
    return any(abs(numeral.value - value) <= numeral.half for value in (share, share * 100))


def read_scores(page: Page, facts: Facts) -> Iterator[Statement]:
    """Yield what matrices, class reports and neighbours prove of accuracies, errors and scores of classes."""
    yield from _matrix_cells(facts)
    for grid in page.grids:
        yield from read_class_report(grid)
    seen = _repeats(page)
    for at, block in enumerate(page.blocks):
        if block.kind == "picture":
            continue
        yield from _parts(page, at)
        for numeral in page.stream.of(at):
            told = about(page, numeral)
            if told.quantity not in _RATES:
                continue
            yield from _by_matrix(numeral, told, facts)
            again = next((other for other in seen.get(_hundredths(numeral), ()) if other.at != numeral.at), None)
            if again is not None and numeral.number.decimals >= 2:
                # a slip that is copied stands twice, too
                yield _statement(
                    numeral,
                    told,
                    Rule.REPEATED,
                    f"said again at {again.block.place}",
                    None,
                    decide="the code, its log or its data",
                )


def _statement(
    numeral: Numeral,
    told: About,
    rule: Rule,
    how: str,
    fits: bool | None,
    *,
    source: Source | None = None,
    expected: str | None = None,
    inside: bool = False,
    decide: str | None = None,
    experiment: str | None = None,
) -> Statement:
    return Statement(
        numeral.block,
        numeral.start,
        numeral.end,
        told.quantity,
        rule,
        how,
        fits,
        inside=inside,
        expected=expected,
        source=source,
        scope=told.scope.model_copy(update={"experiment": experiment}) if experiment else told.scope,
        witnesses=told.witnesses,
        modality=told.modality,
        decide=decide,
    )


def _repeats(page: Page) -> dict[Fraction, list[Numeral]]:
    """The first two blocks in which each share of two decimals or more stands, in hundredths."""
    found: dict[Fraction, list[Numeral]] = {}
    for numeral in page.stream.numerals:
        if numeral.number.decimals >= 2:
            own = found.setdefault(_hundredths(numeral), [])
            if not own or (len(own) == 1 and own[0].at != numeral.at):
                own.append(numeral)
    return found


def _matrix_cells(facts: Facts) -> Iterator[Statement]:
    """The cells of a matrix: counted images, held against the images of each class of the data set."""
    for matrix in facts.matrices:
        owner = next((part for part in facts.subject.parts if not part.free and matrix.sums == part.test_counts), None)
        sizes = {size for dataset in facts.datasets for size in dataset.sizes}
        whole = owner is not None or matrix.total in sizes
        size = len(matrix.rows)
        how = f"a {size}×{size} confusion matrix of {matrix.total:,} images, {matrix.trace:,} right"
        if owner is not None:
            how += f"; its rows sum to the test images of each class of {owner.asked.short_title}"
        cells = Statement(
            matrix.blocks[0],
            0,
            len(matrix.blocks[0].text),
            Quantity.CONFUSION_MATRIX,
            Rule.MATRIX,
            how,
            True if whole else None,
            expected=", ".join(f"{count:,}" for count in matrix.sums),
            source=Source.DATA_SET if whole else None,
            scope=Scope(experiment=owner.id if owner else matrix.context.part),
            decide=None if whole else "which images it was made of",
        )
        yield replace(cells, whole=True)
        for block in {id(block): block for block in matrix.blocks}.values():
            yield replace(cells, block=block, end=len(block.text))
        yield from _row_totals(matrix)


def _row_totals(matrix: Matrix) -> Iterator[Statement]:
    for row, block, printed in zip(matrix.rows, matrix.blocks, matrix.totals, strict=True):
        if printed is None or len([other for other in matrix.blocks if other is block]) > 1:
            continue
        ends = [match for match in re.finditer(r"\d[\d,]*", block.text) if match[0].replace(",", "") == str(printed)]
        if ends:
            yield Statement(
                block,
                ends[-1].start(),
                ends[-1].end(),
                Quantity.SUM,
                Rule.TABLE_TOTAL,
                f"its row sums to {sum(row):,}",
                printed == sum(row),
                inside=True,
                expected=f"{sum(row):,}",
                source=Source.DOCUMENT_MATRIX,
                witnesses=frozenset({Witness.ROW, Witness.SIBLINGS}),
            )


def _by_matrix(numeral: Numeral, told: About, facts: Facts) -> Iterator[Statement]:
    own = facts.rates.get(told.quantity, [])
    fitting: list[int] = []
    for scale in (1, 100) if own else ():
        low, high = (numeral.value - numeral.half) / scale, (numeral.value + numeral.half) / scale
        fitting += [at for _, at in own[bisect_left(own, (low,)) : bisect_right(own, (high, len(own)))]]
    if not fitting:
        yield from _against_matrix(numeral, told, facts)
        return
    shares = [abs((told.quantity is Quantity.ERROR_RATE) - one.share) for one in facts.matrices]
    whole = [at for at in fitting if told.quantity in _WHOLE and agrees(numeral, shares[at])]
    half = numeral.half / (100 if numeral.percent or numeral.value > 1 else 1)
    if not whole and 2 * half * len(own) > _CHANCE:
        return  # with so many scores of classes 0.84 fits one of them, whatever it is
    matrix = facts.matrices[min(whole or fitting)]
    owner = next((p.id for p in facts.subject.parts if not p.free and matrix.sums == p.test_counts), None)
    diagonal = f"{matrix.trace:,} of {matrix.total:,} images on the diagonal of the confusion matrix"
    yield _statement(
        numeral,
        told,
        Rule.MATRIX,
        diagonal if whole else "the rows and columns of the confusion matrix",
        True,
        source=Source.DOCUMENT_MATRIX,
        expected=f"{float(matrix.share):.4%}",
        experiment=owner or told.scope.experiment,
    )


def _against_matrix(numeral: Numeral, told: About, facts: Facts) -> Iterator[Statement]:
    """An accuracy beside the only matrix of its section: two ways to tell that they belong together."""
    if told.quantity is not Quantity.ACCURACY or told.scope.split in {"train", "validation"}:
        return
    page, context = facts.page, facts.page.contexts[numeral.at]
    first = bisect_left(facts.placed, numeral.at - _NEAR, key=lambda matrix: matrix.at)
    near = list(takewhile(lambda matrix: matrix.at <= numeral.at + _NEAR, islice(facts.placed, first, None)))
    own = [
        m for m in near if context.heading and m.context.heading == context.heading and m.context.part == context.part
    ]
    if len(own) != 1 or numeral.block.kind == "row" or told.scope.epoch is not None:
        return
    matrix = own[0]
    begin, end = sorted((matrix.at, numeral.at))
    others = [
        other
        for at in range(begin, end + 1)
        for other in page.stream.of(at)
        if other is not numeral and (other.percent or other.number.decimals >= 2)
    ]
    witnesses = told.witnesses | {Witness.SECTION}
    doubt = None
    if others or not 5 * abs(_hundredths(numeral) - matrix.share * 100) < 100:
        doubt = "which of the section's numbers the matrix belongs to"
    elif told.scope.split is None:
        doubt = "of which images it is"
    yield replace(
        _statement(
            numeral,
            told,
            Rule.MATRIX,
            f"the confusion matrix of its section has {matrix.trace:,} of {matrix.total:,} images on its diagonal",
            False,
            source=Source.DOCUMENT_MATRIX,
            expected=f"{float(matrix.share):.4%}",
            decide=doubt,
        ),
        witnesses=witnesses,
    )


def _hundredths(numeral: Numeral) -> Fraction:
    return numeral.value if numeral.percent or numeral.value > 1 else numeral.value * 100


def _parts(page: Page, at: int) -> Iterator[Statement]:
    """``9,666 of 10,000`` beside 96.66 % in one sentence."""
    block = page.blocks[at]
    if "%" not in block.text and "of" not in block.text and "/" not in block.text:
        return
    for match in _N_OF_M.finditer(block.text):
        part, whole = _whole(match["n"]), _whole(match["m"])
        if part is None or whole is None or not 0 < part <= whole or whole < 10:
            continue
        if _COUNTING.search(block.text, max(0, match.start() - 16), match.start()):
            continue  # ``Epoch [3/10]``
        sentence = page.sentence(at, match.start())
        inside = page.numerals(
            at, max(sentence.start, match.start() - _AROUND), min(sentence.end, match.end() + _AROUND)
        )
        rates = [
            n for n in inside if (n.percent or n.number.decimals >= 2) and not match.start() <= n.start < match.end()
        ]
        wholes = list(_N_OF_M.finditer(block.text, max(sentence.start, match.start() - _AROUND), match.end() + _AROUND))
        share = Fraction(part, whole)
        fitting = [n for n in rates if agrees(n, share) or agrees(n, 1 - share)]
        for numeral in fitting:
            told = about(page, numeral)
            yield _statement(
                numeral,
                told,
                Rule.PART_OF_WHOLE,
                f"{part:,} of {whole:,} is {float(share):.4%}",
                True,
                source=Source.ARITHMETIC,
                inside=True,
            )
            yield Statement(
                block,
                match.start("n"),
                match.end("m"),
                Quantity.IMAGES_RIGHT,
                Rule.PART_OF_WHOLE,
                f"{part:,} of {whole:,} is {float(share):.4%}",
                True,
                source=Source.ARITHMETIC,
                scope=told.scope,
            )
        if not fitting and len(rates) == len(wholes) == 1:
            numeral = rates[0]
            between = block.text[match.end() : numeral.start]
            told = about(page, numeral)
            tight = numeral.start > match.end() and bool(_BESIDE.match(between))
            yield _statement(
                numeral,
                told,
                Rule.PART_OF_WHOLE,
                f"{part:,} of {whole:,} is {float(share):.4%}",
                False,
                source=Source.ARITHMETIC,
                inside=True,
                expected=f"{float(share):.4%}",
                decide=None if tight else "whether the two belong together",
            )


def _whole(text: str) -> int | None:
    plain = re.sub(r"[,.\u2009\u202f]", "", text)
    grouped = re.fullmatch(r"\d{1,3}(?:[,.\u2009\u202f]\d{3})+|\d+", text)
    return int(plain) if grouped and len(plain) < 12 else None
