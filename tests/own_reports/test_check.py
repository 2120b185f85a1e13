"""Our own reports: nothing they carry is trusted, and one altered digit anywhere is found and named."""

import base64
import hashlib
import random
import re
from collections.abc import Iterator
from functools import cache

import pytest

from reportgen import __version__
from reportgen.assignment.bundled import load_spec
from reportgen.assignment.counting import NetworkCount
from reportgen.assignment.plan import Options, Plan, resolve
from reportgen.documents.reading import parse_document
from reportgen.files import bundled_templates
from reportgen.own_reports import rederive as again
from reportgen.own_reports import second_scores
from reportgen.own_reports.check import judge_report
from reportgen.own_reports.reprinted import expected_page
from reportgen.rendering.captions import describe
from reportgen.rendering.page import render_html
from reportgen.rendering.report import open_report_templates
from reportgen.results.schema import (
    CheckedLayer,
    CrossCheck,
    DataUsed,
    Environment,
    EpochRecord,
    ExperimentResult,
    Mistaken,
    Results,
    Sample,
    Student,
    dump,
)
from reportgen.results.statistics import wilson
from reportgen.verification.ledger import Claim

ASSIGNMENT = load_spec("csl7590-a1")
GENERATOR = random.Random(5)
BLANK = base64.b64encode(bytes(28 * 28)).decode()
LABELS = tuple(GENERATOR.randrange(10) for _ in range(360))


def checked(name: str, count: NetworkCount) -> CrossCheck:
    def row(title: str, trainable: int, frozen: int, buffers: int, macs: int, shape: tuple[int, ...]) -> CheckedLayer:
        return CheckedLayer(
            name=title,
            trainable=(trainable,) * 3,
            non_trainable=(frozen,) * 3,
            buffers=(buffers,) * 2,
            mult_adds=(macs,) * 2,
            output_shape=(shape,) * 2,
        )

    macs = [
        layer.parameters * (layer.output_shape[1] * layer.output_shape[2] if layer.type == "Conv2d" else 1)
        for layer in count.layers
    ]
    layers = tuple(
        row(layer.name, layer.trainable, layer.non_trainable, layer.buffers, mac, layer.output_shape)
        for layer, mac in zip(count.layers, macs, strict=True)
    )
    total = row(name, count.trainable, count.non_trainable, count.buffers, sum(macs), count.layers[-1].output_shape)
    return CrossCheck(layers=layers, total=total)


