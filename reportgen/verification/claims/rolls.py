"""The roll number's last digits and their remainders, which decide the batch size."""

import re
from collections.abc import Iterator, Sequence

from reportgen.verification.claims.outline import Passage
from reportgen.verification.facts.subject import CARDINALS, Subject
from reportgen.verification.findings import Findings
from reportgen.verification.ledger import Verdict

_ABOUT = re.compile(r"batch|roll|divi|remainder|\bmod\b|multiple|leaves|\beven\b|\bodd\b|%|≡|rule", re.I)
_LISTED = re.compile(
    r"(?:\A|[^\s≡=\w]\s*|\s)(?<!≡\s)(?<!=\s)\w+\s*(?:%|\bmod)\s*\d+\s*(?:,|and|,\s*and)\s*(?:\w+\s*)?\Z", re.I
)
_LINK = (
    r"\W{0,4}(?:(?:is|are|was|of|a|the|it|its|gives|giving|leaves|leaving|left|equals|equal|to|with|has|and|got|comes|"
    r"out|as|when|on|upon|if|we|get)\W{1,4}){0,6}"
)


def check_roll_numbers(passages: Sequence[Passage], subject: Subject, findings: Findings) -> None:
    """Judge the last digits of the roll number and the remainders that a document gives.

    A remainder is wrong only where the right one for the same divisor stands nowhere: rules are quoted, too.
    """
    if subject.roll is None:
        return
    rule = subject.assignment.batch
    own = int(subject.roll[-rule.digits :])
    said = [
        (passage, *claim)
        for passage in passages
        if _ABOUT.search(f"{passage.text} {passage.context.heading}")
        for claim in _distinct(passage.text, subject, own)
    ]
    right = {divisor for _, _, divisor, remainder in said if remainder == own % divisor}
    for passage, match, divisor, remainder in said:
        if divisor in right and remainder != own % divisor:
            continue
        findings.add(
            "remainder",
            Verdict.VERIFIED if remainder == own % divisor else Verdict.CONTRADICTED,
            passage.block,
            match[0],
            f"{own} mod {divisor}",
            expected=own % divisor,
            found=remainder,
        )
    numbers = [
        (passage, match, number)
        for passage in passages
        if _ABOUT.search(f"{passage.text} {passage.context.heading}")
        for match, number in _numbers(passage.text, subject)
    ]
    stated = any(number == own for _, _, number in numbers)
    for passage, match, number in numbers:
        if number != own and not stated:
            findings.add(
                "roll-number",
                Verdict.CONTRADICTED,
                passage.block,
                match[0],
                f"the last {rule.digits} digits of {subject.roll}",
                expected=own,
                found=number,
            )


def _distinct(text: str, subject: Subject, own: int) -> Iterator[tuple[re.Match[str], int, int]]:
    """Yield each remainder of a passage once, as the first pattern reads it."""
    seen: set[int] = set()
    for match, divisor, remainder in _remainders(text, subject, own):
        start = match.start("r")
        if start not in seen and remainder < divisor and not _LISTED.search(text[: match.start()]):
            seen.add(start)
            yield match, divisor, remainder


