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
    f1s: list[str]
    supports: list[int]
    macro_f1: str
    errors: int
    """Test images that are classified wrongly."""
    confused: tuple[int, int, int]
    """The largest cell off the diagonal: true class, predicted class (indices from 0), images."""
    hardest: int
    """Index of the class with the lowest recall."""


@dataclass
class Bonus:
    """What a report says of the improved network."""

    correct: int
    accuracy: str
    gain: str
    """Percentage points over experiment 1."""
    total: int
    """Trainable parameters: those of experiment 1 and two a channel for batch normalization."""
    epochs: int
    best_epoch: int
    dropout: str
    degrees: int
    patience: int
    learning_rate: str


@dataclass
class Facts:
    """What a report says."""

    student: str
    date: str
    roll: str
    number: int
    """The last three digits of the roll number."""
    remainders: dict[int, int]
    batch: int
    epochs: int
    optimizer: str
    learning_rate: str
    loss: str
    seconds: int
    """Seconds that an epoch takes."""
    train_images: int
    test_images: int
    groups: list[list[int]]
    experiments: list[Experiment]
    bonus: Bonus


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
    predicted = [max(1, sum(row[index] for row in matrix)) for index in range(classes)]
    hits = [matrix[index][index] for index in range(classes)]
    known = TEST_COUNTS[classes]
    f1s = [2 * hits[index] / (predicted[index] + known[index]) for index in range(classes)]
    pairs = [(matrix[true][guess], true, guess) for true in range(classes) for guess in range(classes) if true != guess]
    count, true, guess = max(pairs)
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
        [f"{hit / guesses:.4f}" for hit, guesses in zip(hits, predicted, strict=True)],
        [f"{hit / size:.4f}" for hit, size in zip(hits, known, strict=True)],
        [f"{f1:.4f}" for f1 in f1s],
        list(known),
        f"{sum(f1s) / classes:.4f}",
        10_000 - correct,
        (true, guess, count),
        min(range(classes), key=lambda index: hits[index] / known[index]),
    )


def make_bonus(generator: random.Random, baseline: Experiment) -> Bonus:
    """An improved network, some tenths of a percent better than experiment 1."""
    correct = min(9_960, baseline.correct + generator.randint(11, 70))
    epochs = generator.randint(11, 25)
    return Bonus(
        correct,
        f"{correct / 100:.2f}",
        f"{(correct - baseline.correct) / 100:.2f}",
        baseline.total + 2 * (16 + 8 + 4),
        epochs,
        generator.randint(epochs - 4, epochs),
        generator.choice(["0.1", "0.2", "0.25", "0.3", "0.5"]),
        generator.choice([5, 10, 15]),
        generator.choice([3, 5]),
        generator.choice(["0.002", "0.003", "0.0005"]),
    )


def make_facts(seed: int) -> Facts:
    """The facts of one correct report."""
    generator = random.Random(seed)
    number = generator.randint(1, 199)
    batch = 32 if number % 2 == 0 else 16 if number % 3 == 0 else 20
    experiments = [make_experiment(generator, 10, 10), make_experiment(generator, 4, 10)]
    return Facts(
        generator.choice(["Asha Rao", "Vikram Singh", "Meera Iyer", "Rahul Verma", "Ananya Das", "Imran Khan"]),
        f"{generator.randint(10, 28)} January 2024",
        f"M{generator.randint(20, 25)}{generator.choice(['CS', 'CSE', 'CSA', 'EEV'])}{number:03}",
        number,
        {2: number % 2, 3: number % 3},
        batch,
        10,
        "Adam",
        "0.001",
        "cross-entropy",
        generator.randint(9, 58),
        60_000,
        10_000,
        [list(group) for group in GROUPS],
        experiments,
        make_bonus(generator, experiments[0]),
    )
