"""Correct facts of made-up reports for the two-experiment assignment. Knows nothing of the checker."""

import random
from dataclasses import dataclass

TEST_COUNTS = {10: (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009), 4: (1938, 2163, 3908, 1991)}
GROUPS = ((0, 6), (1, 7), (2, 3, 8, 5), (4, 9))


@dataclass
class Layer:
    """A line of working: factors, bias and the result that is printed."""

    name: str
    inputs: int
    kernel: int
    outputs: int
    factors: list[int]
    bias: int | None
    result: int


@dataclass
class Epoch:
    """A row of the table of epochs; accuracies in hundredths of a percent (of 10,000 images)."""

    train_loss: float
    train_accuracy: float
    test_loss: float
    test_correct: int


@dataclass
class Experiment:
    """What a report says of one experiment."""

    classes: int
    layers: list[Layer]
    total_terms: list[int]
    total: int
    non_trainable: int
    matrix: list[list[int]]
    correct: int
    accuracy: str
    fraction: str
    history: list[Epoch]
    best_epoch: int
    best_accuracy: str
    precisions: list[str]
    recalls: list[str]
    supports: list[int]


@dataclass
class Facts:
    """What a report says."""

    roll: str
    number: int
    remainders: dict[int, int]
    batch: int
    epochs: int
    optimizer: str
    loss: str
    train_images: int
    test_images: int
    groups: list[list[int]]
    experiments: list[Experiment]


def make_layers(classes: int) -> list[Layer]:
    """The handout's layers with parameters."""
    shapes = ((1, 7, 16), (16, 5, 8), (8, 3, 4))
    layers = [
        Layer(f"Convolution Layer {n}", i, k, o, [i, k, k, o], o, i * k * k * o + o)
        for n, (i, k, o) in enumerate(shapes, 1)
    ]
    layers.append(Layer("Fully Connected Layer", 676, 0, classes, [676, classes], classes, 676 * classes + classes))
    return layers


def make_matrix(generator: random.Random, counts: tuple[int, ...], share: float) -> list[list[int]]:
    """A confusion matrix with these row sums and about this accuracy."""
    matrix = []
    for row, count in enumerate(counts):
        cells = [0] * len(counts)
        errors = sum(generator.random() > share for _ in range(count))
        for _ in range(errors):
            cells[generator.choice([column for column in range(len(counts)) if column != row])] += 1
        cells[row] = count - errors
        matrix.append(cells)
    return matrix


def make_experiment(generator: random.Random, classes: int, epochs: int) -> Experiment:
    """One experiment with numbers that fit together."""
    matrix = make_matrix(generator, TEST_COUNTS[classes], generator.uniform(0.955, 0.991))
    correct = sum(matrix[index][index] for index in range(classes))
    history = []
    for epoch in range(epochs):
        part = 0.35 ** (epoch + 1)
        history.append(
            Epoch(
                round(0.06 + part + generator.uniform(0, 0.01), 4),
                round(100 * (0.985 - 0.4 * part - generator.uniform(0, 0.003)), 2),
                round(0.07 + 0.8 * part + generator.uniform(0, 0.01), 4),
                round(correct - 3500 * part - generator.randint(1, 90)),
            )
        )
    history[-1].test_correct = correct
    best = max(range(epochs), key=lambda index: history[index].test_correct)
    layers = make_layers(classes)
    terms = [layer.result for layer in layers]
    return Experiment(
        classes,
        layers,
        terms,
        sum(terms),
        0,
        matrix,
        correct,
        f"{correct / 100:.2f}",
        f"{correct / 10_000:.4f}",
        history,
        best + 1,
        f"{history[best].test_correct / 100:.2f}",
        [f"{matrix[index][index] / max(1, sum(row[index] for row in matrix)):.4f}" for index in range(classes)],
        [f"{matrix[index][index] / TEST_COUNTS[classes][index]:.4f}" for index in range(classes)],
        list(TEST_COUNTS[classes]),
    )


def make_facts(seed: int) -> Facts:
    """The facts of one correct report."""
    generator = random.Random(seed)
    number = generator.randint(1, 199)
    batch = 32 if number % 2 == 0 else 16 if number % 3 == 0 else 20
    return Facts(
        f"M{generator.randint(20, 25)}{generator.choice(['CS', 'CSE', 'CSA', 'EEV'])}{number:03}",
        number,
        {2: number % 2, 3: number % 3},
        batch,
        10,
        "Adam",
        "cross-entropy",
        60_000,
        10_000,
        [list(group) for group in GROUPS],
        [make_experiment(generator, 10, 10), make_experiment(generator, 4, 10)],
    )
