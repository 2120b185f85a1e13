"""Faults of measuring in the code: on which images, divided by what, drawn from what."""

from collections.abc import Iterator, Sequence

from reportgen.code.trace import Backward, Batched, Confused, Divided, Fitted, Forward, Misnamed, Plotted, Trace
from reportgen.inspection.practice import measured_on
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.trainings import Training


def find_measures(trace: Trace) -> Iterator[Remark]:
    """What is named, divided and plotted otherwise than it should be, of all networks together."""
    yield from _misnamed(trace)
    yield from _divisors(trace)
    if any(isinstance(event, Backward | Fitted) for event in trace.events):  # else nothing was measured
        yield from _curves(trace)
    drawn = next((event for event in trace.events if isinstance(event, Plotted) and not event.literal), None)
    if drawn is not None:
        yield Remark(
            "invented-curves", "curves are drawn from what the program measured", drawn.line, None, FindingKind.MET
        )


def find_measured_sets(trained: Sequence[Training], trace: Trace) -> Iterator[Remark]:
    """Networks that are measured on training images only: where an assignment says which sets there are."""
    yield from _measured(trained, trace)
    yield from _watched(trained)


def _misnamed(trace: Trace) -> Iterator[Remark]:
    named = [event for event in trace.events if isinstance(event, Misnamed)]
    shared = {event.line for event in named if event.of != "train"}  # of a function that measures several sets
    event = next((event for event in named if event.line not in shared), None)
    if event is not None:
        reason = f"a number of the training images is called one of the test set ({event.text.strip()})"
        yield Remark("wrong-set-measured", reason, event.line)


def _divisors(trace: Trace) -> Iterator[Remark]:
    seen: set[int] = set()
    # where a batch is one image, as DataLoader has it when it is told nothing, batches and images are the same number
    alone = {event.split for event in trace.events if isinstance(event, Batched) and event.batch_size == 1}
    for event in trace.events:
        if not isinstance(event, Divided) or event.line in seen:
            continue
        top, bottom = event.numerator, event.denominator
        reason = ""
        if {top.of, bottom.of} & alone:
            continue
        if top.of == "validation" and bottom.of == "test":
            continue  # ten thousand images may be those set aside
        if (
            top.of
            and bottom.of
            and top.of != bottom.of
            and top.what in {"hits", "summed-loss"}
            and bottom.what == "images"
        ):
            reason = f"a sum over {top.of} images is divided by the number of {bottom.of} images"
        elif top.what in {"summed-means", "summed-shares"} and bottom.what == "images":
            reason = "a sum of batch averages is divided by the number of images, not of batches"
        elif top.what in {"hits", "summed-loss"} and bottom.what == "batches":
            reason = "a sum over images is divided by the number of batches, not of images"
        if reason:
            seen.add(event.line)
            yield Remark("wrong-divisor", reason, event.line)


def _curves(trace: Trace) -> Iterator[Remark]:
    literal = [event for event in trace.events if isinstance(event, Plotted) and event.literal]
    if literal:
        yield Remark(
            "invented-curves",
            "a curve is drawn from numbers written in the source, not from measured ones",
            literal[0].line,
        )


def _measured(trained: Sequence[Training], trace: Trace) -> Iterator[Remark]:
    nameless = [event for event in trace.events if isinstance(event, Confused) and event.model is None]
    wrong = [event for event in nameless if event.origins == {"train"}]
    if len(wrong) > sum("test" in event.origins for event in nameless):
        yield Remark("wrong-set-measured", f"{wrong[0].name} is made of training images", wrong[0].line)
    for one in trained:
        confused = [event for event in trace.events if isinstance(event, Confused) and event.model is one.model]
        tested = any("test" in event.origins for event in confused)
        wrong = [event for event in confused if event.origins == {"train"}]
        if wrong and not tested:
            yield Remark("wrong-set-measured", f"{wrong[0].name} is made of training images", wrong[0].line, one.model)
            continue
        final = _after_training(one, trace)
        if final and all(event.origins == {"train"} for event in final):
            reason = "after training the network is measured on training images only"
            yield Remark("wrong-set-measured", reason, final[-1].line, one.model)
            continue
        sets = measured_on(one.other)
        if one.backward and sets == {"train"} and all(event.origins for event in one.other):
            reason = "the network is measured on training images only, never on the test set"
            yield Remark("wrong-set-measured", reason, one.other[-1].line, one.model)


def _after_training(one: Training, trace: Trace) -> list[Forward]:
    """Where a network is applied after its last epoch, and outside of the loop over the epochs."""
    last = max((at for at, event in enumerate(trace.events) if event in one.backward), default=None)
    if last is None:
        return []
    epochs = {loop.line for event in one.backward for loop in event.loops if not loop.listed}
    return [
        event
        for event in trace.events[last + 1 :]
        if isinstance(event, Forward)
        and event.model is one.model
        and any(loop.loader is not None or loop.stride is not None for loop in event.loops)
        and not epochs & {loop.line for loop in event.loops if loop.loader is None}
    ]


def _watched(trained: Sequence[Training]) -> Iterator[Remark]:
    """Networks that are measured on training images only while they are trained."""
    for one in trained:
        epochs = {loop.line for event in one.backward for loop in event.loops if not loop.listed}
        during = [event for event in one.other if epochs & {loop.line for loop in event.loops}]
        if during and all(event.origins == {"train"} for event in during):
            reason = "during training the network is measured on training images only: curves of the test set are asked"
            yield Remark("wrong-set-measured", reason, during[0].line, one.model, FindingKind.UNDECIDED)
