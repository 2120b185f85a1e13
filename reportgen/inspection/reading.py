"""A program in, all that a reader tells of it out: its networks, how they are trained, what there is to remark."""

from collections.abc import Iterator

from reportgen.code.program import follow, networks_of
from reportgen.code.source import Program
from reportgen.code.trace import Trace
from reportgen.inspection.data import find_data
from reportgen.inspection.layers import find_layers
from reportgen.inspection.losses import find_losses
from reportgen.inspection.measures import find_measures
from reportgen.inspection.networks import Placed, network_report
from reportgen.inspection.optimizing import find_missing_steps, find_optimizing
from reportgen.inspection.practice import find_practice
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.report import Inspection, Level, RemarkReport
from reportgen.inspection.trainings import Training, find_trainings

_LEVELS = {FindingKind.FAULT: Level.FAULT, FindingKind.NOTE: Level.NOTE}
_MOST_TEXT = 200


def inspect_program(program: Program) -> Inspection:
    """Follow a program and tell what it does. Runs none of it.

    Args:
        program: its files, of which one can be read at least.
    """
    trace = follow(program)
    trainings = find_trainings(trace)
    placed = Placed(program)
    known = {id(one.model): one for one in trainings}
    networks = [*networks_of(trace)]
    networks += [one.model for one in trainings if not any(one.model is other for other in networks)]
    problems = list(program.problems)
    if trace.stopped:
        problems.append(f"not followed to its end: {program.words(trace.stopped)}")
    first = program.started[0]
    return Inspection(
        source=first.path or first.name,
        files=tuple(source.path or source.name for source in program.sources),
        networks=tuple(network_report(network, known.get(id(network)), trace, placed) for network in networks),
        remarks=tuple(_told(find_remarks(trainings, trace, program), trainings, placed)),
        problems=tuple(problems),
    )


def find_remarks(trainings: list[Training], trace: Trace, program: Program) -> Iterator[Remark]:
    """All that a reader remarks, of each network and of the program; also what is as it should be."""
    for one in trainings:
        yield from find_practice(one, trace)
        yield from find_losses(one)
        yield from find_layers(one)
        yield from find_optimizing(one, trace)
    yield from find_missing_steps(trainings, trace, program)
    yield from find_data(trace, program)
    yield from find_measures(trace)


def _told(remarks: Iterator[Remark], trainings: list[Training], placed: Placed) -> list[RemarkReport]:
    """What there is to tell, each line of a check once, in the order of the lines, faults first."""
    names = {id(one.model): one.network.name for one in trainings}
    found: dict[tuple[str, int, str], RemarkReport] = {}
    for remark in remarks:
        if remark.kind not in _LEVELS:
            continue
        spot, text = placed.spot(remark.line)
        told = RemarkReport(
            rule=remark.check,
            level=_LEVELS[remark.kind],
            spot=spot,
            text=text[:_MOST_TEXT],
            network=names.get(id(remark.model)) or None,
            reason=placed.program.words(remark.reason),
            usual=remark.usual or None,
        )
        found.setdefault((remark.check, remark.line, remark.reason), told)
    ordered = sorted(found.items(), key=lambda item: (item[1].level is not Level.FAULT, item[0][1]))
    return [told for _, told in ordered]
