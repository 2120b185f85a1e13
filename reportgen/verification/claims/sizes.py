"""Sizes of data sets and of their images, held against what is published of the data sets that a document names."""

import re
from collections.abc import Iterator

from reportgen.assignment.datasets import Published
from reportgen.verification.claims.about import about
from reportgen.verification.claims.numerals import Numeral
from reportgen.verification.claims.page import Page
from reportgen.verification.claims.statements import Statement
from reportgen.verification.facts.store import Facts
from reportgen.verification.ledger import Quantity, Rule, Source

_SIZED = frozenset({
    Quantity.DATA_SIZE, Quantity.IMAGE_SIZE, Quantity.CLASSES, Quantity.SHAPE, Quantity.UNITS, Quantity.UNKNOWN,
    Quantity.CHANNELS, Quantity.SUPPORT, Quantity.LAYERS,
})  # fmt: skip
_DIMENSIONS = re.compile(r"(?<![\d.,])\d{1,4}(?:\s*(?:[x×*,]|\\times)\s*\d{1,4}){1,3}(?![\d.]|,\d)")
_EACH = re.compile(
    r"(?:per|each|every|a|pro|je|jede\w?|par|chaque|por|cada)\s(?:\w+\s){0,2}?(?:class|categor|label|digit|klasse|catégorie|clase)"
    r"|/\s?class|每个?类|每類|各クラス|クラスごと|클래스당|на\s+класс",
    re.I,
)
_LEAST_IMAGES = 100
"""A number from which on it may be one of images beside another."""
_IMAGES = re.compile(
    r"image|sample|example|train|test|digit|data|split|set|训练|訓練|测试|テスト|枚|张|장|bild|daten", re.I
)


def read_sizes(  # noqa: PLR0912 (one branch a kind of size)
    page: Page, facts: Facts
) -> Iterator[Statement]:
    """Yield the sizes that a data set of the document has."""
    if not facts.datasets:
        return
    features = {one.features: one for one in reversed(facts.datasets)}
    classes = {one.classes: one for one in reversed(facts.datasets)}
    shapes: dict[tuple[int, ...], Published] = {}
    for one in reversed(facts.datasets):
        channels, high, wide = one.image_shape
        for channel in (channels, 1):
            shapes |= {(high, wide): one, (channel, high, wide): one, (high, wide, channel): one}
    for at, block in enumerate(page.blocks):
        for match in _DIMENSIONS.finditer(block.text):
            shape = tuple(int(size) for size in re.findall(r"\d+", match[0]))
            dataset = next((shapes[cut] for cut in (shape, shape[1:], shape[-2:]) if cut in shapes), None)
            if dataset is not None and (shape in shapes or shape[0] == dataset.features or len(shape) == 4):
                yield Statement(
                    block,
                    match.start(),
                    match.end(),
                    Quantity.IMAGE_SIZE,
                    Rule.DATA_SET,
                    f"an image of {dataset.title} is {'×'.join(map(str, dataset.image_shape))}",
                    True,
                    source=Source.DATA_SET,
                )
        for numeral in page.stream.of(at):
            if not numeral.is_whole or numeral.percent:
                continue
            value = int(numeral.value)
            counted = [one for one in facts.datasets if value in one.totals | one.each]
            if not counted and value not in features and value not in classes:
                continue
            told = about(page, numeral)
            if told.quantity not in _SIZED:
                continue
            known, quantity = None, told.quantity
            near = page.sentence(at, numeral.start).text + page.contexts[at].heading
            part = next((one for one in counted if _is_part(page, numeral, told.scope.split, one)), None)
            if part is not None and _IMAGES.search(near):
                known, quantity = part, Quantity.DATA_SIZE
            elif value in features:
                known = features[value]
            elif value in classes and told.quantity in {Quantity.CLASSES, Quantity.UNITS}:
                known = classes[value]
            if known is not None:
                yield Statement(
                    numeral.block,
                    numeral.start,
                    numeral.end,
                    quantity,
                    Rule.DATA_SET,
                    f"{known.title} as published",
                    True,
                    expected=f"{value:,}",
                    source=Source.DATA_SET,
                    scope=told.scope,
                    witnesses=told.witnesses,
                )


def _is_part(page: Page, numeral: Numeral, split: str | None, dataset: Published) -> bool:
    """Tell whether the words say that a number is one of the data set's own: an own split may have the same size."""
    value = int(numeral.value)
    sentence = page.sentence(numeral.at, numeral.start)
    if value not in dataset.totals:
        return bool(_EACH.search(sentence.text))
    own = {"train": dataset.sizes[0], "test": dataset.sizes[1]}
    if split is not None:
        return own.get(split) == value or (value not in dataset.sizes[:2] and split != "validation")
    beside = page.numerals(numeral.at, sentence.start, sentence.end)
    known = dataset.totals | dataset.each | {dataset.features}
    return all(int(other.value) in known for other in beside if other.is_whole and other.value >= _LEAST_IMAGES)