def experiment(plan: Plan, index: int, earlier: list[ExperimentResult]) -> ExperimentResult:
    planned = plan.experiments[index]
    truth = [planned.label_to_class[label] for label in LABELS]
    size = len(planned.classes)
    predictions = tuple(label if GENERATOR.random() < 0.95 else GENERATOR.randrange(size) for label in truth)
    score = second_scores.score(truth, predictions, planned.classes)
    validated = planned.training.validation_size > 0
    history = tuple(
        EpochRecord(
            epoch=epoch,
            learning_rate=0.001,
            train_loss=1.2345 / epoch,
            train_accuracy=0.9 + 0.005 * epoch,
            validation_loss=1.1 / epoch if validated else None,
            validation_accuracy=0.9 if validated else None,
            test_loss=1.3 / epoch,
            test_accuracy=score.accuracy if epoch == 10 else (300 + epoch) / 360,
            seconds=1.0,
        )
        for epoch in range(1, 11)
    )
    count = planned.count(plan.input_shape)
    images = 1437 - planned.training.validation_size
    baseline = next((result for result in earlier if result.id == planned.baseline), None)
    wrong = [at for at, (true, said) in enumerate(zip(truth, predictions, strict=True)) if true != said][:6]
    return ExperimentResult(
        id=planned.id,
        seed=int.from_bytes(hashlib.sha256(f"{plan.seed}/{planned.id}".encode()).digest()[:4]) >> 1,
        steps=10 * -(-images // planned.training.batch_size),
        history=history,
        chosen_epoch=10,
        stopped_early=False,
        count=count,
        crosscheck=checked("Total", count),
        train_correct=images - 30,
        train_total=images,
        test_loss=0.13,
        score=score,
        predictions=predictions,
        mistaken=tuple(
            Mistaken(index=at, true=truth[at], predicted=predictions[at], probability=0.9, pixels=BLANK) for at in wrong
        ),
        samples=tuple(Sample(index=at, true=truth[at], predicted=predictions[at], probability=0.9) for at in wrong),
        comparison=second_scores.compare(truth, predictions, baseline) if baseline else None,
        weights=f"{planned.id}.safetensors",
        weights_digest="0" * 64,
    )


def make_results() -> Results:
    plan = resolve(ASSIGNMENT, "M23CSE023", Options(preview=True))
    experiments: list[ExperimentResult] = []
    for index in range(len(plan.experiments)):
        experiments.append(experiment(plan, index, experiments))
    return Results(
        schema_version=1,
        reportgen=__version__,
        assignment=ASSIGNMENT,
        plan=plan,
        plan_digest=plan.digest,
        student=Student(
            roll="M23CSE023",
            name="A. Student",
            date="1 January 2026",
            colab="https://colab.research.google.com/drive/1Ab",
        ),
        data=DataUsed(
            title="embedded digits",
            source="embedded",
            digests={"sklearn-digits": "1" * 64},
            train_counts=(144, 143, 144, 143, 144, 143, 144, 144, 144, 144),
            test_counts=tuple(LABELS.count(label) for label in range(10)),
            mean=0.3,
            std=0.4,
            test_labels=LABELS,
        ),
        environment=Environment(
            python="3.11", versions={"torch": "2.5"}, system="Linux", processor="x86", cores=2, threads=1, device="cpu"
        ),
        experiments=tuple(experiments),
        images={sample.index: BLANK for result in experiments for sample in result.samples},
    )


RESULTS = make_results()


@cache
def printed() -> str:
    """The page of `RESULTS`, without its drawings."""
    return expected_page(RESULTS)


def contradicted(page: str) -> tuple[Claim, ...]:
    content = page.encode()
    return judge_report(parse_document(content, "M23CSE023.html", "html"), ASSIGNMENT, None, content).contradicted


def digits_of(page: str) -> Iterator[int]:
    start = page.index("<body")
    for match in re.finditer(r">([^<]+)<", page[start:]):
        yield from (start + match.start(1) + digit.start() for digit in re.finditer(r"\d(?!\d*;)", match[1]))


def test_results_that_hold_together() -> None:
    derived, found = again.rederive(RESULTS, ASSIGNMENT)
    assert found == []
    assert derived == RESULTS


def test_an_untouched_report_is_proved() -> None:
    content = printed().encode()
    ledger = judge_report(parse_document(content, "M23CSE023.html", "html"), ASSIGNMENT, None, content)
    assert ledger.contradicted == ()
    assert {claim.quantity for claim in ledger.verified} >= {"results", "printed-number"}


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.slow
def test_one_altered_digit_is_found_and_named(seed: int) -> None:
    generator = random.Random(seed)
    at = generator.choice(list(digits_of(printed())))
    digit = generator.choice([other for other in "0123456789" if other != printed()[at]])
    found = contradicted(printed()[:at] + digit + printed()[at + 1 :])
    assert any(claim.quantity in {"printed-number", "results"} for claim in found)


def _elsewhere(**change: int) -> Sample:
    """A sample of the first experiment with something else in it."""
    sample = next(s for s in RESULTS.experiments[0].samples if 9 not in (s.true, s.predicted))
    return sample.model_copy(update=change)


@cache
def illustrated() -> str:
    """The page of `RESULTS` with its drawings."""
    from reportgen.rendering.figures.report_figures import draw

    return render_html(RESULTS, draw(RESULTS, bundled_templates() / "fonts"), open_report_templates(None))


@pytest.mark.slow
def test_a_report_with_its_drawings_is_proved() -> None:
    assert contradicted(illustrated()) == ()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.slow
def test_one_altered_digit_of_a_drawing_is_found(seed: int) -> None:
    generator = random.Random(seed)
    texts = [match.span(1) for match in re.finditer(r"<text [^>]*>([^<]+)</text>", illustrated())]
    at = generator.choice([at for start, end in texts for at in range(start, end) if illustrated()[at].isdigit()])
    digit = generator.choice([other for other in "0123456789" if other != illustrated()[at]])
    found = contradicted(illustrated()[:at] + digit + illustrated()[at + 1 :])
    assert [claim.quantity for claim in found] == ["printed-number"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"predictions": (*RESULTS.experiments[0].predictions[:-1], 10)}, "experiments[0].predictions"),
        ({"steps": 1}, "experiments[0].steps"),
        ({"chosen_epoch": 9}, "experiments[0].chosen_epoch"),
        ({"count": RESULTS.experiments[1].count}, "experiments[0].count"),
        ({"score": RESULTS.experiments[1].score}, "experiments[0].score"),
        ({"crosscheck": RESULTS.experiments[1].crosscheck}, "experiments[0].crosscheck"),
        ({"train_total": 5}, "experiments[0].train_total"),
        ({"samples": (_elsewhere(predicted=9),)}, "experiments[0].samples[0].predicted"),
        ({"samples": (_elsewhere(true=9),)}, "experiments[0].samples[0].true"),
        ({"samples": (_elsewhere(index=360),)}, "experiments[0].samples[0].index"),
    ],
)
def test_a_lie_in_the_results_is_named(change: dict[str, object], path: str) -> None:
    lying = RESULTS.experiments[0].model_copy(update=change)
    results = RESULTS.model_copy(update={"experiments": (lying, *RESULTS.experiments[1:])})
    assert any(entry.path.startswith(path) for entry in again.rederive(results, ASSIGNMENT)[1])


