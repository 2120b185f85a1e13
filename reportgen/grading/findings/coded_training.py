"""Training as coded, held against the assignment: batches, optimizer, loss, epochs, classes, sets of images."""

from collections.abc import Callable, Iterator

from reportgen.assignment.plan import batch_size
from reportgen.assignment.spec import Assignment, Experiment
from reportgen.code.knowledge.keras_training import LOSSES
from reportgen.code.trace import Backward, Fitted
from reportgen.documents.blocks import Place
from reportgen.errors import UsageError
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.trained import DIGITS, Trained
from reportgen.inspection.practice import measured_on

Emit = Callable[..., Finding]
_CROSS_ENTROPY = frozenset({"CrossEntropyLoss", "SparseCategoricalCrossentropy", "CategoricalCrossentropy"})
OF_TRAINING = ("batch-size", "optimizer", "loss", "epochs", "data-split", "classes")
"""Checks of what a network is trained with."""
OF_PRACTICE = (
    *("softmax-before-loss", "evaluation-mode", "training-mode", "gradients-reset", "test-set-chooses"),
    *("wrong-set-measured", "wrong-divisor"),
)
"""Checks of how it is trained and measured, which can't be decided where no training is found."""


def check_training(one: Trained, assignment: Assignment, roll: str | None, file: str) -> Iterator[Finding]:
    """Hold the training of a network against its experiment."""
    experiment = one.experiment
    if experiment is None:
        return

    def emit(check: str, kind: FindingKind, reason: str, line: int = 0, **more: str) -> Finding:
        place = Place(line=line or one.line or None)
        return Finding(check=check, kind=kind, experiment=experiment.id, file=file, place=place, reason=reason, **more)

    if not one.backward and not one.fits:
        for check in (*OF_TRAINING, *OF_PRACTICE):
            yield emit(check, FindingKind.UNDECIDED, "no training of this network was found in the code")
        return
    yield _sets(one, emit)
    yield from _classes(one, experiment, emit)
    if experiment.baseline is None:
        yield from _batch_size(one, assignment, experiment, roll, emit)
        yield _optimizer(one, experiment, emit)
        yield from _loss(one, emit)
        yield _epochs(one, experiment, emit)


def _line(one: Trained) -> int:
    return (one.backward or one.fits)[0].line


def _batch_size(
    one: Trained, assignment: Assignment, experiment: Experiment, roll: str | None, emit: Emit
) -> Iterator[Finding]:
    line = one.loaders[0].line if one.loaders else _line(one)
    sizes = one.batch_sizes
    wanted = experiment.training.batch_size
    if wanted is None:
        try:
            wanted = batch_size(assignment.batch, roll).size if roll else None
        except UsageError:
            wanted = None
    if wanted is None:
        yield emit(
            "batch-size", FindingKind.UNDECIDED, "no roll number was found, so the batch size can't be checked", line
        )
    elif not sizes or None in sizes:
        yield emit(
            "batch-size",
            FindingKind.UNDECIDED,
            "the batch size can't be told from the code",
            line,
            expected=str(wanted),
        )
    else:
        met = set(sizes) == {wanted}
        found = ", ".join(str(size) for size in sizes)
        reason = f"the roll number {roll} gives a batch size of {wanted}"
        kind = FindingKind.MET if met else FindingKind.FAULT
        yield emit("batch-size", kind, reason, line, expected=str(wanted), found=found)


def _optimizer(one: Trained, experiment: Experiment, emit: Emit) -> Finding:
    wanted = experiment.training.optimizer.name
    if not one.optimizers:
        return emit(
            "optimizer", FindingKind.UNDECIDED, "the optimizer can't be told from the code", _line(one), expected=wanted
        )
    name, line = one.optimizers[0]
    kind = FindingKind.MET if name.lower() == wanted else FindingKind.FAULT
    if {name.lower(), wanted} == {"adam", "adamw"}:
        kind = FindingKind.UNDECIDED
    reason = f"the assignment asks for {wanted.upper() if wanted == 'sgd' else wanted.capitalize()}"
    return emit("optimizer", kind, reason, line, expected=wanted, found=name)


