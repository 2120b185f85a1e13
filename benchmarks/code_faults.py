"""Faults of submitted code, each a change of the facts that the templates of `code_styles` render.

A fault that a template can't show leaves its text as it is, or makes `render` raise UnshowableError.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from code_facts import Facts, Net

Change = Callable[[Facts, random.Random], None]


@dataclass(frozen=True)
class Fault:
    """One kind of fault: the check that it violates, where it stands, and the change.

    The place is None where it depends on the template: a shared function or class has the fault wherever it is used.
    """

    check: str
    experiment: str | None
    apply: Change


def _flag(name: str) -> Change:
    def apply(facts: Facts, draw: random.Random) -> None:
        facts.wrong.add(name)

    return apply


def _set(name: str, *values: object) -> Change:
    def apply(facts: Facts, draw: random.Random) -> None:
        setattr(facts, name, draw.choice(values))

    return apply


def _networks(change: Callable[[Net, random.Random], None], *, first: bool = True) -> Change:
    """Change both networks alike, or the second one alone."""

    def apply(facts: Facts, draw: random.Random) -> None:
        seed = draw.random()
        for net in (facts.first, facts.second) if first else (facts.second,):
            change(net, random.Random(seed))

    return apply


def _batch(facts: Facts, draw: random.Random) -> None:
    facts.batch = draw.choice([size for size in (16, 20, 32, 64, 128) if size != facts.batch])
    facts.sizes[facts.rule] = facts.batch


def _kernel(net: Net, draw: random.Random) -> None:
    index = draw.randrange(3)
    net.kernels[index] = draw.choice([size for size in (3, 5, 7) if size != net.kernels[index]])
    net.paddings[index] = net.kernels[index] // 2


def _padding(net: Net, draw: random.Random) -> None:
    net.paddings[draw.randrange(3)] = 0


def _filters(net: Net, draw: random.Random) -> None:
    index = draw.randrange(3)
    net.filters[index] *= 2


def _stride(net: Net, draw: random.Random) -> None:
    net.strides[0] = 2
    net.strides[1] = draw.choice([1, 2])


def _no_pool(net: Net, draw: random.Random) -> None:
    net.pools[draw.randrange(3)] = ""


def _average(net: Net, draw: random.Random) -> None:
    net.pools[draw.randrange(2)] = "Avg"


def _maximum(net: Net, draw: random.Random) -> None:
    net.pools[2] = "Max"


def _activation(net: Net, draw: random.Random) -> None:
    net.activations[draw.randrange(3)] = False


def _hidden(net: Net, draw: random.Random) -> None:
    net.hidden = draw.choice([32, 64, 128])


def _exchange(facts: Facts, draw: random.Random) -> None:
    one, other = draw.sample(range(len(facts.groups)), 2)
    here, there = draw.randrange(len(facts.groups[one])), draw.randrange(len(facts.groups[other]))
    facts.groups[one][here], facts.groups[other][there] = facts.groups[other][there], facts.groups[one][here]


def _misplace(facts: Facts, draw: random.Random) -> None:
    one, other = draw.sample(range(len(facts.groups)), 2)
    facts.groups[other].append(facts.groups[one].pop())


def _lose(facts: Facts, draw: random.Random) -> None:
    facts.groups[draw.randrange(len(facts.groups))].pop()


def _statistics(mean: str, std: str) -> Change:
    def apply(facts: Facts, draw: random.Random) -> None:
        facts.mean, facts.std = mean, std

    return apply


FAULTS: dict[str, Fault] = {
    "batch-size": Fault("batch-size", None, _batch),
    "sgd": Fault("optimizer", None, _set("optimizer", "SGD")),
    "mse": Fault("loss", None, _flag("mse")),
    "few-epochs": Fault("epochs", None, _set("epochs", 3, 5)),
    "kernel": Fault("network", None, _networks(_kernel)),
    "kernel-of-second": Fault("network", "experiment-2", _networks(_kernel, first=False)),
    "padding": Fault("network", None, _networks(_padding)),
    "filters": Fault("network", None, _networks(_filters)),
    "pool-stride": Fault("network", None, _networks(_stride)),
    "pool-missing": Fault("network", None, _networks(_no_pool)),
    "average-for-max": Fault("network", None, _networks(_average)),
    "activation-missing": Fault("network", None, _networks(_activation)),
    "hidden-layer": Fault("network", None, _networks(_hidden)),
    "hidden-layer-of-second": Fault("network", "experiment-2", _networks(_hidden, first=False)),
    "ten-outputs": Fault("network", "experiment-2", _set("classes", 10)),
    "digits-exchanged": Fault("classes", "experiment-2", _exchange),
    "digit-misplaced": Fault("classes", "experiment-2", _misplace),
    "softmax-before-loss": Fault("softmax-before-loss", None, _flag("softmax-before-loss")),
    "no-eval": Fault("evaluation-mode", None, _flag("no-eval")),
    "train-once": Fault("training-mode", None, _flag("train-once")),
    "no-zero-grad": Fault("gradients-reset", None, _flag("no-zero-grad")),
    "scheduler-unstepped": Fault("unused-schedule", None, _flag("scheduler-unstepped")),
    "dropout-unused": Fault("unused-layer", None, _flag("dropout-unused")),
    "stop-on-test": Fault("test-set-chooses", "bonus", _flag("stop-on-test")),
    "test-augmented": Fault("test-set-augmented", "bonus", _flag("test-augmented")),
    "horizontal-flip": Fault("mirrored-digits", "bonus", _flag("horizontal-flip")),
    "literal-curves": Fault("invented-curves", None, _flag("literal-curves")),
    "wrong-model-counted": Fault("wrong-model-counted", "experiment-2", _flag("wrong-model-counted")),
    "confusion-on-train": Fault("wrong-set-measured", None, _flag("confusion-on-train")),
    "accuracy-on-train": Fault("wrong-set-measured", None, _flag("accuracy-on-train")),
    "divided-by-train": Fault("wrong-divisor", None, _flag("divided-by-train")),
    "loss-by-images": Fault("wrong-divisor", None, _flag("loss-by-images")),
    "cpu-in-forward": Fault("device-in-forward", None, _flag("cpu-in-forward")),
    "imagenet-statistics": Fault("foreign-statistics", None, _statistics("0.485", "0.229")),
    "train-on-test": Fault("data-split", None, _flag("train-on-test")),
    "digit-missing": Fault("classes", "experiment-2", _lose),
    "max-for-average": Fault("network", None, _networks(_maximum)),
    "batchnorm-unused": Fault("unused-layer", None, _flag("batchnorm-unused")),
    "best-on-test": Fault("test-set-chooses", None, _flag("best-on-test")),
    "vertical-flip": Fault("mirrored-digits", "bonus", _flag("vertical-flip")),
    "accuracy-by-batches": Fault("wrong-divisor", None, _flag("accuracy-by-batches")),
    "cifar-statistics": Fault("foreign-statistics", None, _statistics("0.4914", "0.2023")),
    "test-statistics": Fault("foreign-statistics", None, _flag("test-statistics")),
}
"""The faults, by name."""
