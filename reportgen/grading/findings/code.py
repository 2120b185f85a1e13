"""What a submission's code does, as findings. None of it runs."""

from collections.abc import Iterator
from dataclasses import dataclass

from reportgen.assignment.spec import Assignment
from reportgen.code.program import follow
from reportgen.code.source import Program, Source, one_file
from reportgen.code.trace import Trace
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.coded_data import check_program
from reportgen.grading.findings.coded_network import check_network
from reportgen.grading.findings.coded_training import OF_PRACTICE, OF_TRAINING, check_training
from reportgen.grading.findings.trained import Trained, find_trained
from reportgen.inspection.data import augmentations


@dataclass(frozen=True)
class Code:
    """What is known of the code of a submission."""

    program: Program
    trained: tuple[Trained, ...]
    findings: tuple[Finding, ...]


def read_code(program: Program | Source, assignment: Assignment, roll: str | None) -> Code:
    """Follow a program and hold it against the assignment.

    Args:
        program: the submitted files.
        assignment: what they answer.
        roll: the roll number, for the batch size; None where it is not known.
    """
    program = one_file(program) if isinstance(program, Source) else program
    trace = follow(program)
    trained = find_trained(trace, assignment)
    found = [_placed(finding, program) for finding in _findings(trace, trained, assignment, roll, program)]
    return Code(program, tuple(trained), tuple(found))


def _placed(finding: Finding, program: Program) -> Finding:
    """A finding with its line as one of a file."""
    told = {"reason": program.words(finding.reason)}
    if finding.place.line is None:
        return finding.model_copy(update=told)
    source, line = program.place(finding.place.line)
    place = finding.place.model_copy(update={"line": line})
    return finding.model_copy(update={**told, "place": place, "file": source.name, "text": source.line(line)[:200]})


def check_code(program: Program | Source, assignment: Assignment, roll: str | None) -> tuple[Finding, ...]:
    """The findings of `read_code`."""
    return read_code(program, assignment, roll).findings


def _findings(
    trace: Trace,
    trained: list[Trained],
    assignment: Assignment,
    roll: str | None,
    program: Program,
) -> Iterator[Finding]:
    file = program.sources[0].name
    if trace.stopped:
        yield Finding(
            check="files", kind=FindingKind.NOTE, file=file, reason=f"not followed to its end: {trace.stopped}"
        )
    for one in trained:
        yield from check_network(one, assignment, file)
        yield from check_training(one, assignment, roll, file)
        yield from _techniques(one, file)
    yield from check_program(trained, trace, program, file)
    matched = {one.experiment.id for one in trained if one.experiment}
    for experiment in assignment.experiments:
        if experiment.id not in matched:
            check = "techniques" if experiment.baseline else "network"
            reason = f"no network of {experiment.short_title} was found in the code"
            checks = (check,) if experiment.baseline else (check, *OF_TRAINING, *OF_PRACTICE)
            for name in checks:
                yield Finding(
                    check=name, kind=FindingKind.UNDECIDED, experiment=experiment.id, file=file, reason=reason
                )


def _techniques(one: Trained, file: str) -> Iterator[Finding]:
    if one.experiment is None or one.experiment.baseline is None:
        return
    names = sorted({step.type for step in one.steps if step.type.startswith(("Dropout", "BatchNorm"))})
    names += sorted(
        set(augmentations(one.loaders)) | {name for fit in one.fits for name in (*fit.augmented, *fit.chooses)}
    )
    if names:
        reason = f"the code applies {', '.join(names)}"
        yield Finding(
            check="techniques",
            kind=FindingKind.MET,
            experiment=one.experiment.id,
            file=file,
            place=Place(line=one.line or None),
            reason=reason,
        )