def _loss(one: Trained, emit: Emit) -> Iterator[Finding]:
    names: list[tuple[str, int, bool | None]] = []
    for event in one.losses:
        last = event.last_steps[-1].type if event.last_steps else None
        names.append((event.criterion.name, event.line, None if last is None else last == "LogSoftmax"))
    names += [(LOSSES.get(fit.loss, fit.loss), fit.line, None) for fit in one.fits]
    if not names:
        yield emit("loss", FindingKind.UNDECIDED, "the loss can't be told from the code", _line(one))
        return
    name, line, logarithmic = names[0]
    if name in _CROSS_ENTROPY or (name == "NLLLoss" and logarithmic):
        yield emit("loss", FindingKind.MET, "the loss is cross-entropy", line, found=name)
    elif name == "NLLLoss" and logarithmic is None:
        yield emit("loss", FindingKind.UNDECIDED, "NLLLoss is cross-entropy only after log-softmax", line, found=name)
    elif not name:
        yield emit("loss", FindingKind.UNDECIDED, "the loss can't be told from the code", line)
    else:
        more = ": NLLLoss without log-softmax before it is not" if name == "NLLLoss" else ""
        reason = f"the assignment asks for cross-entropy{more}"
        yield emit("loss", FindingKind.FAULT, reason, line, expected="cross-entropy", found=name)


def _epochs(one: Trained, experiment: Experiment, emit: Emit) -> Finding:
    wanted = experiment.training.epochs
    if one.epochs is None:
        return emit("epochs", FindingKind.UNDECIDED, "the number of epochs can't be told from the code", _line(one))
    kind = FindingKind.MET if one.epochs >= wanted else FindingKind.FAULT
    reason = f"the assignment asks for {wanted} epochs at least"
    return emit("epochs", kind, reason, _line(one), expected=str(wanted), found=str(one.epochs))


def _sets(one: Trained, emit: Emit) -> Finding:
    learned: list[Backward | Fitted] = [*one.backward, *one.fits]
    sure = [event for event in learned if "test" in event.origins and not event.conditional]
    if "test" in one.origins and not sure:
        reason = "whether the network is trained on test images hangs on a condition that is not known"
        return emit("data-split", FindingKind.UNDECIDED, reason, _line(one))
    if "test" in one.origins:
        return emit(
            "data-split",
            FindingKind.FAULT,
            "the network is trained on test images",
            _line(one),
            expected="train",
            found="test",
        )
    if not one.origins:
        return emit(
            "data-split", FindingKind.UNDECIDED, "the images of the training can't be told from the code", _line(one)
        )
    if "test" in measured_on(one.other):
        return emit("data-split", FindingKind.MET, "trained on the training set, measured on the test set", _line(one))
    reason = "trained on the training set; where it is measured on the test set was not found"
    return emit("data-split", FindingKind.UNDECIDED, reason, _line(one))


def _classes(one: Trained, experiment: Experiment, emit: Emit) -> Iterator[Finding]:
    mapping = one.mapping
    if mapping is None or None in mapping:
        yield emit("classes", FindingKind.UNDECIDED, "the class of each digit can't be told from the code", _line(one))
        return
    groups = experiment.groups or tuple((digit,) for digit in range(DIGITS))
    wanted = {frozenset(group) for group in groups}
    by_class: dict[int | None, set[int]] = {}
    for digit, label in enumerate(mapping):
        by_class.setdefault(label, set()).add(digit)
    coded = {frozenset(group) for group in by_class.values()}
    if len(coded) == 1:
        yield emit("classes", FindingKind.UNDECIDED, "the class of each digit can't be told from the code", _line(one))
        return
    line = one.loaders[0].line if one.loaders else _line(one)
    met = coded == wanted
    yield emit(
        "classes",
        FindingKind.MET if met else FindingKind.FAULT,
        "each digit is in its class" if met else "the digits are grouped into other classes than asked",
        line,
        expected=_listed(wanted),
        found=_listed(coded),
    )


def _listed(groups: set[frozenset[int]]) -> str:
    ordered = sorted(sorted(group) for group in groups)
    return " ".join("{" + ", ".join(str(digit) for digit in group) + "}" for group in ordered)
