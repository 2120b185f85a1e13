"""Reads the code and the configurations beside a report into what the report is held against."""

from collections.abc import Mapping, Sequence

from reportgen.code.configuration import SUFFIXES, Configuration, read_configuration
from reportgen.code.named_values import from_outside, named_values, numbers_of
from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import Program, read_program
from reportgen.code.values import Instance, Layer
from reportgen.errors import UnreadableError
from reportgen.verification.facts.code import Code, CodedNetwork
from reportgen.verification.facts.printed import read_printed

CODE = (".py", ".ipynb")
READ = (*CODE, *sorted(SUFFIXES))
"""Endings of the names of files that are read beside a report."""


def read_code(files: Mapping[str, bytes], unread: Sequence[str] = ()) -> Code:
    """Read the code and the configurations beside a report, and follow the program. Runs none of it.

    Args:
        files: content by path, folders with "/"; those of no known ending are left out.
        unread: what was not read, and why.
    """
    problems: list[str] = list(unread)
    configurations: list[Configuration] = []
    for name, content in files.items():
        if name.lower().endswith(tuple(SUFFIXES)):
            try:
                configurations.append(read_configuration(content, name))
            except UnreadableError as error:
                problems.append(str(error))
    program = read_program({name: content for name, content in files.items() if name.lower().endswith(CODE)})
    problems += program.problems
    values = named_values(program, configurations)
    networks: tuple[CodedNetwork, ...] = ()
    lost = "there is no code"
    if program.sources:
        trace = follow(program)
        networks = tuple(_counted(program, network, trace.opened) for network in networks_of(trace))
        lost = trace.stopped or trace.opened or (program.problems[0] if program.problems else "")
    return Code(
        program,
        tuple(configurations),
        values,
        networks,
        lost,
        tuple(problems),
        read_printed(files),
        numbers_of(program, values),
        from_outside(program),
    )


def _counted(program: Program, network: Instance | Layer, opened: str) -> CodedNetwork:
    counted = count(network, opened)
    layers: dict[tuple[str, int], int] = {}
    for tensor in counted.tensors:
        if not tensor.buffer:
            layer = tensor.name.rpartition(".")[0], tensor.line
            layers[layer] = layers.get(layer, 0) + tensor.size
    place, line = program.place(counted.line)
    state = sum(one.size for one in counted.tensors if one.buffer and not one.counts_batches)
    with_state = None if counted.parameters is None else counted.parameters + state
    totals = {total for total in (counted.parameters, counted.trainable, with_state) if total is not None}
    return CodedNetwork(
        counted.name,
        place.name,
        line,
        counted.parameters,
        counted.trainable,
        frozenset(totals),
        frozenset(layers.values()),
    )
