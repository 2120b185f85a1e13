"""Claims about the training: batch size, epochs, optimizer, loss."""

import re

from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict
from reportgen.verification.outline import Passage, parts_of
from reportgen.verification.subject import Part, Subject

_BATCH = re.compile(
    r"(?:mini[\s-]*)?batch(?:es)?(?:[\s_-]*sizes?)?(?:\W+(?!if\b|when\b)[^\W\d]+){0,5}?[^\w.;]{1,5}(\d{1,5})(?![\d.]*\d|\s*[%×x*/]\s*\d|\s*mod\b|\s*epochs?|\s*%)"
    r"|(\d{1,5})\s+(?:images|samples|examples)\s+(?:per|in\s+each|a)\s+(?:mini[\s-]*)?batch",
    re.I,
)
_CONDITION = re.compile(r"\b(?:if|when|whenever|else|otherwise|case|rule|would)\b|→|⇒", re.I)
_EPOCHS = re.compile(
    r"(?:(?:train|ran|run|conduct|perform|carried|fit|learn)\w*(?:\W+(?!after|until|first|before)\w+){0,8}?\W+for\W+|number\s+of\s+(?:training\s+)?epochs\W+(?:\w+\W+){0,3}?|(?:training\s+)?epochs\s*(?:[:=|]|is|was|used\W+)\s*|for\s+a\s+total\s+of\s+)(\d{1,4})(?!\d|\.\d|%)(?:\s*(?:training\s+)?epochs?)?",
    re.I,
)
_TRAINED = re.compile(
    r"(?:train|conduct|perform|ran|run|learn)\w*\b.{0,80}?\b(\d{1,4})\s+(?:training\s+)?epochs|\b(\d{1,4})\s+(?:training\s+)?epochs\s+(?:were\s+used|of\s+training)",
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
_OPTIMIZER = re.compile(
    r"optimi[sz](?:er|ed|ation|e)\b(?:\s+(?:algorithm|used|function|chosen|with|by|using|is|was|the))*\s*[:=|]?\s*(?:the\s+)?"
    + "(?P<after>"
    + "|".join(f"(?:{p})" for p in _OPTIMIZERS.values())
    + r")\b|\b(?P<before>"
    + "|".join(f"(?:{p})" for p in _OPTIMIZERS.values())
    + r")\s+(?:(?:as|is|was)\s+(?:the|an|our|my)\s+)?optimi[sz]er",
    re.I,
)
_LOSSES = {
    "cross-entropy": r"(?:categorical|sparse)?[\s_-]*cross[\s-]*entropy|crossentropyloss|nll(?:loss)?|negative\s+log",
    "mean squared error": r"mse(?:loss)?|mean[\s-]*squared?(?:[\s-]*error)?",
    "hinge": r"hinge",
    "binary cross-entropy": r"binary[\s-]*cross[\s-]*entropy|bce(?:loss)?",
    "mean absolute error": r"mae\b|l1[\s-]*loss|mean[\s-]*absolute",
}
_LOSS = re.compile(
    r"(?:loss(?:\s+function)?|criterion|objective)\s*(?:used\s*)?(?:[:=|]|is|was)\s*(?:the\s+)?(.{3,60})", re.I
)


def check_settings(passage: Passage, subject: Subject, findings: Findings) -> None:
    """Judge what one passage says of the training."""
    _check_batch(passage, subject, findings)
    _check_number(passage, subject, findings)
    _check_epochs(passage, subject, findings)
    _check_optimizer(passage, subject, findings)
    _check_loss(passage, subject, findings)


def _prescribed(passage: Passage, subject: Subject, position: int) -> list[Part]:
    """Experiments that a claim may be about and whose training the assignment fixes."""
    ids, sure = parts_of(passage, subject, position)
    found = [part for part_id in (ids[:1] if sure else ids) if (part := subject.part(part_id)) and not part.free]
    own = subject.part(passage.context.part)
    return [] if own is not None and own.free else found


def _check_batch(passage: Passage, subject: Subject, findings: Findings) -> None:
    if re.search(r"batch[\s-]*norm", passage.text, re.I) and not re.search(r"batch[\s_-]*size", passage.text, re.I):
        return
    rule = subject.assignment.batch
    sizes = {entry.size for entry in rule.rules} | {rule.otherwise}
    for match in _BATCH.finditer(passage.text):
        size = int(match[1] or match[2])
        parts = _prescribed(passage, subject, match.start())
        if not parts or re.search(r"\bepochs?\b|accura|divis|remainder|\bdigits\b", match[0][8:], re.I):
            continue
        fixed = {part.planned.training.batch_size for part in parts} if subject.batch else set()
        said = _CONDITION.search(passage.text)
        if size in fixed:
            verdict = Verdict.VERIFIED
        elif said and size in sizes:
            continue
        elif subject.batch is None:
            findings.add(
                "batch-size",
                Verdict.UNVERIFIABLE,
                passage.block,
                match[0],
                "the rule needs the roll number",
                found=size,
                decide="the roll number: --roll",
            )
            continue
        else:
            verdict = Verdict.CONTRADICTED
        findings.add(
            "batch-size",
            verdict,
            passage.block,
            match[0],
            f"the rule for {subject.roll}: {_batch_rule(subject)}",
            expected=subject.batch,
            found=size,
        )


def _batch_rule(subject: Subject) -> str:
    from reportgen.plan import batch_size

    assert subject.roll is not None
    return batch_size(subject.assignment.batch, subject.roll).derivation


def _check_number(passage: Passage, subject: Subject, findings: Findings) -> None:
    """Check that the number in the batch rule is the roll number's own."""
    rule = subject.assignment.batch
    if subject.roll is None:
        return
    own = int(subject.roll[-rule.digits :])
    divisors = "|".join(str(entry.divisor) for entry in rule.rules)
    patterns = [rf"(?<![\w.]){re.escape(rule.symbol)}\s*=\s*0*(\d{{1,{rule.digits}}})(?![\d.,]*\d|\s*[%*×/+-])"]
    if divisors and re.search(r"batch|roll|divisib|remainder", f"{passage.text} {passage.context.heading}", re.I):
        patterns.append(rf"(?<![\w.,*×+/-])0*(\d{{1,{rule.digits}}})\s*(?:%|mod)\s*(?:{divisors})(?!\d)")
        patterns.append(
            rf"(?<![\w.,])0*(\d{{1,{rule.digits}}})\s+is\s+(?:not\s+|neither\s+)?(?:divisible|a\s+multiple)"
        )
    for pattern in patterns:
        for match in re.finditer(pattern, passage.text):
            if int(match[1]) == own:
                continue
            findings.add(
                "roll-number",
                Verdict.CONTRADICTED,
                passage.block,
                match[0],
                f"the last {rule.digits} digits of {subject.roll}",
                expected=own,
                found=int(match[1]),
            )


def _check_epochs(passage: Passage, subject: Subject, findings: Findings) -> None:
    seen = set()
    for match in (*_EPOCHS.finditer(passage.text), *_TRAINED.finditer(passage.text)):
        number = next((group for group in match.groups() if group), None)
        end = match.end()
        if number is None or end in seen or "epoch" not in passage.text.lower():
            continue
        if re.search(r"\b(?:after|first|last|until|every|patience|reached|best|additional|more)\b", match[0], re.I):
            continue
        seen.add(end)
        parts = _prescribed(passage, subject, match.start())
        if not parts:
            continue
        found, wanted = int(number), sorted({part.planned.training.epochs for part in parts})
        verdict = (
            Verdict.VERIFIED if found in wanted else Verdict.CONTRADICTED if found < wanted[0] else Verdict.UNVERIFIABLE
        )
        findings.add(
            "epochs",
            verdict,
            passage.block,
            match[0],
            "the assignment's number of epochs",
            expected=" or ".join(map(str, wanted)),
            found=found,
            decide="whether the assignment allows more epochs than it asks for"
            if verdict is Verdict.UNVERIFIABLE
            else None,
            deviation=verdict is Verdict.UNVERIFIABLE,
        )


def _kind(text: str, names: dict[str, str]) -> str | None:
    return next((name for name, pattern in names.items() if re.search(rf"(?<![^\W_])(?:{pattern})", text, re.I)), None)


def _check_optimizer(passage: Passage, subject: Subject, findings: Findings) -> None:
    match = _OPTIMIZER.search(passage.text)
    if not match or re.search(
        r"\b(?:instead|unlike|versus|vs|compared|e\.g|such\s+as|like|than|tried|could|can)\b", passage.text, re.I
    ):
        return
    said = _kind(match["after"] or match["before"], _OPTIMIZERS)
    parts = _prescribed(passage, subject, match.start())
    wanted = sorted({part.planned.training.optimizer.name for part in parts})
    if said and wanted:
        verdict = Verdict.VERIFIED if said in wanted else Verdict.CONTRADICTED
        findings.add(
            "optimizer",
            verdict,
            passage.block,
            match[0],
            "the assignment's optimizer",
            expected=" or ".join(wanted),
            found=said,
        )


def _check_loss(passage: Passage, subject: Subject, findings: Findings) -> None:
    for match in _LOSS.finditer(passage.text):
        said = _kind(match[1], {key: _LOSSES[key] for key in ("binary cross-entropy", *_LOSSES)})
        if said is None or not _prescribed(passage, subject, match.start()):
            continue
        verdict = Verdict.VERIFIED if said == "cross-entropy" else Verdict.CONTRADICTED
        findings.add(
            "loss", verdict, passage.block, match[0], "the assignment's loss", expected="cross-entropy", found=said
        )
