"""A program in, a trace out: runs the abstract machine over all files of a submission together."""

import ast

from reportgen.code import builtins, classes, objects  # noqa: F401 (they register what the machine knows)
from reportgen.code.calls import Machine
from reportgen.code.host import Stopped
from reportgen.code.knowledge import (  # noqa: F401 (likewise)
    creation,
    functional,
    images,
    keras,
    keras_applications,
    keras_training,
    lightning,
    modules,
    options,
    reporting,
    settings_files,
    tensorflow_data,
    torchvision_models,
    training,
)
from reportgen.code.knowledge.keras import declared_shape
from reportgen.code.knowledge.keras_signatures import version_of
from reportgen.code.module_names import dotted_name, package_of
from reportgen.code.registration import walk
from reportgen.code.source import Program, Source, one_file
from reportgen.code.statements import is_main
from reportgen.code.trace import Batched, Forward, Trace
from reportgen.code.values import Class, Instance, Known, Layer, Scope, Shape, Tensor, Value

_REST = 40_000
"""Steps that are kept for the networks that were never applied."""


def follow(program: Program | Source) -> Trace:
    """Follow a program: the files that start something from their first line to their last. Runs none of it."""
    program = one_file(program) if isinstance(program, Source) else program
    trees = {name: source.tree.body for name, source in program.modules.items()}
    packages = {name for name, source in program.modules.items() if package_of(source.path) == dotted_name(source.path)}
    machine = Machine(trees, program.configurations, packages)
    machine.keras_version = version_of(node for source in program.sources for node in source.nodes)
    scopes: list[Scope] = []
    try:
        for source in program.started:
            scopes.append(Scope({}))
            machine.globals = scopes[-1]
            machine.run_file(source.tree.body, machine.globals)
    except (Stopped, RecursionError) as reason:
        machine.trace.stopped = str(reason) or "the program is nested too deep"
    machine.steps = max(0, machine.steps - _REST)
    _load_the_rest(machine)
    _start_the_rest(machine)
    _apply_the_rest(machine, [*scopes, *(file.scope for file in machine.loaded.values())])
    return machine.trace


def _load_the_rest(machine: Machine) -> None:
    try:
        for name in machine.files:
            machine.module(name, machine.globals)
    except (Stopped, RecursionError):
        return


def _start_the_rest(machine: Machine) -> None:
    """Build what the files that others import make where they are started themselves: it is no part of the program."""
    networks, events = len(machine.trace.networks), len(machine.trace.events)
    try:
        for name, file in list(machine.loaded.items()):
            for statement in machine.files[name]:
                if isinstance(statement, ast.If) and is_main(statement.test):
                    machine.run_file(statement.body, file.scope)
    except (Stopped, RecursionError):
        pass
    del machine.trace.events[events:]
    machine.trace.unused += machine.trace.networks[networks:]


def _apply_the_rest(machine: Machine, scopes: list[Scope]) -> None:
    """Build the classes of networks that nobody makes, and apply what was never applied, to learn of its sizes."""
    made = {id(network.cls) for network in machine.trace.networks if isinstance(network, Instance)}
    used = made | {
        id(base) for network in machine.trace.networks if isinstance(network, Instance) for base in _bases(network.cls)
    }
    for scope in scopes:
        for value in list(scope.names.values()):
            if isinstance(value, Class) and id(value) not in used and Instance(value).is_module:
                used |= {id(value)}
                before = len(machine.trace.networks)
                _guarded(machine, value, [])
                machine.trace.unused += machine.trace.networks[before : before + 1]
    applied = {id(event.model) for event in machine.trace.events if isinstance(event, Forward)}
    networks = list(machine.trace.networks)
    inner = {id(part) for network in networks for _, part in list(walk(network))[1:]}
    shape = _images_shape(machine.trace)
    for network in networks:
        if id(network) not in applied and id(network) not in inner:
            machine.applying = []
            declared = declared_shape(network)
            if declared is None:
                machine.trace.unapplied.append(network)
                declared = shape
            _guarded(machine, network, [Tensor(declared, (), "images")])


def _bases(cls: Class) -> list[Class]:
    own = [base for base in cls.bases if isinstance(base, Class)]
    return [*own, *(further for base in own for further in _bases(base))]


def _images_shape(trace: Trace) -> Shape | None:
    """The sizes of a batch of images, where all loaders of the program give the same."""
    shapes = {event.shape for event in trace.events if isinstance(event, Batched) and event.split}
    only = shapes.pop() if len(shapes) == 1 else None
    return None if only is None else (None, *only)


def _guarded(machine: Machine, function: Value, args: list[Value]) -> Value:
    machine.depth = 0
    try:
        return machine.call(function, args, {}, ast.Pass(lineno=getattr(function, "line", 0), col_offset=0))
    except Exception:  # as in `run_file`
        return Known(None)


def networks_of(trace: Trace) -> list[Instance | Layer]:
    """The networks of a program that are part of no other, in the order in which they are made."""
    inner = {id(part) for network in trace.networks for _, part in list(walk(network))[1:]}
    return [network for network in trace.networks if id(network) not in inner]
