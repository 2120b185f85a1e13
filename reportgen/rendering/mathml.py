"""Mathematics as MathML, each piece with its reading in words.

A browser lays MathML out by itself and WeasyPrint by ``templates/weasyprint.css``. The spaces between signs are real,
so the text of a formula, copied or read out of a PDF, is the formula in one line.
"""

from dataclasses import dataclass

from markupsafe import Markup, escape


@dataclass(frozen=True)
class Term:
    """A piece of a formula."""

    markup: str
    """MathML."""
    spoken: str
    """How it is read."""


_SPOKEN = {"+": "plus", "−": "minus", "±": "plus or minus", "=": "equals", "·": "times", "/": "over"}
_TIGHT = frozenset("·/")
"""Signs that stand without spaces."""
SIGNS = frozenset(_SPOKEN)
"""The signs that `sign` takes."""


def number(text: str) -> Term:
    """A number as it is printed: upright."""
    return Term(f"<mn>{escape(text)}</mn>", text)


def variable(letter: str, index: str = "") -> Term:
    """A variable, italic; its index, where it has one, is a word and upright."""
    if not index:
        return Term(f"<mi>{letter}</mi>", letter)
    return Term(f"<msub><mi>{letter}</mi><mtext>{index}</mtext></msub>", f"{letter} {index}")


def word(text: str, spoken: str = "") -> Term:
    """A quantity called by words: upright. Browsers leave no space around a sign between mere ``mtext``."""
    return Term(f'<mi mathvariant="normal">{escape(text)}</mi>', spoken or text)


def sign(text: str) -> Term:
    """A sign between two terms, or before one.

    Raises:
        KeyError: it is none of `SIGNS`.
    """
    mark = f"<mo>{text}</mo>"
    return Term(mark if text in _TIGHT else f" {mark} ", _SPOKEN[text])


def bracket(text: str) -> Term:
    """An opening or closing bracket of the height of a line."""
    return Term(f'<mo stretchy="false">{text}</mo>', {"(": "open bracket", ")": "close bracket"}[text])


def row(*terms: Term) -> Term:
    """Terms one after the other."""
    return Term("".join(term.markup for term in terms), " ".join(term.spoken for term in terms))


def product(*factors: Term) -> Term:
    """Factors with dots between them."""
    return row(factors[0], *(part for factor in factors[1:] for part in (sign("·"), factor)))


def bracketed(inner: Term) -> Term:
    """A term in brackets."""
    return row(bracket("("), inner, bracket(")"))


def fraction(over: Term, under: Term) -> Term:
    """A stacked fraction."""
    return Term(
        f"<mfrac><mrow>{over.markup}</mrow><mrow>{under.markup}</mrow></mfrac>",
        f"the fraction {over.spoken} over {under.spoken}, end of fraction",
    )


def applied(name: Term, inner: Term) -> Term:
    """A function called by a word, and what it is taken of."""
    return Term(f'{name.markup} <mspace width="0.2em"/>{inner.markup}', f"{name.spoken} {inner.spoken}")


def squared(base: Term) -> Term:
    """The square of a term."""
    return Term(f"<msup>{base.markup}<mn>2</mn></msup>", f"{base.spoken} squared")


def root(inner: Term) -> Term:
    """A square root."""
    return Term(f"<msqrt><mrow>{inner.markup}</mrow></msqrt>", f"the square root of {inner.spoken}, end of root")


def total(index: Term, inner: Term) -> Term:
    """A sum over an index."""
    return Term(
        f'<munder><mo movablelimits="false">∑</mo>{index.markup}</munder> {inner.markup}',
        f"the sum over {index.spoken} of {inner.spoken}",
    )


def formula(term: Term) -> Markup:
    """A whole formula, as an element that can stand in a line of text."""
    return Markup(
        f'<math class="formula" displaystyle="true" alttext="{escape(term.spoken)}"><mrow>{term.markup}</mrow></math>'
    )
