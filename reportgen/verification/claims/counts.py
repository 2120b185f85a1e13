"""Claims about numbers of parameters: sums, layers, totals, and symbols that were never worked out."""

import re
from collections.abc import Sequence
from fractions import Fraction

from reportgen.assignment.layers import Conv2d
from reportgen.verification.claims.arithmetic import Number, tokenize
from reportgen.verification.claims.equations import Equation, Side
from reportgen.verification.claims.network import Stated
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.subject import LayerMention, Part, Quantity, Subject, weights_only
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_PARAMETERS = re.compile(r"param(?:eter)?s?\b|\bweights\b|trainables?\b", re.I)
_TOTAL = re.compile(
    r"\b(?:totals?|overall|altogether|in\s+all|whole|entire|sum|summary|(?:the|our|this)\s+(?:cnn\s+)?(?:model|network|cnn)|network\s+(?:has|contains)|model\s+(?:has|contains))\b",
    re.I,
)
_NON = re.compile(r"non[\s-]*trainable|not\s+trainable|frozen|un-?trainable", re.I)
_TRAINABLE = re.compile(r"(non[\s-]*|not\s+|un-?)?trainable|frozen", re.I)
_OTHER = re.compile(
    r"buffer|mult|\bmacs?\b|flop|operations|memory|\bsize\b|\bMB\b|\bKB\b|shape|images?\b|epoch|accura", re.I
)
_SUBSET = re.compile(
    r"\bconv\w*\s+(?:layers|part|blocks)|\bexcluding\b|\bwithout\b|\bonly\b|\bexcept\b|\bper\b|\beach\b", re.I
)
_AFTER = re.compile(
    r"\s*(?:learnable\s+|model\s+)?(?:non[\s-]*trainable\s+|trainable\s+)?(?:model\s+)?param(?:eter)?s?\b"
    r"(?:\s+(?:are|is)\s+(?:non[\s-]*trainable|not\s+train\w+|frozen))?",
    re.I,
)
_BEFORE = re.compile(
    r"(?:param(?:eter)?s?|weights)\b[^.\d=]{0,40}?(?:[:=→]|\b(?:is|are|was|were|of|equals?|to|have|has|totals?|amounts?|be)\b)"
    r"[^\w=]{0,4}(?:(?:exactly|about|only|therefore|thus|then|again|also)\s)?\s*\Z",
    re.I,
)
_IMPROVED = re.compile(r"bonus|improv|regulari[sz]|dropout|batch[\s-]*norm|augment|early[\s-]stop", re.I)
_SIZE = re.compile(r"\s*(?:[x×*·/(\[{,→]|->|(?:channel|feature|filter|unit|class|pixel|neuron|output|input)\w*)", re.I)
_NUMBER = re.compile(r"(?<![\w.,/*×·^+-])(?<![*×·/+=-]\s)\d[\d,.\u2009\u202f\u00a0]*(?:[kKM]\b)?(?![\w])")


def quantity_of(  # noqa: PLR0911 (one return a kind of quantity)
    passage: Passage, subject: Subject, start: int, label: str
) -> Quantity | None:
    """Tell which number of parameters stands at ``start`` of a passage, by the words before it.

    Args:
        passage: where it stands.
        subject: what the assignment asks for.
        start: position of the number or of its sum.
        label: the words that name it; may be empty.
    """
    ids, sure = parts_of(passage, subject, start)
    parts = tuple(part for part_id in ids if (part := subject.part(part_id)))
    before = passage.text[:start]
    last = next((match for match in reversed(list(_TRAINABLE.finditer(before)))), None)
    if last and (last[1] or last[0].lower() == "frozen") and not re.search(r"[;.]\s", before[last.end() :]):
        return Quantity("non-trainable", None, parts, sure)
    if _NON.search(label) or (passage.context.non_trainable and not label):
        return Quantity("non-trainable", None, parts, sure)
    mentions = [mention for mention in subject.mentions(before) if mention.end <= start]
    mention = mentions[-1] if mentions else None
    total = max((match.end() for match in _TOTAL.finditer(before)), default=-1)
    if mention and mention.end > total:
        return Quantity("layer", mention, parts, sure and _worded(label, passage, mention))
    if total >= 0 and _PARAMETERS.search(f"{before} {passage.context.heading}"):
        return Quantity("total", None, parts, sure and not _SUBSET.search(passage.text))
    if passage.context.non_trainable:
        return Quantity("non-trainable", None, parts, sure)
    if passage.context.layer:
        return Quantity("layer", passage.context.layer, parts, sure)
    if _PARAMETERS.search(label) or _PARAMETERS.search(before):
        return Quantity("total", None, parts, sure and not _SUBSET.search(passage.text), soft=True)
    return None