def _numbers(text: str, subject: Subject) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the numbers that a passage takes for the last digits of the roll number."""
    rule = subject.assignment.batch
    divisors = "|".join(str(entry.divisor) for entry in rule.rules) or "0"
    patterns = (
        rf"(?<![\w.]){re.escape(rule.symbol)}\s*=\s*0*(\d{{1,{rule.digits}}})(?![\d.,]*\d|\s*[%*×·/+-]|\W*\(?\s*mod)",
        rf"(?<![\w.,*×+/≡-])(?<!≡\s)0*(\d{{1,{rule.digits}}})\s*(?:%|\bmod\b)\s*(?:{divisors})(?!\d)",
        rf"(?<![\w.,])0*(\d{{1,{rule.digits}}})\s+is\s+(?:not\s+|neither\s+)?(?:divisible|a\s+multiple)",
    )
    for pattern in patterns:
        for match in re.finditer(pattern, text):
            yield match, int(match[1])


def _remainders(text: str, subject: Subject, own: int) -> Iterator[tuple[re.Match[str], int, int]]:
    """Yield what a passage says to be left when the number is divided: (where, divisor, remainder)."""
    rule = subject.assignment.batch
    divisors = "|".join(str(entry.divisor) for entry in rule.rules)
    if not divisors:
        return
    for entry in rule.rules:
        text = re.sub(rf"\bby\s+{CARDINALS[entry.divisor - 1]}\b", f"by {entry.divisor}", text, flags=re.I)
    number = rf"(?:0*{own}|{re.escape(rule.symbol)})"
    d, r = rf"(?P<d>{divisors})(?![\d.,]*\d)", r"(?P<r>\d)(?![\d.,]*\d|\s*[*×·/%]|\s*(?:nd|rd|st|th)\b)"
    patterns = (
        rf"(?<![\w.]){number}\s*(?:%|\bmod(?:ulo)?\b|÷|/)\s*{d}[^\w=]{{0,3}}(?:=(?!=)|≡|:|is|->|→|gives|leaves|equals|comes\s+to|\|){_LINK}(?:remainder\W{{1,4}}(?:of\W+)?)?{r}",
        rf"(?<![\w.]){number}\s*(?:%|\bmod\b)\s*{d}\s*,[\w\s]{{0,30}}:\s*{r}",
        rf"(?:,|and)\s*mod(?:ulo)?\s*{d}\W{{0,3}}(?:is|=|gives|leaves)\s*{r}",
        rf"{r}\s+(?:when|on|upon|if)\s+(?:it\s+is\s+)?(?:divi\w+)\s+(?:by\s+)?{d}",
        rf"(?<![\w.]){number}\s*(?:≡|=)\s*{r}\s*\(?\s*mod\s*{d}",
        rf"(?:divi\w+|÷|/)\s*(?:\w+\s+){{0,2}}?(?:by\s+)?{d}{_LINK}(?:remainder|leaves|leaving|rest|gives|left)\W{{1,4}}(?:(?:a|the|of|remainder|is|with)\W{{1,3}}){{0,4}}{r}",
        rf"(?:remainder|leaves|leaving)\W{{1,4}}(?:(?:a|of|is|the|remainder)\W{{1,3}}){{0,4}}{r}\s+(?:(?:is|when|on|upon|if|left|it|we|get|obtained)\W{{1,4}}){{0,5}}(?:divi\w+|divided)\s*(?:\w+\s+){{0,2}}?(?:by\s+)?{d}",
        rf"(?:of|by|multiple\s+of)\s+{d}\s*\(\s*(?:remainder|rem\.?)\W{{1,4}}{r}",
        rf"\b(?P<d>{divisors})\s+(?:also\s+)?(?:divides|does\s*n.?t\s+divide|doesnt\s+divide)(?:\s+it)?\W{{0,4}}(?:with\s+)?(?:a\s+)?(?:remainder|rem\.?)\W{{1,4}}{r}",
    )
    listed = re.search(r"remainders", text, re.I)  # ``the remainders 0 and 2 on division by two and by three``
    for pattern in patterns:
        for match in re.finditer(pattern, text, re.I):
            if not listed:
                yield match, int(match["d"]), int(match["r"])
    for match in re.finditer(rf"(?<![\w.]){number}\s*=\s*(?P<d>{divisors})\s*[*x×·]\s*\d+\s*\+\s*{r}", text, re.I):
        yield match, int(match["d"]), int(match["r"])
    for match in re.finditer(r"\b(?:even|odd)\W{1,4}(?:\w+\W+){0,2}?(?:remainder|rem\.?)\W{1,4}(?P<r>\d)", text, re.I):
        yield match, 2, int(match["r"])
