"""What a document says of its network: kernels and channels of each layer, and whether its counts fit them."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from reportgen.assignment.layers import Conv2d, Linear
from reportgen.verification.claims.equations import Side
from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.subject import LayerMention, Part, Quantity, Subject, conv_count
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_KERNEL = re.compile(
    r"(?:kernels?|filters?)(?:[\s_-]*sizes?)?\s*(?:of|is|=|:|,|size|\()?\s*(?:size\s*)?[\[(]?\s*(\d{1,2})\s*[x×*,X]\s*(\d{1,2})"
    r"|(?<![\d.])(\d{1,2})\s*[x×X]\s*(\d{1,2})(?![\s]*[x×X*]\s*\d)[\s-]*(?:kernels?|filters?|conv)",
    re.I,
)
_POOL = re.compile(r"pool", re.I)
_OUTPUTS = re.compile(
    r"(?:output|out)[\s_-]*(?:channels?|filters?|maps?|features?\s*maps?)\s*(?:\(\w+\)\s*)?(?:of|is|are|=|:|,)?\s*(\d{1,4})(?![\dx×.]|\s*[x×]\s*\d)"
    r"|(?:number\s+of\s+)?(?:filters|kernels)\s*(?:=|:|is|are)\s*(\d{1,4})(?![\dx×.]|\s*[x×]\s*\d)",
    re.I,
)
_INPUTS = re.compile(
    r"(?:input|in)[\s_-]*(?:channels?|maps?|features?\s*maps?)\s*(?:\(\w+\)\s*)?(?:of|is|are|=|:|,)?\s*(\d{1,4})(?![\dx×.]|\s*[x×]\s*\d)",
    re.I,
)
_FEATURES = re.compile(
    r"(?:input|in)[\s_-]*(?:size|features?)\s*(?:of|is|are|=|:|,)?\s*(\d{1,6})(?![\dx×.,]|\s*[x×*·]\s*\d)", re.I
)
_CLASSES = re.compile(
    r"(?:num[\s_-]*classes|number\s+of\s+classes|output[\s_-]*(?:size|features?|neurons|units|nodes))\s*(?:\(\w+\)\s*)?(?:of|is|are|=|==|:|,)?\s*(\d{1,4})(?![\dx×.]|\s*[x×*·]\s*\d)",
    re.I,
)


@dataclass(frozen=True)
class _Fact:
    key: str
    value: tuple[int, ...]
    passage: Passage
    text: str
    sure: bool


@dataclass
class Stated:
    """The sizes that a document states of its layers, by experiment and layer."""

    subject: Subject
    facts: dict[tuple[str, int], list[_Fact]] = field(default_factory=dict)

    def collect(self, passage: Passage) -> None:
        """Take up the sizes that one passage states."""
        text = passage.text
        mentions = [mention for mention in self.subject.mentions(text) if mention.type in {"Conv2d", "Linear"}]
        layer = mentions[0] if mentions else passage.context.layer
        if layer is None or layer.type not in {"Conv2d", "Linear"} or len(mentions) > 1:
            return
        for key, pattern in (
            ("kernel", _KERNEL),
            ("outputs", _OUTPUTS),
            ("inputs", _INPUTS),
            ("inputs", _FEATURES),
            ("outputs", _CLASSES),
        ):
            if (key == "kernel") != (pattern is _KERNEL) or (pattern in {_FEATURES, _CLASSES}) != (
                layer.type == "Linear"
            ):
                continue
            if layer.type == "Linear" and key == "kernel":
                continue
            for match in pattern.finditer(text):
                if _POOL.search(text[max(0, match.start() - 25) : match.start()]):
                    continue
                self._enter(passage, layer, key, tuple(int(number) for number in match.groups() if number), match)

    def _enter(
        self, passage: Passage, mention: LayerMention, key: str, value: tuple[int, ...], match: re.Match[str]
    ) -> None:
        ids, sure = parts_of(passage, self.subject, match.start())
        part = self.subject.part(ids[0])
        index = part.layer(mention) if part else None
        if part is not None and index is not None:
            self.facts.setdefault((part.id, index), []).append(_Fact(key, value, passage, match[0], sure))

    def _values(self, part: Part, index: int, key: str) -> list[tuple[int, ...]]:
        return [fact.value for fact in self.facts.get((part.id, index), []) if fact.key == key]

    def sizes(self, part: Part, index: int) -> dict[str, tuple[int, ...]]:
        """Return the sizes of a layer: as stated where the assignment's are never stated, else the assignment's."""
        asked = _asked(part, index)
        sizes = {}
        for key, own in asked.items():
            values = self._values(part, index, key)
            sizes[key] = own if not values or own in values else values[0]
        convs = [at for at, layer in enumerate(part.planned.layers) if isinstance(layer, Conv2d) and at < index]
        if isinstance(part.planned.layers[index], Conv2d) and convs and not self._values(part, index, "inputs"):
            sizes["inputs"] = self.sizes(part, convs[-1])["outputs"]
        return sizes

    def count(self, part: Part, index: int) -> int | None:
        """Count a layer by its stated sizes; None where they are the assignment's."""
        layer = part.planned.layers[index]
        sizes, asked = self.sizes(part, index), _asked(part, index)
        if sizes == asked:
            return None
        if isinstance(layer, Conv2d):
            kernel = sizes["kernel"]
            return conv_count(sizes["inputs"][0], (kernel[0], kernel[-1]), sizes["outputs"][0])
        return sizes["inputs"][0] * sizes["outputs"][0] + sizes["outputs"][0]

    def deviates(self, part: Part) -> bool:
        """Tell whether the document states another network than the assignment's."""
        return any(self.count(part, index) is not None for (part_id, index) in self.facts if part_id == part.id)

    def explains(self, quantity: Quantity, part: Part, value: Fraction, side: Side | None) -> str:
        """Say by which stated network a number is right that is not the assignment's; empty where by none."""
        if quantity.kind == "total" and self.deviates(part):
            total = sum(self._own(part, index) for index in range(len(part.planned.layers)))
            return (
                "right for the network that the document describes, which is not the assignment's"
                if total == value
                else ""
            )
        if quantity.kind != "layer" or quantity.mention is None:
            return ""
        index = part.layer(quantity.mention)
        if index is None:
            return ""
        if self.count(part, index) == value:
            sizes = ", ".join(f"{key} {'×'.join(map(str, size))}" for key, size in self.sizes(part, index).items())
            return f"right for the layer as the document describes it ({sizes}), which is not the assignment's"
        if side is not None and self._well_formed(part, index, side):
            return "right for the layer that the sum describes, which is not the assignment's"
        return ""

    def _own(self, part: Part, index: int) -> int:
        counted = self.count(part, index)
        return part.count.layers[index].trainable if counted is None else counted

    def _well_formed(self, part: Part, index: int, side: Side) -> bool:
        """Tell whether a sum has the form of this layer's count for sizes that the document nowhere contradicts."""
        factors, bias = _factors(side)
        layer = part.planned.layers[index]
        sizes = self.sizes(part, index)
        if bias not in factors:
            return False
        rest = sorted(factors)
        rest.remove(bias)
        if isinstance(layer, Conv2d):
            inputs = sizes["inputs"][0]
            if len(rest) != 3 or inputs not in rest:
                return False
            rest.remove(inputs)
            kernel_stated = self._values(part, index, "kernel")
            outputs_stated = self._values(part, index, "outputs")
            return rest[0] == rest[1] and not kernel_stated and not outputs_stated
        if isinstance(layer, Linear):
            features, channels = 1, part.count.layers[index - 1].input_shape[0]
            for factor in rest:
                features *= factor
            area = features // channels if features % channels == 0 else 0
            square = area > 0 and int(area**0.5 + 0.5) ** 2 == area
            return bias == part.classes and square and not self._values(part, index, "inputs")
        return False

    def report(self, findings: Findings, counted: dict[tuple[str, int], set[int]]) -> None:
        """Enter each stated size; ``counted`` holds the right counts that the document gives of each layer."""
        for (part_id, index), facts in self.facts.items():
            part = self.subject.part(part_id)
            if part is None:
                continue
            asked, name = _asked(part, index), part.count.layers[index].name
            for fact in facts:
                own = asked[fact.key]
                size, expected = "×".join(map(str, fact.value)), "×".join(map(str, own))
                rule = f"{name} of {part.asked.short_title}: {fact.key} {expected}"
                if fact.value == own:
                    verdict, deviation = Verdict.VERIFIED, False
                elif part.free or not fact.sure:
                    continue
                elif part.count.layers[index].trainable in counted.get((part_id, index), set()) or own in self._values(
                    part, index, fact.key
                ):
                    verdict, deviation = Verdict.CONTRADICTED, False
                    rule += ", and the document's own count or text says so too"
                else:
                    verdict, deviation = Verdict.UNVERIFIABLE, True
                findings.add(
                    "architecture",
                    verdict,
                    fact.passage.block,
                    fact.text,
                    rule,
                    expected=expected,
                    found=size,
                    decide="the code: it may be another network, or a slip" if deviation else None,
                    experiment=part_id,
                    deviation=deviation,
                )


