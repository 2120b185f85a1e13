"""What a made-up submission of code does: right facts, drawn from a seed. Knows nothing of any reader of code."""

import random
from dataclasses import dataclass, field
from typing import Self

GROUPS = ((0, 6), (1, 7), (2, 3, 8, 5), (4, 9))
SIZES = (32, 16, 20)
"""Batch sizes for a number divisible by 2, by 3, and by neither."""
IMAGE = 28


class UnshowableError(Exception):
    """A template has no way to show these facts."""


@dataclass
class Net:
    """The layers of one network; `pools` names the kind of each pooling layer, empty where it is missing."""

    filters: list[int] = field(default_factory=lambda: [16, 8, 4])
    kernels: list[int] = field(default_factory=lambda: [7, 5, 3])
    paddings: list[int] = field(default_factory=lambda: [3, 2, 1])
    pools: list[str] = field(default_factory=lambda: ["Max", "Max", "Avg"])
    strides: list[int] = field(default_factory=lambda: [1, 1, 2])
    activations: list[bool] = field(default_factory=lambda: [True, True, True])
    hidden: int = 0

    @property
    def side(self) -> int:
        """Height and width, in pixels, of what enters the linear layer."""
        side = IMAGE
        for kernel, padding, pool, stride in zip(self.kernels, self.paddings, self.pools, self.strides, strict=True):
            side += 2 * padding - kernel + 1
            if pool:
                side = (side - 2) // stride + 1
        return side

    @property
    def flat(self) -> int:
        """Number of values that enter the linear layer."""
        return self.filters[2] * self.side**2

    def same(self, index: int) -> str:
        """Name Keras' padding of a convolution, by index from 0."""
        return "same" if self.paddings[index] else "valid"


@dataclass
class Facts:
    """What one submission does. Changed by `code_faults`; `wrong` names the faults that are no number."""

    seed: int
    """Seed that the submission itself uses."""
    roll: str
    student: str
    number: int
    """The roll's last three digits."""
    sizes: list[int]
    """Batch sizes for divisible by 2, by 3, and the rest."""
    batch: int
    epochs: int
    patience: int
    rate: str
    optimizer: str
    mean: str
    std: str
    groups: list[list[int]]
    classes: int
    """Outputs of the network of experiment 2."""
    first: Net
    second: Net
    dropout: str
    angle: int
    gamma: str
    network: str
    """Name of the class of the network."""
    train_loader: str
    test_loader: str
    criterion: str
    optim: str
    wrong: set[str] = field(default_factory=set)

    @property
    def rule(self) -> int:
        """Index of the rule of batch sizes that fits the roll."""
        return 0 if self.number % 2 == 0 else 1 if self.number % 3 == 0 else 2

    @property
    def table(self) -> list[int]:
        """Class of each digit, from 0; raises UnshowableError if a digit has none."""
        classes = {digit: index for index, group in enumerate(self.groups) for digit in group}
        if len(classes) < 10:
            raise UnshowableError("a table of ten digits can't leave one out")
        return [classes[digit] for digit in range(10)]

    @property
    def mapping(self) -> dict[int, int]:
        """Class of each digit that has one, from 0."""
        return {digit: index for index, group in enumerate(self.groups) for digit in group}

    def net(self, experiment: int) -> Net:
        """Network of experiment 1 or 2, for templates that write one for each."""
        return self.first if experiment == 1 else self.second

    def shared(self) -> Self:
        """Check that both experiments have one network, for templates that write it once."""
        if self.first != self.second:
            raise UnshowableError("this template writes one network for both experiments")
        return self


def make_facts(seed: int) -> Facts:
    """Draw right facts."""
    draw = random.Random(seed)
    number = draw.randrange(1, 200)
    prefix = draw.choice(["M23CSE", "M23CSA", "B20CS", "D23CSA", "M22MA", "P23CS"])
    rule = 0 if number % 2 == 0 else 1 if number % 3 == 0 else 2
    return Facts(
        seed=draw.choice([0, 1, 7, 42, 123, 2024]),
        roll=f"{prefix}{number:03d}",
        student=draw.choice(["Asha Rao", "Vikram Shah", "Meera Nair", "Rohan Gupta", "Sana Khan", "Dev Patel"]),
        number=number,
        sizes=list(SIZES),
        batch=SIZES[rule],
        epochs=draw.choice([10, 10, 10, 12, 15]),
        patience=draw.choice([2, 3, 5]),
        rate=draw.choice(["0.001", "1e-3", "0.0005", "3e-4"]),
        optimizer="Adam",
        mean=(mean := draw.choice(["0.1307", "0.5"])),
        std="0.3081" if mean == "0.1307" else "0.5",
        groups=[list(group) for group in GROUPS],
        classes=4,
        first=Net(),
        second=Net(),
        dropout=draw.choice(["0.2", "0.25", "0.3", "0.5"]),
        angle=draw.choice([5, 8, 10, 15]),
        gamma=draw.choice(["0.5", "0.1", "0.7"]),
        network=draw.choice(["CNN", "Net", "ConvNet", "MNISTNet", "CNNModel"]),
        train_loader=draw.choice(["train_loader", "trainloader", "train_dl"]),
        test_loader=draw.choice(["test_loader", "testloader", "test_dl"]),
        criterion=draw.choice(["criterion", "loss_fn", "loss_function"]),
        optim=draw.choice(["optimizer", "opt"]),
    )
