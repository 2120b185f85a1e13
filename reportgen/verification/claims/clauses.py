"""Clauses that compare: which words they hold, whom they speak of, and whether anything narrows them down."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from reportgen.documents.numbers import Number
from reportgen.documents.tokens import numbers
from reportgen.verification import vocabulary
from reportgen.verification.claims.grids import Cell
from reportgen.verification.claims.page import Page, Sentence
from reportgen.verification.claims.relations import Column, Mention, Quantity, narrowing, quantity_of, tokens, without
from reportgen.verification.vocabulary import Found

_PART = re.compile(
    r",\s|;|，|、|；|\s[-–—]{1,3}\s|—|\b(?:but|while|whereas|although|though|despite|because|since|as\s+(?:it|they|the)|"
    r"(?:likely\s+)?due\s+to|thanks\s+to|aber|während|obwohl|weil|da|mais|tandis|car|pero|mientras|aunque|porque|mentre|ma|perché)\b",
    re.I,
)
_REGARDING = re.compile(
    r",(?=\s(?:in\s+terms?\s+of|regarding|with\s+re(?:gard|spect)\s+to|bezüglich|hinsichtlich|en\s+termes\s+de|en\s+cuanto\s+a|in\s+termini\s+di)\b)"
    r"([^,;]{3,60}),",
    re.I,
)
"""A phrase between commas that says which quantity is meant."""
_BRACKETS = re.compile(r"\([^()]*\)|（[^（）]*）")
_FINITE = re.compile(
    r"(?<!\w)(?:is|are|was|were|has|have|had|achieves?|reach(?:es|ed)|ist|war|hat|est|a|es|tiene|è|ha)(?!\w)", re.I
)
_SCENE = re.compile(
    r"\s*(?:with|without|on|in|at|for|among|amongst|under|after|before|when|if|using|during|given|of|between|within|by|from|once|only|where|as|"
    r"bei|ohne|mit|für|auf|nach|unter|im|wenn|von|sans|avec|pour|sur|dans|après|parmi|chez|si|sin|con|para|en|entre|tras|cuando|senza|per|su|nel\w*|"
    r"tra|dopo|se)\b|\s*[在对用于]|.*(?:では|において|에서는?)",
    re.I,
)
"""How a part of a sentence begins that sets the scene for the next."""
_TRAINABLE = re.compile(r"train|entra[iî]n|entren|addestr|可训练|학습", re.I)
_QUALIFIED = frozenset({"hypothetical", "rule quoted", "earlier trial", "of others"})
_EVERYWHERE = re.compile(
    r"\b(?:of|in|across)\s+(?:any|all|the\s+(?:entire|whole))\b|\bin\s+(?:this|the|our)\s+(?:study|work)\b", re.I
)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence with one word that compares."""

    sentence: Sentence
    start: int
    end: int
    text: str
    """As long as its part of the sentence; what stands in brackets is blank."""
    relation: Found
    entry: dict[str, object]

    @cached_property
    def tolerance(self) -> Found | None:
        """The word before what compares that says how nearly it is meant."""
        limit = self.number[1] if self.number else self.relation.start
        found = [one for one in vocabulary.find("tolerance", self.text) if one.start < limit]
        return found[-1] if found and limit - found[-1].end <= 1 else None

    @cached_property
    def number(self) -> tuple[Fraction, int, int] | None:
        """The number right before what compares, and its place."""
        own = [one for one in numbers(self.text[: self.relation.start]) if self.relation.start - one.end <= 1]
        return (own[-1].value, own[-1].start, own[-1].end) if own else None

    @cached_property
    def ordinal(self) -> Found | None:
        """``second`` right before ``largest``."""
        found = [one for one in vocabulary.find("ordinal", self.text) if one.end <= self.relation.start]
        return found[-1] if found and self.relation.start - found[-1].end <= 1 else None

    @property
    def everywhere(self) -> bool:
        """It says itself that it speaks of everything that was compared."""
        return bool(_EVERYWHERE.search(self.text))

    def quantity(self, mentions: Sequence[Mention]) -> Quantity:
        """The only quantity that it names; empty where there is none, or several."""
        if "of" in self.entry:
            return (str(self.entry["of"]),)
        text = without(self.text, [*mentions, self.relation, *([self.ordinal] if self.ordinal else [])])
        own = quantity_of(text)
        rest = [one for one in vocabulary.find("term", text) if quantity_of(text[one.start : one.end])]
        several = {quantity_of(text[one.start : one.end]) for one in rest}
        return own if len(own) > 1 or len(several) <= 1 else ()

    def doubt(
        self, column: Column, mentions: Sequence[Mention], rows: Sequence[int], kept: Sequence[int] = ()
    ) -> str | None:
        """Name what may narrow the clause down or make it no assertion; None where nothing does.

        Args:
            column: what it is held against; the words of its head narrow nothing.
            mentions: the names in it.
            rows: whom it speaks of; the numbers of their rows are accounted for.
            kept: other numbers that are.
        """
        spans: list[Mention | Found] = [*mentions, self.relation]
        spans += [one for one in (self.tolerance, self.ordinal) if one]
        rest = without(self.text, spans)
        if self.number is not None and self.number[2] >= self.relation.start - 1:
            rest = without(rest, [Found(self.number[1], self.number[2], "number")])
        opening = self.opening
        own = [cell for row in rows if (cell := column.cells[row]) is not None]
        beside = [cell for row in rows for cell in column.beside(row)]
        for text, cells in ((rest, own), (opening, beside)):
            if words := _narrowing(text, column):
                return f"what the words {', '.join(words[:3])} narrow down"
            allowed = {Fraction(number) for number in (len(column.names), *kept)}
            if any(one.value not in allowed and not _is_of(one, cells) for one in numbers(text)):
                return "what its other numbers are about"
        if vocabulary.find("exception", self.sentence.text) or column.mentions(opening):
            return "among what it is meant"
        named = without(self.sentence.text, column.mentions(self.sentence.text))
        for one in vocabulary.find("modality", named):
            if one.id in _QUALIFIED and not vocabulary.find("tolerance", named[one.start : one.end]):
                return "whether it is asserted"
        return None

    @property
    def opening(self) -> str:
        """What stands before it in its sentence and sets its scene: ``Without dropout, …``; else empty."""
        before = self.sentence.text[: self.start]
        return before if _SCENE.match(before) and len(list(_parts(before))) <= 2 else ""

    def subjects(self, page: Page, column: Column) -> tuple[list[int], list[Mention]]:
        """The rows that it speaks of, and the names in it."""
        own = column.mentions(self.text)
        if own:
            return list(dict.fromkeys(one.row for one in own)), own
        found = [one.id for one in vocabulary.find("anaphor", self.text)]
        if not found and _FINITE.search(self.text):
            return [], own
        wanted = 2 if "both" in found else 1
        for text in self._before(page):
            rows = list(dict.fromkeys(one.row for one in column.mentions(text)))
            if rows:
                return (rows if len(rows) == wanted else []), own
        return [], own

    def _before(self, page: Page) -> Iterator[str]:
        """The rest of the sentence, the sentences before it in the block, the heading: nearest first."""
        yield self.sentence.text
        if not vocabulary.find("anaphor", self.sentence.text):
            return
        own = page.sentences[self.sentence.at]
        at = own.index(self.sentence)
        yield from (other.text for other in reversed(own[:at]))
        if self.sentence.at and page.blocks[self.sentence.at - 1].kind == "text" and not at:
            yield page.blocks[self.sentence.at - 1].text
        yield page.contexts[self.sentence.at].heading