def _worded(label: str, passage: Passage, mention: LayerMention) -> bool:
    said = f"{label} {passage.context.heading} {passage.context.section} {passage.text}"
    return bool(_PARAMETERS.search(said)) or mention.number is not None


def check_counts(
    passage: Passage, subject: Subject, stated: Stated, findings: Findings, spans: Sequence[Equation]
) -> None:
    """Judge the numbers of parameters that stand in words (``800 trainable parameters``, ``Total: 11,070``)."""
    text = passage.text
    for match in _NUMBER.finditer(text):
        if any(equation.start <= match.start() < equation.end for equation in spans):
            continue
        printed = match[0].rstrip(".,")
        tokens = tokenize(printed)
        if len(tokens) != 1 or tokens[0].number is None or tokens[0].number.value.denominator != 1:
            continue
        before, after = text[: match.start()], text[match.start() + len(printed) :]
        follows = _AFTER.match(after)
        leads = _BEFORE.search(before[-120:])
        labelled = re.search(r"[:=–→-]\s*\Z", before) and (
            passage.block.kind == "row" or passage.context.layer or subject.mentions(before) or _TOTAL.search(before)
        )
        named = _PARAMETERS.search(text) or (
            _PARAMETERS.search(passage.context.heading) and (subject.mentions(before) or _TOTAL.search(before))
        )
        if not (
            follows
            or leads
            or (labelled and named and not _SIZE.match(after) and not re.search(r"\d\s*→\s*\Z", before))
        ):
            continue
        if not follows and _OTHER.search(re.split(r"[.;]\s", before)[-1]):
            continue
        label = _clause(before) + (follows[0] if follows else "")
        quantity = quantity_of(passage, subject, match.start(), label)
        if quantity and quantity.kind == "layer" and follows:
            quantity = _named_after(quantity, subject, passage, after)
        if quantity and quantity.kind != "non-trainable" and not _describes(before, passage):
            judge_count(quantity, tokens[0].number, passage, printed, stated, findings)


def _clause(before: str) -> str:
    return re.split(r"[;,]\s|\band\b", before)[-1]


def _describes(before: str, passage: Passage) -> bool:
    """Tell whether a labelled number is a size of the layer rather than a count."""
    label = before[-60:]
    return bool(
        re.search(
            r"(?:kernel|filter|stride|padding|channel|feature|size|shape|input|output|epoch|unit|neuron|classes|window|images?)\w*\W*(?:size|s|is|of|are)?\W*\Z",
            label,
            re.I,
        )
    ) and not re.search(r"param", label, re.I)


def _named_after(quantity: Quantity, subject: Subject, passage: Passage, after: str) -> Quantity:
    """Take the layer after the number where the sentence goes on so: ``800 parameters in the first convolution``."""
    following = re.match(r"[^.;,\d]{0,30}?\b(?:in|for|of|from|at)\s+(?:the\s+)?", after)
    mentions = subject.mentions(after)
    if following and mentions and mentions[0].start <= following.end() + 2:
        return Quantity("layer", mentions[0], quantity.parts, quantity.sure)
    return quantity