def test_a_changed_plan_is_named() -> None:
    plan = RESULTS.plan.model_copy(update={"seed": 1, "roll": "M23CSE024"})
    found = again.rederive(RESULTS.model_copy(update={"plan": plan}), ASSIGNMENT)[1]
    assert any(entry.path == "plan.batch.size" for entry in found)
    assert any(entry.path == "student.roll" for entry in found)


def test_broken_results_are_contradicted() -> None:
    head, tail = printed().split('id="results">', 1)
    found = contradicted(
        head + 'id="results">{"plan_digest": 5, "schema_version": 1}' + tail[tail.index("</script>") :]
    )
    assert [claim.quantity for claim in found][:1] == ["results"]


def test_a_text_by_other_templates_is_unverifiable_not_wrong() -> None:
    script = printed()[printed().index('<script type="application/json"') : printed().index("</body>")]
    content = f"<html><body><p>{'1 2 3 4 5 ' * 40}</p>{script}</body></html>".encode()
    ledger = judge_report(parse_document(content, "M23CSE023.html", "html"), ASSIGNMENT, None, content)
    assert [claim.quantity for claim in ledger.unverifiable if claim.quantity == "printed-number"] == ["printed-number"]


def test_wilson_and_mcnemar_against_scipy() -> None:
    from scipy.stats import binomtest

    interval = binomtest(349, 360).proportion_ci(0.95, method="wilson")
    assert wilson(349, 360) == pytest.approx((interval.low, interval.high), abs=1e-12)
    truth = [0] * 20
    baseline = RESULTS.experiments[0].model_copy(update={"predictions": tuple([0] * 10 + [1] * 10)})
    compared = second_scores.compare(truth, [0] * 8 + [1] * 3 + [0] * 9, baseline)
    assert (compared.only_this, compared.only_baseline) == (9, 2)
    assert compared.p_value == pytest.approx(float(binomtest(9, 11, 0.5).pvalue), abs=1e-12)


def test_the_digest_is_that_of_results_json() -> None:
    assert hashlib.sha256(dump(RESULTS)).hexdigest() in printed()
    assert describe(RESULTS)["experiment-1-curves"].caption in printed().replace("\u00a0", " ")
