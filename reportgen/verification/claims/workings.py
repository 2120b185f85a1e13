"""Workings of layers: products of sizes with a bias, recognised by their factors and not by the words around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from reportgen.assignment.layers import Conv2d, Linear
from reportgen.documents.blocks import Block
from reportgen.verification.claims.arithmetic import Token, tokenize
from reportgen.verification.claims.numerals import Numeral, Stream
from reportgen.verification.facts.subject import Part, Subject

_JOINTS = frozenset({"plus", "and", "with", "bias", "biases", "w", "b", "weights", "weight", "the", "of", "a"})
_MAX_FACTORS = 6
_REACH = 3
"""Numbers before or after a working among which its result may stand."""
_MAX_GAP = 2
"""Blocks between a working and its result."""


@dataclass(frozen=True)
class Working:
    """A product of two sizes or more, with the bias that is added to it where there is one."""

    block: Block
    at: int
    """Index of the block."""
    start: int
    end: int
    factors: tuple[int, ...]
    bias: int | None

    @property
    def value(self) -> int:
        """The count that it gives."""
        return prod(self.factors) + (self.bias or 0)

    @property
    def text(self) -> str:
        """As printed."""
        return self.block.text[self.start : self.end]

    def numbers(self) -> Counter[int]:
        """Its factors and its bias."""
        return Counter((*self.factors, *(() if self.bias is None else (self.bias,))))


@dataclass(frozen=True)
class Formula:
    """The working that a layer of an experiment should have."""

    part: Part
    index: int
    factors: tuple[int, ...]
    bias: int

    @property
    def value(self) -> int:
        """The layer's number of trainable parameters."""
        return prod(self.factors) + self.bias

    def numbers(self) -> Counter[int]:
        """Its factors and its bias."""
        return Counter((*self.factors, self.bias))

    def is_of(self, working: Working) -> bool:
        """Tell whether a working is this one."""
        return working.bias == self.bias and Counter(working.factors) == Counter(self.factors)

    def is_near(self, working: Working) -> bool:
        """Tell whether a working is this one but for one number that is changed or left out."""
        own, other = self.numbers(), working.numbers()
        shared = (own & other).total()
        if working.bias is None and len(working.factors) > len(self.factors):
            return False  # multiplications and no weights
        if working.bias is None and len(self.factors) == 2 and self.factors[0] not in working.factors:
            return False  # the size of a matrix, or any other product with the number of classes
        return not self.is_of(working) and own.total() - shared <= 1 and other.total() - shared <= 1


def formulas(subject: Subject) -> list[Formula]:
    """The workings of all layers with a bias that the assignment fixes, in the order of the experiments."""
    found = []
    for part in subject.parts:
        for index, (layer, counted) in enumerate(part.layers()):
            if isinstance(layer, Conv2d) and layer.bias and layer.groups == 1:
                factors = (counted.input_shape[0], *layer.kernel_size, layer.out_channels)
                found.append(Formula(part, index, factors, layer.out_channels))
            elif isinstance(layer, Linear) and layer.bias:
                found.append(
                    Formula(part, index, (counted.input_shape[-1], counted.output_shape[-1]), counted.output_shape[-1])
                )
    return found


def find_workings(blocks: Sequence[Block]) -> list[Working]:
    """Find the products of a document, in their order."""
    return [working for at, block in enumerate(blocks) for working in _in_block(block, at)]


def _in_block(block: Block, at: int) -> Iterator[Working]:
    tokens = tokenize(block.text)
    index = 0
    while index < len(tokens):
        factors, end = _product(tokens, index)
        if len(factors) < 2:
            index += 1
            continue
        first = tokens[index].start
        closes = end
        while closes < len(tokens) and tokens[closes].kind == "close":
            closes += 1
        bias, after = _bias(tokens, closes)
        stop = tokens[after - 1].end if bias is not None else tokens[end - 1].end
        before = tokens[index - 1] if index else None
        ends = tokens[after] if after < len(tokens) else None
        if not (_continues(before) or (bias is not None and ends is not None and ends.text in {"*", "/", "^"})):
            yield Working(block, at, first, stop, tuple(factors), bias)
        index = max(after if bias is not None else end, index + 1)


def _continues(before: Token | None) -> bool:
    """Tell whether a product is the rest of a longer expression."""
    return before is not None and before.kind == "operator" and before.text in {"*", "/", "^", "%"}