def _asked(part: Part, index: int) -> dict[str, tuple[int, ...]]:
    layer, counted = part.planned.layers[index], part.count.layers[index]
    if isinstance(layer, Conv2d):
        return {"inputs": (counted.input_shape[0],), "kernel": layer.kernel_size, "outputs": (layer.out_channels,)}
    return {"inputs": (counted.input_shape[-1],), "outputs": (counted.output_shape[-1],)}


def _factors(side: Side) -> tuple[list[int], int | None]:
    """Take ``product + number`` apart; the number is None where the sum has another form."""
    stack: list[tuple[list[int], int | None]] = []
    for token in side.postfix:
        if token.kind == "number" and token.number is not None and token.number.value.denominator == 1:
            stack.append(([int(token.number.value)], None))
        elif token.kind == "operator" and token.text in {"*", "+"} and len(stack) >= 2:
            (right, right_bias), (left, left_bias) = stack.pop(), stack.pop()
            if left_bias is not None or right_bias is not None:
                return [], None
            if token.text == "*":
                stack.append(([*left, *right], None))
            elif len(right) == 1:
                stack.append((left, right[0]))
            elif len(left) == 1:
                stack.append((right, left[0]))
            else:
                return [], None
        else:
            return [], None
    return stack[0] if len(stack) == 1 and all(isinstance(factor, int) for factor in stack[0][0]) else ([], None)
