"""A program in, a trace out: runs the abstract machine over a file of submitted code."""

from reportgen.code import builtins, objects  # noqa: F401 (they register what the machine knows)
from reportgen.code.calls import Machine
from reportgen.code.host import Splits, Stopped
from reportgen.code.knowledge import (  # noqa: F401 (likewise)
    creation,
    functional,
    images,
    keras,
    keras_training,
    lightning,
    modules,
    reporting,
    training,
)
from reportgen.code.source import Source
from reportgen.code.statements import Leaves
from reportgen.code.trace import Trace
from reportgen.code.values import Class, Instance, Known, Layer, Tensor, Value

_REST = 40_000
"""Steps that are kept for the networks that were never applied."""


def follow(source: Source) -> Trace:
    """Follow a program from its first line to its last. Runs none of it."""
    machine = Machine()
    for statement in source.tree.body:
        try:
            machine.run([statement], machine.globals)
        except (Leaves, Splits):
            continue
        except (Stopped, RecursionError) as reason:
            machine.trace.stopped = str(reason) or "the program is nested too deep"
            break
        except Exception as error:  # a bug of the machine: what it can't follow is no fault of the program
            machine.trace.lost[statement.lineno] = f"{type(error).__name__} while it was followed"
    machine.steps = max(0, machine.steps - _REST)
    _apply_the_rest(machine)
    return machine.trace


def _apply_the_rest(machine: Machine) -> None:
    """Apply the networks that the program makes and that were never applied, so that they can be counted."""
    from reportgen.code.trace import Forward

    applied = {id(event.model) for event in machine.trace.events if isinstance(event, Forward)}
    for network in list(machine.trace.networks):
        if id(network) not in applied and not _is_inner(network, machine.trace.networks):
            _apply(machine, network)
    if not machine.trace.networks:
        for value in list(machine.globals.names.values()):
            if isinstance(value, Class) and any(path.endswith("Module") for path in value.library_bases()):
                made = _guarded(machine, value, [])
                if isinstance(made, Instance):
                    _apply(machine, made)


def _is_inner(network: Instance | Layer, networks: list[Instance | Layer]) -> bool:
    return any(network is part for other in networks if other is not network for part in modules.modules_of(other))


def _apply(machine: Machine, network: Instance | Layer) -> None:
    machine.applying = []
    _guarded(machine, network, [Tensor((None, 1, 28, 28), (), "images")])


def _guarded(machine: Machine, function: Value, args: list[Value]) -> Value:
    machine.depth = 0
    try:
        import ast

        return machine.call(function, args, {}, ast.Pass(lineno=0, col_offset=0))
    except Exception:  # as in `follow`
        return Known(None)