def _product(tokens: Sequence[Token], index: int) -> tuple[list[int], int]:
    """Read ``1·7·7·16`` or ``16·5²·8``; factors may stand in brackets of their own."""
    factors: list[int] = []
    end = index
    while index < len(tokens) and len(factors) < _MAX_FACTORS:
        if not _is_size(tokens[index]):
            break
        number = tokens[index].number
        assert number is not None
        factors.append(int(number.value))
        index += 1
        if index + 1 < len(tokens) and tokens[index].text == "^" and tokens[index + 1].text in {"2", "²"}:
            factors.append(factors[-1])
            index += 2
        end = index
        if index < len(tokens) and tokens[index].kind == "operator" and tokens[index].text == "*":
            index += 1
            while index < len(tokens) and tokens[index].kind == "open":
                index += 1
        else:
            break
    return factors, end


def _is_size(token: Token) -> bool:
    number = token.number
    return number is not None and number.value.denominator == 1 and not number.decimals and 0 < number.value < 10**7


def _bias(tokens: Sequence[Token], index: int) -> tuple[int | None, int]:
    """Read ``+ 16``, ``plus 16 biases``, ``and 16 biases``, ``bias 16`` after a product."""
    at, plus, worded = index, False, False
    while at < len(tokens) and at - index <= 5:
        token = tokens[at]
        if token.text == "+" and not plus:
            plus = True
        elif token.kind == "word" and token.text.lower() in _JOINTS:
            worded = worded or token.text.lower() in {"bias", "biases", "b"}
            plus = plus or token.text.lower() == "plus"
        elif token.kind in {"open", "other"} and token.text in {"(", "[", ","}:
            pass
        elif _is_size(token):
            following = tokens[at + 1] if at + 1 < len(tokens) else None
            named = worded or (following is not None and following.text.lower() in {"bias", "biases"})
            if (plus or named) and not (following is not None and following.text in {"*", "/", "^"}):
                number = token.number
                assert number is not None
                return _without_result(token, int(number.value)), at + 1
            return None, index
        else:
            return None, index
        at += 1
    return None, index


def _without_result(token: Token, value: int) -> int:
    """The bias of ``(1*7*7*16) + 16,800``, where the comma of a list parts it from the result and groups no digits."""
    first, comma, _ = token.text.partition(",")
    return int(first) if comma and first.isdecimal() and len(first) < 3 and value >= 1000 else value


@dataclass(frozen=True)
class Result:
    """A working and the number that stands where its result is to be expected."""

    working: Working
    formula: Formula
    """The layer's working that it is, or comes nearest to."""
    claimed: Numeral | None
    """None where no place is usual."""
    followed_by: int | None
    """The whole number that stands next after the working."""


def groups(workings: Sequence[Working], asked: Sequence[Formula]) -> list[list[tuple[Working, Formula]]]:
    """Part the workings that are those of layers, or all but, into runs through the network from its first layer on."""
    found: list[list[tuple[Working, Formula]]] = []
    last = len(asked)
    for working in workings:
        formula = next((formula for formula in asked if formula.is_of(working)), None) or next(
            (formula for formula in asked if formula.is_near(working)), None
        )
        if formula is None:
            continue
        if formula.index < last or not found:
            found.append([])
        found[-1].append((working, formula))
        last = formula.index
    return found


def results(group: Sequence[tuple[Working, Formula]], stream: Stream) -> list[Result]:
    """Find the printed result of each working of a run: where most of the run have theirs.

    A run is written alike, so the place where most have the number that they give is the place of the others'
    results, whatever words or signs stand between.
    """
    around = [_nearby(working, stream) for working, _ in group]
    right = [
        {place for place, numeral in nearby.items() if numeral.is_whole and numeral.value == working.value}
        for nearby, (working, _) in zip(around, group, strict=True)
    ]
    votes = Counter(place for places in right for place in places)
    usual = next((place for place, count in votes.most_common(1) if count >= 2 and 2 * count > len(group)), None)
    found = []
    for nearby, places, (working, formula) in zip(around, right, group, strict=True):
        place = usual if usual in places or not places else min(places, key=abs)
        claimed = nearby.get(place) if place is not None else None
        following = nearby.get(1)
        found.append(
            Result(
                working,
                formula,
                claimed if claimed is not None and claimed.is_whole else None,
                int(following.value) if following is not None and following.is_whole else None,
            )
        )
    return found


def _nearby(working: Working, stream: Stream) -> dict[int, Numeral]:
    """Numbers after a working, counted from 1, and before it, from -1."""
    own = stream.of(working.at)
    after = [numeral for numeral in own if numeral.start >= working.end]
    before = [numeral for numeral in own if numeral.end <= working.start]
    if not after:
        after = stream.following(working.at, _MAX_GAP)[:1]
    found = dict(enumerate(after[:_REACH], 1))
    found.update((-place, numeral) for place, numeral in enumerate(reversed(before[-_REACH:]), 1))
    return found