def judge_count(
    quantity: Quantity,
    number: Number,
    passage: Passage,
    printed: str,
    stated: Stated,
    findings: Findings,
    side: Side | None = None,
) -> Verdict | None:
    """Hold a number against what it should be, and enter the claim; None where nothing is asked for."""
    value = number.value
    answers = [(part, expected, what) for part in quantity.parts for expected, what in _expected(quantity, part)]
    if not answers:
        return None
    kind = {"layer": "layer-count", "total": "total", "non-trainable": "non-trainable"}[quantity.kind]
    if quantity.kind == "total":
        findings.totals.update(part.id for part in quantity.parts[:1])
    for part, expected, what in answers:
        if number.value == expected or (number.step and abs(value - expected) <= number.step / 2):
            findings.add(
                kind,
                Verdict.VERIFIED,
                passage.block,
                printed,
                what,
                expected=f"{expected:,}",
                found=_show(value),
                experiment=part.id,
            )
            return Verdict.VERIFIED
    part, expected, what = answers[0]
    deviation = stated.explains(quantity, part, value, side)
    if deviation:
        findings.add(
            kind,
            Verdict.VERIFIED,
            passage.block,
            printed,
            deviation,
            expected=f"{expected:,} by the assignment",
            found=_show(value),
            experiment=part.id,
            deviation=True,
        )
        return Verdict.VERIFIED
    if part.free or (stated.deviates(part) and quantity.kind != "layer"):
        findings.add(
            kind,
            Verdict.UNVERIFIABLE,
            passage.block,
            printed,
            "the network is not the assignment's",
            found=_show(value),
            decide="the network's layers, each with its sizes",
            experiment=part.id,
        )
        return Verdict.UNVERIFIABLE
    doubt = not quantity.sure or (side is not None and side.doubtful) or findings.truths.excuses(value, expected)
    if quantity.kind == "total":
        doubt = doubt or bool(_IMPROVED.search(f"{passage.text} {passage.context.section}"))
    if quantity.soft:
        product = side is not None and any(token.text == "*" for token in side.postfix)
        doubt = doubt or product or any(layer.trainable == value for layer in part.count.layers)
    verdict = Verdict.UNVERIFIABLE if doubt else Verdict.CONTRADICTED
    findings.add(
        kind,
        verdict,
        passage.block,
        printed,
        what + _slip(quantity, part, value),
        expected=f"{expected:,}",
        found=_show(value),
        decide="words that say which layer and experiment it is about" if doubt else None,
        experiment=part.id if len(quantity.parts) == 1 or quantity.sure else None,
    )
    return verdict


def _expected(quantity: Quantity, part: Part) -> list[tuple[int, str]]:
    if quantity.kind == "total":
        total = f"{part.asked.short_title}: {part.count.total_derivation}"
        return [(part.count.trainable, total)]
    if quantity.kind == "non-trainable":
        rule = f"{part.asked.short_title}: no layer of the network has parameters that are not trained"
        if part.count.non_trainable:
            rule = f"{part.asked.short_title}: parameters that are not trained"
        found = [(part.count.non_trainable, rule)]
        if part.count.keras_non_trainable != part.count.non_trainable:
            found.append(
                (part.count.keras_non_trainable, f"{part.asked.short_title}: as Keras counts, with moving statistics")
            )
        return found
    if quantity.mention is None:
        return []
    index = part.layer(quantity.mention)
    if index is None:
        return []
    counted = part.count.layers[index]
    worked = counted.derivation or "it has no parameters"
    return [(counted.trainable, f"{counted.name} of {part.asked.short_title}: {worked}")]


def expected_value(quantity: Quantity) -> tuple[Part, int, str] | None:
    """Return what the assignment gives for a quantity: the experiment, the number, and how it follows."""
    for part in quantity.parts:
        for expected, what in _expected(quantity, part):
            return part, expected, what
    return None


def _slip(quantity: Quantity, part: Part, value: Fraction) -> str:
    """Name a well-known slip that gives this wrong number."""
    if quantity.kind == "layer" and quantity.mention is not None:
        index = part.layer(quantity.mention)
        if index is None:
            return ""
        layer, counted = part.planned.layers[index], part.count.layers[index]
        if value == weights_only(layer, counted):
            return "; the bias was left out"
        if (
            isinstance(layer, Conv2d)
            and value == layer.kernel_size[0] * layer.kernel_size[1] * layer.out_channels + layer.out_channels
        ):
            return "; the input channels were left out"
        return next(
            (
                f"; {_show(value)} is {other.name}'s"
                for other in part.count.layers
                if other.trainable == value and value
            ),
            "",
        )
    if quantity.kind == "total":
        missed = next(
            (
                layer.name
                for layer in part.count.layers
                if layer.trainable and part.count.trainable - layer.trainable == value
            ),
            None,
        )
        return f"; {missed} was left out" if missed else ""
    return ""


def _show(value: Fraction) -> str:
    return f"{value.numerator:,}" if value.denominator == 1 else f"{float(value):g}"
