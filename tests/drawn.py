"""What tests look for in figures that are drawn and not yet painted."""

from collections.abc import Iterator

from reportgen.rendering.figures.sheet import Group, Part, Sheet, Text
from reportgen.results.schema import ExperimentResult, Results
from reportgen.training.experiment import Computed


def groups(sheet: Sheet, hook: str) -> dict[str, Group]:
    """The groups of a sheet by the value of their hook, the last of each."""

    def walk(part: Part) -> Iterator[Group]:
        if isinstance(part, Group):
            yield part
            for inner in part.parts:
                yield from walk(inner)

    return {group.hooks[hook]: group for group in walk(sheet.root) if hook in group.hooks}


def texts(group: Group) -> list[str]:
    """The texts that stand directly in a group."""
    return [part.text for part in group.parts if isinstance(part, Text)]


def alone(computed: Computed, **changed: object) -> tuple[Results, ExperimentResult]:
    """Results with the first experiment only, changed."""
    result = computed.results.experiments[0].model_copy(update=changed)
    asked, plan = computed.results.assignment, computed.results.plan
    first = {
        "assignment": asked.model_copy(update={"experiments": asked.experiments[:1]}),
        "plan": plan.model_copy(update={"experiments": plan.experiments[:1]}),
    }
    return computed.results.model_copy(update={"experiments": (result,), **first}), result
