"""Faults as students make them, put into correct facts. Knows nothing of the checker."""

import random
from collections.abc import Callable

from report_facts import Facts

Mutation = Callable[[Facts, random.Random], None]


def _pick(generator: random.Random) -> int:
    return generator.randrange(2)


def change_digit(number: int, generator: random.Random) -> int:
    """Change one digit to another."""
    digits = list(str(number))
    place = generator.randrange(len(digits))
    choices = [digit for digit in "0123456789" if digit != digits[place] and not (place == 0 and digit == "0")]
    digits[place] = generator.choice(choices)
    return int("".join(digits))


def layer_digit(facts: Facts, generator: random.Random) -> None:
    layer = generator.choice(facts.experiments[_pick(generator)].layers)
    layer.result = change_digit(layer.result, generator)


def dropped_bias(facts: Facts, generator: random.Random) -> None:
    layer = generator.choice(facts.experiments[_pick(generator)].layers)
    layer.result -= layer.bias or 0
    layer.bias = None


def forgotten_channels(facts: Facts, generator: random.Random) -> None:
    layer = generator.choice(facts.experiments[_pick(generator)].layers[1:3])
    layer.factors = layer.factors[1:]
    layer.result = layer.kernel * layer.kernel * layer.outputs + layer.outputs


def missing_term(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.total_terms.pop(generator.randrange(4))
    experiment.total = sum(experiment.total_terms)


def doubled_total(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.total *= 2


def total_digit(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.total = change_digit(experiment.total, generator)


def other_total(facts: Facts, generator: random.Random) -> None:
    own = _pick(generator)
    facts.experiments[own].total = facts.experiments[1 - own].total
    facts.experiments[own].total_terms = list(facts.experiments[1 - own].total_terms)


def other_output_layer(facts: Facts, generator: random.Random) -> None:
    own = _pick(generator)
    layer, other = facts.experiments[own].layers[3], facts.experiments[1 - own].layers[3]
    layer.factors, layer.bias, layer.result = list(other.factors), other.bias, other.result


def swapped_rows(facts: Facts, generator: random.Random) -> None:
    matrix = facts.experiments[_pick(generator)].matrix
    first, second = generator.sample(range(len(matrix)), 2)
    matrix[first], matrix[second] = matrix[second], matrix[first]


def matrix_cell(facts: Facts, generator: random.Random) -> None:
    matrix = facts.experiments[_pick(generator)].matrix
    row, column = generator.randrange(len(matrix)), generator.randrange(len(matrix))
    matrix[row][column] = change_digit(matrix[row][column], generator)


def accuracy_hundredth(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.accuracy = f"{float(experiment.accuracy) + generator.choice([-0.01, 0.01]):.2f}"


def accuracy_digits(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    whole, decimals = experiment.accuracy.split(".")
    swapped = decimals[::-1] if decimals[0] != decimals[1] else f"{(int(decimals) + 37) % 100:02}"
    experiment.accuracy = f"{whole}.{swapped}"


def other_accuracy(facts: Facts, generator: random.Random) -> None:
    own = _pick(generator)
    facts.experiments[own].accuracy = facts.experiments[1 - own].accuracy


def correct_images(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.correct += generator.choice([-10, -1, 1, 10])


def wrong_batch(facts: Facts, generator: random.Random) -> None:
    facts.batch = generator.choice([size for size in (16, 20, 32, 64) if size != facts.batch])


def wrong_remainder(facts: Facts, generator: random.Random) -> None:
    divisor = generator.choice([2, 3])
    facts.remainders[divisor] = (facts.remainders[divisor] + 1) % divisor


def wrong_group(facts: Facts, generator: random.Random) -> None:
    first, second = generator.sample(range(4), 2)
    one, other = facts.groups[first], facts.groups[second]
    one[0], other[0] = other[0], one[0]


def not_zero(facts: Facts, generator: random.Random) -> None:
    facts.experiments[_pick(generator)].non_trainable = generator.choice([1, 10, 28, 56])


def data_size(facts: Facts, generator: random.Random) -> None:
    if generator.random() < 0.5:
        facts.train_images = generator.choice([50_000, 66_000, 6_000, 61_000])
    else:
        facts.test_images = generator.choice([1_000, 11_000, 12_000])


def kernel_in_sum(facts: Facts, generator: random.Random) -> None:
    layer = generator.choice(facts.experiments[_pick(generator)].layers[:3])
    layer.factors[1] += generator.choice([-1, 1, 2])


def best_accuracy(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.best_accuracy = f"{float(experiment.best_accuracy) + generator.choice([-0.3, -0.02, 0.02, 0.3]):.2f}"


def recall_digit(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    index = generator.randrange(experiment.classes)
    experiment.recalls[index] = f"{float(experiment.recalls[index]) - generator.choice([0.0002, 0.01, 0.1]):.4f}"


def support_digit(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    index = generator.randrange(experiment.classes)
    experiment.supports[index] = change_digit(experiment.supports[index], generator)


def other_matrix(facts: Facts, generator: random.Random) -> None:
    own = _pick(generator)
    facts.experiments[own].matrix = facts.experiments[1 - own].matrix


def wrong_optimizer(facts: Facts, generator: random.Random) -> None:
    facts.optimizer = generator.choice(["SGD", "RMSprop"])


def fewer_epochs(facts: Facts, generator: random.Random) -> None:
    facts.epochs = generator.randint(3, 9)


def sum_slip(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.total += generator.choice([-1000, -100, -10, 10, 100, 1000])


def dropped_digit(facts: Facts, generator: random.Random) -> None:
    layer = generator.choice(facts.experiments[_pick(generator)].layers)
    digits = str(layer.result)
    place = generator.randrange(1, len(digits))
    layer.result = int(digits[:place] + digits[place + 1 :])


def fraction_digits(facts: Facts, generator: random.Random) -> None:
    experiment = facts.experiments[_pick(generator)]
    experiment.fraction = f"{float(experiment.fraction) - generator.choice([0.0001, 0.001, 0.01]):.4f}"


def features_miscounted(facts: Facts, generator: random.Random) -> None:
    layer = facts.experiments[_pick(generator)].layers[3]
    layer.factors[0] = generator.choice([169, 13, 26, 675])
    layer.result = layer.factors[0] * layer.outputs + layer.outputs


MUTATIONS: dict[str, Mutation] = {
    "a digit of a layer's count": layer_digit,
    "dropped bias": dropped_bias,
    "forgotten input channels": forgotten_channels,
    "a total that misses a layer": missing_term,
    "a doubled total": doubled_total,
    "a digit of a total": total_digit,
    "the other experiment's total": other_total,
    "the other experiment's output layer": other_output_layer,
    "swapped matrix rows": swapped_rows,
    "a digit of a matrix cell": matrix_cell,
    "accuracy off by 0.01": accuracy_hundredth,
    "accuracy with swapped digits": accuracy_digits,
    "the other experiment's accuracy": other_accuracy,
    "wrong number of correct images": correct_images,
    "wrong batch size": wrong_batch,
    "wrong remainder": wrong_remainder,
    "wrong group": wrong_group,
    "non-trainable not zero": not_zero,
    "wrong size of the data": data_size,
    "the other experiment's matrix": other_matrix,
    "wrong optimizer": wrong_optimizer,
    "fewer epochs": fewer_epochs,
    "a sum off by a power of ten": sum_slip,
    "a digit left out": dropped_digit,
    "a fraction that is not the accuracy": fraction_digits,
    "miscounted input features": features_miscounted,
    "best accuracy not the table's": best_accuracy,
    "a recall that is not the matrix's": recall_digit,
    "a digit of a class's size": support_digit,
    "a kernel in the sum": kernel_in_sum,
}
"""The faults, by name."""


def other_accuracies(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        experiment.accuracy = "11.11"


def other_fractions(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        experiment.fraction = "0.1111"


def other_corrects(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        experiment.correct, experiment.errors = 1111, 8889


def other_cells(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        experiment.matrix = [[1111] * experiment.classes for _ in range(experiment.classes)]


def other_histories(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        for epoch in experiment.history:
            epoch.test_correct = 1111


def other_scores(facts: Facts, generator: random.Random) -> None:
    for experiment in facts.experiments:
        experiment.precisions = ["0.1111"] * experiment.classes
        experiment.f1s = ["0.1111"] * experiment.classes


WITNESSES: dict[str, Mutation] = {
    "accuracy": other_accuracies,
    "fraction": other_fractions,
    "correct": other_corrects,
    "matrix": other_cells,
    "history": other_histories,
    "scores": other_scores,
}
"""Changes that show whether a report prints what a fault can be held against."""

DECIDED_BY: dict[str, tuple[str, ...]] = {
    "accuracy off by 0.01": ("matrix", "correct", "fraction", "history"),
    "accuracy with swapped digits": ("matrix", "correct", "fraction", "history"),
    "the other experiment's accuracy": ("matrix", "correct", "fraction", "history"),
    "wrong number of correct images": ("matrix", "accuracy", "fraction"),
    "a fraction that is not the accuracy": ("matrix", "accuracy", "correct"),
    "best accuracy not the table's": ("history",),
    "a recall that is not the matrix's": ("matrix",),
}
"""What decides a fault; a fault that is not named here is refuted by the assignment or by arithmetic."""
