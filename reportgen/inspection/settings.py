"""Settings of a network's training, as the events of a program tell them."""

from collections.abc import Iterator, Sequence

from reportgen.code.knowledge.modules import share
from reportgen.code.registration import Module
from reportgen.code.trace import Backward, Event, Fitted, Stepped
from reportgen.code.values import Known, Loader, Optimizer


def batch_sizes(backward: Sequence[Backward], fits: Sequence[Fitted]) -> Iterator[int | None]:
    """Batch sizes of the training, each once, in images; None where one is not known."""
    seen = set()
    for size in (
        *(fit.batch_size for fit in fits),
        *(_size(loader) for loader in loaders_of(backward)),
        *_cut((*backward, *fits)),
    ):
        if size not in seen:
            seen.add(size)
            yield size


def _cut(backward: Sequence[Event]) -> Iterator[int | None]:
    """Sizes of batches that are cut by hand: the step of the range that is gone through."""
    for event in backward:
        yield from [loop.stride for loop in event.loops if loop.stride is not None][-1:]


def _size(loader: Loader) -> int | None:
    size = loader.batch_size
    return size.value if isinstance(size, Known) and isinstance(size.value, int) else None


def loaders_of(backward: Sequence[Backward]) -> list[Loader]:
    """The loaders that training draws its batches from, each once, in the order of their use."""
    found: list[Loader] = []
    for event in backward:
        loaders = [loop.loader for loop in event.loops if loop.loader is not None]
        if loaders and not any(loaders[-1] is other for other in found):
            found.append(loaders[-1])
    return found


def epochs_of(backward: Sequence[Backward], fits: Sequence[Fitted]) -> int | None:
    """Passes over the training set: the rounds of the loop around that over the batches."""
    counts: list[int | None] = [fit.epochs for fit in fits if fit.epochs is not None]
    by_loop: dict[int, int | None] = {}
    for event in (*backward, *(fit for fit in fits if fit.epochs is None)):
        over = [at for at, loop in enumerate(event.loops) if loop.loader is not None or loop.stride is not None]
        outer = event.loops[: over[-1]] if over else event.loops[:-1]
        counted = [loop for loop in outer if not loop.listed]
        if counted:
            by_loop[counted[-1].line] = counted[-1].times
        else:
            by_loop[-1] = 1 if over else None
    counts += by_loop.values()
    if not counts or None in counts:
        return None
    return sum(count for count in counts if count is not None)


def optimizers_of(events: Sequence[Event], model: Module, fits: Sequence[Fitted]) -> Iterator[tuple[str, int]]:
    """Names of the optimizers that step a network, with their lines; at last those that `fit` was given."""
    seen: list[object] = []
    last: Module | None = None
    for event in events:
        if isinstance(event, Backward):
            last = event.model
        if isinstance(event, Stepped) and _steps(event.optimizer, model, last) and event.optimizer not in seen:
            seen.append(event.optimizer)
            yield event.optimizer.name, event.optimizer.line
    for fit in fits:
        if fit.optimizer:
            yield fit.optimizer, fit.line


def _steps(optimizer: Optimizer, model: Module, last: Module | None) -> bool:
    if not optimizer.models:
        return last is model
    return any(share(owner, model) for owner in optimizer.models)
