"""What each kind of figure shows, for results of all sorts."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from reportgen.rendering.captions import describe
from reportgen.rendering.figures import accuracies, confused, confusion, curves, style
from reportgen.rendering.figures.sheet import Shape, Text
from reportgen.rendering.observations import Reference, frequent_confusions, observe, references
from reportgen.results.schema import ClassScore, EpochRecord, ExperimentResult, Results, Sample
from reportgen.training.experiment import Computed
from tests.drawn import alone, groups, texts


def scored(computed: Computed, matrix: list[list[int]], names: list[str]) -> tuple[Results, ExperimentResult]:
    """The first experiment with another confusion matrix, and one image of each error."""
    counts = np.array(matrix)
    total, correct = int(counts.sum()), int(np.trace(counts))
    classes = tuple(
        ClassScore(name=name, precision=0.9, recall=0.9, f1=0.9, support=sum(row))
        for name, row in zip(names, matrix, strict=True)
    )
    score = computed.results.experiments[0].score.model_copy(
        update={
            "confusion": tuple(map(tuple, matrix)),
            "classes": classes,
            "total": total,
            "correct": correct,
            "accuracy": correct / total,
        }
    )
    cells = [(row, at) for row, line in enumerate(matrix) for at, images in enumerate(line) if row != at and images]
    samples = tuple(
        Sample(index=index, true=true, predicted=predicted, probability=0.99 - index / 1000)
        for index, (true, predicted) in zip(sorted(computed.results.images), cells, strict=False)
    )
    return alone(computed, score=score, samples=samples, mistaken=())


def told(history: list[tuple[float, float, float, float]]) -> tuple[EpochRecord, ...]:
    """A history of (training loss, test loss, training accuracy, test accuracy)."""
    return tuple(
        EpochRecord(
            epoch=epoch,
            learning_rate=0.001,
            train_loss=values[0],
            test_loss=values[1],
            train_accuracy=values[2],
            test_accuracy=values[3],
            validation_loss=None,
            validation_accuracy=None,
            seconds=None,
        )
        for epoch, values in enumerate(history, 1)
    )


def test_a_cell_has_its_count_and_its_share(computed: Computed) -> None:
    results, result = scored(computed, [[1900, 100, 0], [1, 1999, 0], [0, 40, 1960]], ["a", "b", "c"])
    cells = groups(confusion.draw(results, result), "cell")
    assert list(cells) == [f"{row},{column}" for row in range(3) for column in range(3)]
    assert texts(cells["0,0"]) == ["1,900", "95.0 %"]
    assert texts(cells["0,1"]) == ["100", "5.0 %"]
    assert texts(cells["1,0"]) == ["1", "0.1 %"]
    assert texts(cells["0,2"]) == ["·"]


def test_errors_stand_out_and_the_diagonal_does_not(computed: Computed) -> None:
    results, result = scored(
        computed, [[96, 1, 1, 1], [2, 90, 3, 5], [0, 1, 97, 2], [30, 2, 1, 70]], ["a", "b", "c", "d"]
    )
    cells = groups(confusion.draw(results, result), "cell")
    fills = {key: next(part.fill for part in cell.parts if isinstance(part, Shape)) for key, cell in cells.items()}
    assert fills["3,0"] == style.TINTS[-1]
    assert fills["0,1"] == style.TINTS[0]
    assert {fills["0,0"], fills["1,1"], fills["2,0"]} == {style.PAPER}
    outlined = {
        key for key, cell in cells.items() if any(isinstance(p, Shape) and p.edge == style.INK for p in cell.parts)
    }
    assert outlined == {"3,0", "1,3", "1,2"}
    heavy = {key for key, cell in cells.items() if any(isinstance(p, Text) and p.bold for p in cell.parts)}
    assert heavy == outlined


def test_experiments_are_shaded_on_one_scale(computed: Computed) -> None:
    _, bad = scored(computed, [[50, 50], [0, 100]], ["a", "b"])
    _, good = scored(computed, [[99, 1], [0, 100]], ["a", "b"])
    both = computed.results.model_copy(update={"experiments": (bad, good)})
    fill = groups(confusion.draw(both, good), "cell")["0,1"].parts[0]
    assert isinstance(fill, Shape)
    assert fill.fill == style.TINTS[0]


@pytest.mark.parametrize(
    "names",
    [
        list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ["T-shirt/top", "Ankle boot", *"abcdefgh"],
        ["a class name longer than a page is wide, and " * 4 + "{" + ", ".join("0123456789" * 9) + "}", "b"],
    ],
)
def test_many_classes_and_long_names_stay_on_the_paper(computed: Computed, names: list[str]) -> None:
    number = len(names)
    matrix = [[900 if row == at else (row * at) % 4 for at in range(number)] for row in range(number)]
    results, result = scored(computed, matrix, names)
    sheet = confusion.draw(results, result)
    cells = groups(sheet, "cell")
    assert len(cells) == number**2
    for key, cell in cells.items():
        row, column = map(int, key.split(","))
        assert texts(cell)[0] == (str(matrix[row][column]) if matrix[row][column] else "·")
    for part in sheet.root.parts:
        if isinstance(part, Text):
            width = style.width(part.text, part.size)
            left = part.x - width * {"left": 0, "center": 0.5, "right": 1}[part.anchor]
            assert part.y - width >= 0 if part.turned else left >= 0
    for cell in cells.values():
        frame = cell.parts[0]
        assert isinstance(frame, Shape)
        assert 0 < frame.points[0][0] < frame.points[1][0] < sheet.width


def test_few_confusions_stand_out_rather_than_many_equals(computed: Computed) -> None:
    def found(matrix: list[list[int]]) -> list[int]:
        return [images for _, _, images in frequent_confusions(scored(computed, matrix, list("abcd"))[1])]

    assert found([[9, 5, 1, 1], [4, 9, 1, 1], [1, 3, 9, 1], [1, 1, 1, 9]]) == [5, 4, 3]
    assert found([[9, 5, 3, 0], [4, 9, 3, 1], [1, 0, 9, 1], [0, 0, 0, 9]]) == [5, 4, 3, 3]
    assert found([[9, 5, 1, 1], [1, 9, 1, 1], [1, 1, 9, 1], [1, 1, 1, 9]]) == [5]
    assert found([[9, 1, 1, 1], [1, 9, 1, 1], [1, 1, 9, 1], [1, 1, 1, 9]]) == []
    assert found([[9, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]]) == []


def test_one_frequent_confusion_is_spoken_of_as_one(computed: Computed) -> None:
    results, result = scored(computed, [[9, 5, 1, 1], [1, 9, 1, 1], [1, 1, 9, 1], [1, 1, 1, 9]], list("abcd"))
    assert (
        "The most frequent confusion, outlined, is a taken for b (5)."
        in describe(results)[f"{result.id}-confusion"].caption
    )
    assert "The most frequent confusion is a taken for b (5)." in observe(results, result.id)


def test_the_figure_of_confusions_shows_the_most_frequent_and_the_most_confident(computed: Computed) -> None:
    for result in computed.results.experiments:
        sheet = confused.draw(computed.results, result)
        shown = [int(index) for index in groups(sheet, "index")]
        pairs, others = confused.pairs(result), confused.others(result)
        assert shown == [e.index for *_, some in pairs for e in some] + [e.index for e in others]
        assert [images for _, _, images, _ in pairs] == sorted((i for _, _, i, _ in pairs), reverse=True)
        for true, predicted, images, some in pairs:
            assert result.score.confusion[true][predicted] == images > 1
            assert all((entry.true, entry.predicted) == (true, predicted) for entry in some)
        confidence = [entry.probability for entry in others]
        assert confidence == sorted(confidence, reverse=True)
        assert Counter(shown).most_common(1)[0][1] == 1


def test_errors_that_never_happen_twice_are_shown_by_their_confidence(computed: Computed) -> None:
    results, result = scored(computed, [[9, 1], [1, 9]], ["cat", "dog"])
    assert confused.pairs(result) == []
    assert "All errors" in list(confused.draw(results, result).texts())
    assert "these are all 2 errors" in describe(results)[f"{result.id}-confused"].caption


def test_good_accuracies_are_spaced_by_their_errors(computed: Computed) -> None:
    results, result = alone(computed, history=told([(0.1, 0.09, 0.95, 0.98), (0.05, 0.06, 0.98, 0.99)]), chosen_epoch=2)
    sheet = curves.draw(results, result)
    accuracy = groups(sheet, "panel")["accuracy"]
    assert {"95 %", "98 %", "99 %"} <= set(texts(accuracy))
    height = {part.text: part.y for part in accuracy.parts if isinstance(part, Text) and part.text.endswith(" %")}
    assert height["99 %"] < height["98 %"] < height["95 %"]
    assert (height["95 %"] - height["98 %"]) / (height["98 %"] - height["99 %"]) == pytest.approx(
        math.log(5 / 2) / math.log(2)
    )


def test_poor_accuracies_are_spaced_evenly_with_chance_beside_them(computed: Computed) -> None:
    results, result = alone(computed, history=told([(2.3, 2.3, 0.1, 0.11), (2.3, 2.3, 0.1, 0.1)]), chosen_epoch=2)
    said = list(curves.draw(results, result).texts())
    commonest = max(entry.support for entry in result.score.classes) / result.score.total
    assert f"chance {commonest * 100:.2f} %" in said
    assert sum(text.startswith("chance") for text in said) == 2
    assert "Chance is what answering always" in describe(results)[f"{result.id}-curves"].caption


def test_a_loss_on_softmaxs_floor_is_explained_and_a_healthy_one_is_not(computed: Computed) -> None:
    floor = math.log(1 + 9 / math.e)
    results, result = alone(
        computed, history=told([(1.6, 1.6, 0.85, 0.88), (floor + 0.02, 1.5, 0.97, 0.96)]), chosen_epoch=2
    )
    assert references(result) == [Reference("softmax twice", None, floor)]
    assert f"softmax twice {floor:.4f}" in list(curves.draw(results, result).texts())
    assert f"just above {floor:.4f}" in describe(results)[f"{result.id}-curves"].caption
    _, healthy = alone(computed, history=told([(0.2, 0.1, 0.95, 0.97)]), chosen_epoch=1)
    assert references(healthy) == []


def test_all_experiments_have_the_same_axes(computed: Computed) -> None:
    def axes(result: ExperimentResult) -> list[str]:
        panel = groups(curves.draw(computed.results, result), "panel")["loss"]
        named = {"training", "validation", "test"} | {f"epoch {result.chosen_epoch} kept"}
        ends = {f"{getattr(result.history[-1], f'{name}_loss') or 0:.4f}" for name in ("train", "validation", "test")}
        return [text for text in texts(panel) if text not in named | ends and "chance" not in text]

    assert len({tuple(axes(result)) for result in computed.results.experiments}) == 1


@pytest.mark.parametrize("epochs", [1, 2, 12, 60, 1000])
def test_epochs_are_labelled_where_there_is_room(epochs: int) -> None:
    ticks = curves.epoch_ticks(epochs)
    assert 1 <= len(ticks) <= 12
    assert ticks[-1] <= epochs


def test_the_epoch_whose_weights_were_kept_is_marked_and_said(computed: Computed) -> None:
    results, result = alone(computed, history=told([(0.2, 0.2, 0.9, 0.9)] * 3), chosen_epoch=2)
    assert list(curves.draw(results, result).texts()).count("epoch 2 kept") == 2
    assert "The mark is epoch 2, whose weights were kept." in describe(results)[f"{result.id}-curves"].caption


def test_the_names_of_lines_do_not_overlap(computed: Computed) -> None:
    for result in computed.results.experiments:
        for panel in groups(curves.draw(computed.results, result), "panel").values():
            at = sorted(
                p.y for p in panel.parts if isinstance(p, Text) and p.text in {"training", "validation", "test"}
            )
            assert all(lower - upper >= 16 for upper, lower in itertools.pairwise(at))


def test_only_experiments_on_the_same_task_are_compared(computed: Computed) -> None:
    bonus = computed.results.experiment("bonus")
    assert [result.id for result in accuracies.same_task(computed.results, bonus)] == ["experiment-1", "bonus"]
    sheet = accuracies.draw(computed.results, bonus)
    assert {"Experiment 1", "Bonus", f"{bonus.score.accuracy * 100:.2f} %"} <= set(sheet.texts())
    caption = describe(computed.results)["bonus-accuracies"].caption
    one, other = (computed.results.experiment(key).score.interval for key in ("experiment-1", "bonus"))
    apart = one[1] < other[0] or other[1] < one[0]
    assert ("do not overlap" in caption) == apart
