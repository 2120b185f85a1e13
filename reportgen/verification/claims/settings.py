"""Claims about the training: batch size, epochs, optimizer, loss, the roll number and its remainders.

A number that stands beside such a word is called wrong only where the right one stands so nowhere in the document:
rules that are quoted, other runs and other people's settings are in reports too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reportgen.verification.claims.outline import Passage, parts_of
from reportgen.verification.facts.evidence import Evidence
from reportgen.verification.facts.subject import CARDINALS, Part, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_BATCH = re.compile(
    r"batch|\bbs\b|\blot\s+size|(?:images|samples|scans|examples|digits|pictures)\s+(?:at\s+a\s+time|at\s+once|per\s+(?:step|update|gradient|iteration))|\bB\s*=",
    re.I,
)
_BATCH_STRICT = re.compile(
    r"(?:batch(?:es)?(?:[\s_-]*size)?|\bbs|lot\s+size|\bB)(?:\W{0,6}|[\s.·:_=-]{0,60})(?:(?:is|was|of|has|had|have|holds?|set|to|taken|as|size|used|equals?|b|with)\W{1,3}){0,4}(?:B\s*=\s*)?(\d{1,4})(?![\d.,]*\d|\s*%)"
    r"|(?<![\d.,])(\d{1,4})\s+(?:per\s+(?:mini[\s-]*)?batch\b|(?:images|samples|scans|examples|digits|pictures)\s+(?:at\s+a\s+time|at\s+once|(?:(?:per|in\s+each|in\s+a|a)\s+(?:mini[\s-]*)?)(?:batch|step|update|gradient|iteration)))",
    re.I,
)
_CONDITION = re.compile(
    r"\b(?:if|when|whenever|otherwise|case|would|whichever)\b|→.*→|⇒.*⇒|valid|evaluat|test\s+batch", re.I
)
_EPOCHS = re.compile(
    r"(?P<before>\b\w+\W+)?(?<![\d.,/-])(?P<number>\d{1,4})[\s~-]*(?:training\s+|full\s+|complete\s+)?(?:epochs\b|ep\.|passes\b(?:\s+over)?|epoch\s+(?:training|run|budget))"
    r"|(?<![^\W_])(?:epochs|passes\s+over\s+the\s+\w+)(?:\s+(?:run|trained|used|total))?\W*(?:(?:is|are|was|were|used|of|set|to|for|training|both|fixed|at|number|total)\W{1,3}){0,3}[^\w\s]{0,3}\s{0,12}(?P<after>\d{1,4})(?![\d.,]*\d|\s*(?:to|and|,|–|-)\s*\d|\s*s\b|\s*sec|%)",
    re.I,
)
_PARTIAL = re.compile(
    r"(?:after|first|last|until|every|patience|reached|best|additional|more|within|only|another|early|than|least)\W+\Z",
    re.I,
)
_OPTIMIZERS = {
    "adamw": r"adam[\s-]?w",
    "adam": r"adam(?![\s-]?w|ax)",
    "sgd": r"sgd|stochastic\s+gradient\s+descent",
    "rmsprop": r"rms[\s-]?prop",
    "adagrad": r"ada[\s-]?grad",
    "adadelta": r"ada[\s-]?delta",
    "adamax": r"adamax",
    "nadam": r"nadam",
}
_NAMED = {name: re.compile(rf"(?<![^\W_])(?:{pattern})\b", re.I) for name, pattern in _OPTIMIZERS.items()}
_CITED = re.compile(r"kingma|stochastic\s+optimi|iclr|arxiv|\bet\s+al|lecture|hinton|\bbook\b|proceedings", re.I)
_COMPARED = re.compile(
    r"\b(?:instead|unlike|versus|vs|compared|e\.g|such\s+as|than|tried|could|can|may|like|alternativ\w*|rather)\b", re.I
)
_LOSSES = {
    "binary cross-entropy": r"binary[\s-]*cross[\s-]*entropy|bce(?:loss)?",
    "cross-entropy": r"(?:categorical|sparse)?[\s_-]*cross[\s-]*entropy|crossentropyloss|nll(?:loss)?|negative\s+log",
    "mean squared error": r"mse(?:loss)?|mean[\s-]*squared?(?:[\s-]*error)?",
    "hinge": r"hinge",
    "mean absolute error": r"mae\b|l1[\s-]*loss|mean[\s-]*absolute",
}
_LOSS = re.compile(
    r"(?:loss(?:\s+function)?|criterion|objective)\s*(?:used\s*)?(?:[:=|]|is|was)\s*(?:the\s+)?(.{3,60})", re.I
)


@dataclass(frozen=True)
class _Said:
    """Something that a document says of its training."""

    passage: Passage
    text: str
    value: str
    right: bool
    strict: bool = True


def check_settings(passages: Sequence[Passage], evidence: Evidence, findings: Findings) -> None:
    """Judge what a document says of its training."""
    subject = evidence.subject
    prescribed = [
        passage for passage in passages if id(passage.block) not in evidence.improved and not _is_free(passage, subject)
    ]
    parts = [part for part in subject.parts if not part.free]
    if not parts:
        return
    if subject.batch is None:
        _enter_unknown(list(_batches(prescribed, subject)), findings)
    else:
        rule = f"the rule for {subject.roll}: {_batch_rule(subject)}"
        _enter("batch-size", list(_batches(prescribed, subject)), rule, str(subject.batch), findings)
    _enter_epochs(list(_epochs(prescribed, parts, subject)), parts, findings)
    wanted = sorted({part.planned.training.optimizer.name for part in parts})
    _enter(
        "optimizer", list(_optimizers(prescribed, wanted)), "the assignment's optimizer", " or ".join(wanted), findings
    )
    for passage in prescribed:
        _check_loss(passage, findings)


def _is_free(passage: Passage, subject: Subject) -> bool:
    ids, sure = parts_of(passage, subject, len(passage.text))
    part = subject.part(ids[0])
    return part is not None and part.free and sure


def _enter(kind: str, said: Sequence[_Said], rule: str, expected: str, findings: Findings) -> None:
    stated = any(one.right and one.strict for one in said)
    for one in said:
        if not one.right and (stated or not one.strict):
            continue
        findings.add(
            kind,
            Verdict.VERIFIED if one.right else Verdict.CONTRADICTED,
            one.passage.block,
            one.text,
            rule,
            expected=expected,
            found=one.value,
        )


def _enter_unknown(said: Sequence[_Said], findings: Findings) -> None:
    for one in said:
        if one.strict:
            findings.add(
                "batch-size",
                Verdict.UNVERIFIABLE,
                one.passage.block,
                one.text,
                "the rule needs the roll number",
                found=one.value,
                decide="the roll number: --roll",
            )


def _batches(passages: Sequence[Passage], subject: Subject) -> Iterator[_Said]:
    rule = subject.assignment.batch
    sizes = {entry.size for entry in rule.rules} | {rule.otherwise}
    for passage in passages:
        if not _BATCH.search(passage.text):
            continue
        if re.search(r"batch[\s-]*norm", passage.text, re.I) and not re.search(r"batch[\s_-]*size", passage.text, re.I):
            continue
        stated = False
        plain = {int(n) for n in re.findall(r"(?<![\d.,])\d{1,4}(?![\d.,]*\d|\s*%)", passage.text)} & sizes
        for match in _BATCH_STRICT.finditer(passage.text):
            size = int(match[1] or match[2])
            following = passage.text[match.end() : match.end() + 14]
            if re.match(r"\W*(?:st|nd|rd|th|epochs?\b(?!\s*[=:])|digits|norm|times|mod\b|%|x\b|×)", following, re.I):
                continue
            if subject.roll is not None and size == int(subject.roll[-rule.digits :]) != subject.batch:
                continue
            stated = stated or size == subject.batch
            quoted = bool(_CONDITION.search(passage.text)) or len(plain) > 1
            yield _Said(passage, match[0], str(size), size == subject.batch, not quoted and size > 1)
        own = (
            rf"batch\W+(?:[^\W\d]+\W+){{0,4}}?{subject.batch}"
            r"(?![\d.,]*\d|\s*[×x*%]|\s+(?:filter|channel|kernel|map|feature|output|bias))"
        )
        if subject.batch is not None and not stated and re.search(own, passage.text, re.I):
            yield _Said(passage, passage.text[:80], str(subject.batch), right=True)


def _batch_rule(subject: Subject) -> str:
    from reportgen.assignment.plan import batch_size

    assert subject.roll is not None
    return batch_size(subject.assignment.batch, subject.roll).derivation


def _epochs(passages: Sequence[Passage], parts: Sequence[Part], subject: Subject) -> Iterator[_Said]:
    wanted = {part.planned.training.epochs for part in parts}
    spelled = [CARDINALS[number - 1] for number in wanted if number <= len(CARDINALS)]
    for passage in passages:
        for match in _EPOCHS.finditer(passage.text):
            number = int(match["number"] or match["after"])
            partial = bool(_PARTIAL.search(passage.text[: match.start("number")])) if match["number"] else False
            yield _Said(passage, match[0], str(number), number in wanted, not partial)
        for match in re.finditer(rf"\b(?:{'|'.join(spelled)})\s+(?:epochs|passes)", passage.text, re.I):
            yield _Said(passage, match[0], match[0].split()[0], right=True)


def _enter_epochs(said: Sequence[_Said], parts: Sequence[Part], findings: Findings) -> None:
    wanted = sorted({part.planned.training.epochs for part in parts})
    stated = any(one.right for one in said)
    for one in said:
        if not one.right and (stated or not one.strict):
            continue
        more = not one.right and int(one.value) > wanted[0]
        findings.add(
            "epochs",
            Verdict.VERIFIED if one.right else Verdict.UNVERIFIABLE if more else Verdict.CONTRADICTED,
            one.passage.block,
            one.text,
            "the assignment's number of epochs",
            expected=" or ".join(map(str, wanted)),
            found=one.value,
            decide="whether the assignment allows more epochs than it asks for" if more else None,
            deviation=more,
        )


def _optimizers(passages: Sequence[Passage], wanted: Sequence[str]) -> Iterator[_Said]:
    for passage in passages:
        if _CITED.search(passage.text):
            continue
        for name, pattern in _NAMED.items():
            match = pattern.search(passage.text)
            if match:
                yield _Said(
                    passage,
                    passage.text[max(0, match.start() - 30) : match.end() + 30].strip(),
                    name,
                    name in wanted,
                    not _COMPARED.search(passage.text),
                )


def _check_loss(passage: Passage, findings: Findings) -> None:
    for match in _LOSS.finditer(passage.text):
        said = next((name for name, p in _LOSSES.items() if re.search(rf"(?<![^\W_])(?:{p})", match[1], re.I)), None)
        if said is None:
            continue
        verdict = Verdict.VERIFIED if said == "cross-entropy" else Verdict.CONTRADICTED
        findings.add(
            "loss", verdict, passage.block, match[0], "the assignment's loss", expected="cross-entropy", found=said
        )
