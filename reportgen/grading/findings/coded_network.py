"""The network in the code, held against the assignment's layer by layer."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from reportgen.assignment.spec import Assignment
from reportgen.code.registration import unregistered
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.network_parts import TITLES, Part, asked_parts, coded_parts, shown
from reportgen.grading.findings.trained import Trained, classes_of
from reportgen.inspection.layers import impossible


def check_network(one: Trained, assignment: Assignment, file: str) -> Iterator[Finding]:
    """Hold a network against that of its experiment."""
    experiment = one.experiment
    if experiment is None:
        return

    def finding(
        kind: FindingKind, reason: str, line: int, expected: str | None = None, found: str | None = None
    ) -> Finding:
        return Finding(
            check="network",
            kind=kind,
            experiment=experiment.id,
            file=file,
            place=Place(line=line or one.line or None),
            reason=reason,
            expected=expected,
            found=found,
        )

    if one.unused:
        yield finding(FindingKind.NOTE, f"no line of the program makes a {one.network.name}", one.line)
    outside = [] if one.network.lost else list(unregistered(one.model))
    for layer in outside:
        reason = f"{layer.type} stands in a plain list: it is not registered, and so never trained"
        yield finding(FindingKind.FAULT, reason, layer.line)
    if one.lost or not one.steps:
        yield finding(
            FindingKind.UNDECIDED, f"the network can't be followed: {one.lost or 'it has no layers'}", one.line
        )
        return
    if experiment.baseline is not None:
        return
    asked = asked_parts(assignment.networks[experiment.network].layers, classes_of(experiment))
    coded = coded_parts(one.steps)
    differences = list(compare(asked, coded))
    for line, reason, expected, found, sure in differences:
        yield finding(FindingKind.FAULT if sure else FindingKind.UNDECIDED, reason, line, expected, found)
    known = one.input_shape is not None and None not in one.input_shape[1:]
    for line, reason in impossible(one.steps) if known else ():
        yield finding(FindingKind.FAULT, reason, line)
    dropped = [step for step in one.steps if step.type.startswith("Dropout") and step.setting("p") not in {0, None}]
    if dropped and not differences:
        reason = "the network is the assignment's, but for dropout, which the assignment asks for in the bonus only"
        yield finding(FindingKind.NOTE, reason, dropped[0].line)
    if not differences and not outside:
        yield finding(FindingKind.MET, "every layer of the network in the code is the assignment's", one.line)


def compare(asked: Sequence[Part], coded: Sequence[Part]) -> Iterator[tuple[int, str, str, str, bool]]:
    """Yield each difference: line, reason, expected, found, and whether it is sure."""
    matcher = SequenceMatcher(None, [part.type for part in asked], [part.type for part in coded], autojunk=False)
    last = 0
    for tag, start, end, first, stop in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(asked[start:end], coded[first:stop], strict=True):
                last = other.line or last
                yield from _settings(one, other)
            continue
        here = coded[first].line if first < len(coded) else last
        expected = ", ".join(str(part) for part in asked[start:end]) or "nothing there"
        found = ", ".join(str(part) for part in coded[first:stop]) or "nothing there"
        what = {"delete": "a layer is missing", "insert": "a layer more than asked"}.get(
            tag, "another layer than asked"
        )
        yield here, what, expected, found, True


def _settings(asked: Part, coded: Part) -> Iterator[tuple[int, str, str, str, bool]]:
    values = dict(coded.settings)
    for name, wanted in asked.settings:
        value = values.get(name)
        if value != wanted:
            title = f"{TITLES[name]} of {asked.type}"
            if value is None:
                yield coded.line, f"{title} can't be told from the code", shown(wanted), "unknown", False
            else:
                yield coded.line, f"another {title} than asked", shown(wanted), shown(value), True
