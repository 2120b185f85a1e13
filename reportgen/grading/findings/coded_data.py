"""Faults of the code that only the assignment makes ones: of its experiments' networks, of its digits."""

from collections.abc import Iterator, Sequence

from reportgen.code.source import Program
from reportgen.code.trace import Counted, Trace
from reportgen.documents.blocks import Place
from reportgen.grading.dossiers import Finding
from reportgen.grading.findings.trained import Trained
from reportgen.inspection.data import find_data, random_changes
from reportgen.inspection.measures import find_measured_sets, find_measures
from reportgen.inspection.practice import find_practice
from reportgen.inspection.remarks import Remark

_FLIPS = frozenset({"RandomHorizontalFlip", "RandomVerticalFlip", "horizontal_flip", "vertical_flip", "RandomFlip"})
_FOREIGN = (
    (0.485, "ImageNet"),
    (0.4914, "CIFAR-10"),
    (0.5071, "CIFAR-100"),
    (0.2860, "Fashion-MNIST"),
    (0.4377, "SVHN"),
)


def check_program(trained: Sequence[Trained], trace: Trace, program: Program, file: str) -> Iterator[Finding]:
    """What a reader remarks in any program, each with its experiment; then what is wrong for digits."""
    owners = {id(one.model): one.experiment.id for one in trained if one.experiment}
    for found in (
        *(remark for one in trained for remark in find_practice(one, trace)),
        *find_data(trace, program),
        *find_measures(trace),
        *find_measured_sets(trained, trace),
        *_mirrored(trace),
        *_foreign(trace),
        *_counted(trained, trace),
    ):
        yield Finding(
            check=found.check,
            kind=found.kind,
            experiment=owners.get(id(found.model)),
            file=file,
            place=Place(line=found.line or None),
            reason=found.reason,
        )


def _mirrored(trace: Trace) -> Iterator[Remark]:
    seen: set[int] = set()
    for name, line, _ in random_changes(trace):
        if (name in _FLIPS or "flip" in name) and line not in seen:
            seen.add(line)
            yield Remark("mirrored-digits", f"{name} mirrors digits: a mirrored digit is another sign, or none", line)


def _foreign(trace: Trace) -> Iterator[Remark]:
    for line, (mean, _) in trace.normalizations.items():
        for value, name in _FOREIGN:
            if mean is not None and abs(mean - value) < 5e-4:
                yield Remark("foreign-statistics", f"images are normalized with the statistics of {name}", line)


def _counted(trained: Sequence[Trained], trace: Trace) -> Iterator[Remark]:
    """A network that is counted twice where another one is never counted."""
    counts = [event for event in trace.events if isinstance(event, Counted) and event.model is not None]
    main = [one for one in trained if one.experiment is not None and one.experiment.baseline is None]
    for one in main:
        if any(event.model is one.model for event in counts):
            continue
        for other in main:
            own = [event for event in counts if event.model is other.model]
            if other is not one and own and _around(trace, one, own):
                title = one.experiment.short_title if one.experiment else "this experiment"
                reason = f"the parameters of another network are counted a second time, those of {title} never"
                yield Remark("wrong-model-counted", reason, own[-1].line, one.model)
                break


def _around(trace: Trace, one: Trained, counts: Sequence[Counted]) -> bool:
    """Tell whether a network is counted before another one is trained, and again after it."""
    places = [at for at, event in enumerate(trace.events) if event in counts]
    training = [at for at, event in enumerate(trace.events) if event in one.backward or event in one.fits]
    return bool(places and training) and places[0] < training[0] and places[-1] > training[-1]