def read_clauses(sentence: Sentence) -> Iterator[Clause]:
    """Yield the clauses of a sentence that hold exactly one word that compares."""
    entries = {str(entry["id"]): entry for entry in vocabulary.entries()["relation"]}
    blank = _BRACKETS.sub(lambda match: " " * len(match[0]), sentence.text)
    blank = _REGARDING.sub(r" \1 ", blank)
    for start, end in _parts(blank):
        text = blank[start:end]
        found: Sequence[vocabulary.Found] = vocabulary.find("relation", text)
        ratios = [one for one in found if "factor" in entries[one.id]]
        ends = [one for one in found if "way" not in entries[one.id]]
        found = [one for one in ratios if one.id != "same"] or ratios or ends or found  # ``more than twice as many``
        if len(found) == 1:
            yield Clause(sentence, start, end, text, found[0], entries[found[0].id])


def _narrowing(text: str, column: Column) -> list[str]:
    """The words of a text that may narrow down a comparison of the column's rows."""
    for section in ("term", "measure"):
        text = without(
            text, [one for one in vocabulary.find(section, text) if _is_named(text[one.start : one.end], column)]
        )
    text = without(text, vocabulary.find("split", text))
    heads = set(tokens(f"{column.head} {column.key}"))
    return [word for word in narrowing(text) if word.lower() not in heads]


def _is_named(term: str, column: Column) -> bool:
    """Tell whether a term says no more than a column's head: ``trainable parameters`` says more than parameters."""
    if _TRAINABLE.search(term) and not _TRAINABLE.search(column.head):
        return False
    named = quantity_of(term)
    return bool(set(named) & set(column.quantity)) or (
        len(column.quantity) > 1 and vocabulary.find("term", term)[0].id == "ratio"
    )


def _is_of(number: Number, cells: Sequence[Cell]) -> bool:
    """Tell whether a number is that of one of the cells, rounded or cut off."""
    readings = [value for cell in cells for value in (cell.value, cell.value * 100)]
    return any(abs(value - number.value) < 2 * number.half or value == number.value for value in readings)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _PART.finditer(text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)
