import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from reportgen.assignment.layers import (
    AnyLayer,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Linear,
    MaxPool2d,
    ReLU,
    Softmax,
)
from reportgen.assignment.plan import Plan, PlannedTraining
from reportgen.assignment.spec import SGD, CosineRate, EarlyStopping, OneCycleRate, RandomAffine, StepRate
from reportgen.rendering import wording


@given(st.floats(0, 1))
def test_a_percentage_is_within_half_a_unit_of_its_last_decimal(share: float) -> None:
    printed = wording.percent(share)
    assert printed.endswith(" %")
    assert abs(float(printed.removesuffix(" %")) - 100 * share) <= 0.005 + 1e-9
    assert wording.in_percent(share) == printed.removesuffix(" %")


@given(st.integers(0, 10**12))
def test_integers_have_commas_every_three_digits(number: int) -> None:
    printed = wording.integer(number)
    assert int(printed.replace(",", "")) == number
    assert all(len(part) == 3 for part in printed.split(",")[1:])


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0313, "p = 0.031"), (0.5, "p = 0.500"), (3.14e-5, "p = 3.1·10⁻⁵"), (0.0, "p < 10⁻³⁰⁰")],
)
def test_p_values(value: float, said: str) -> None:
    assert wording.p_value(value) == said


@pytest.mark.parametrize(("value", "said"), [(0.001, "0.001"), (0.008, "0.008"), (3.2e-8, "3.2·10⁻⁸"), (0.05, "0.05")])
def test_learning_rates(value: float, said: str) -> None:
    assert wording.rate(value) == said


def test_numbers_stay_on_the_line_of_what_belongs_to_them() -> None:
    text = Markup(
        "98.64 % of 2 (4) and Class 1 {0, 6} (1,017), not (x) (y); p = 0.03 and p &lt; 10⁻³⁰⁰, step = 3, stride 2"
    )
    assert wording.unbroken(text).replace("\u00a0", "_") == (
        "98.64_% of 2_(4) and Class 1 {0, 6}_(1,017), not (x) (y); p_=_0.03 and p_&lt;_10⁻³⁰⁰, step = 3, stride_2"
    )


def test_a_column_of_learning_rates_has_four_decimals_of_thousandths() -> None:
    assert [wording.thousandths(value) for value in (0.00275, 3.2e-8, 0.1)] == ["2.7500", "0.0000", "100.0000"]


def test_differences_have_a_sign() -> None:
    assert wording.points(0.0052) == "+0.52"
    assert wording.points(-0.0052) == "−0.52"


def test_lists_read_as_english() -> None:
    assert [wording.listing(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (
            Conv2d(in_channels=1, out_channels=16, kernel_size=(7, 7), padding=(3, 3)),
            "1 → 16 channels, kernel 7×7, stride 1, zero padding 3",
        ),
        (
            Conv2d(
                in_channels=4,
                out_channels=8,
                kernel_size=(3, 5),
                stride=(2, 1),
                padding="same",
                dilation=(2, 2),
                groups=2,
                bias=False,
                frozen=True,
            ),
            "4 → 8 channels, kernel 3×5, stride 2×1, zero padding same, dilation 2, 2 groups, no bias, frozen",
        ),
        (Conv2d(in_channels=1, out_channels=2, kernel_size=(3, 3)), "1 → 2 channels, kernel 3×3, stride 1, no padding"),
        (Linear(in_features=676, out_features=10, bias=False), "676 → 10 features, no bias"),
        (MaxPool2d(kernel_size=(2, 2), stride=(1, 1)), "window 2×2, stride 1"),
        (
            AvgPool2d(kernel_size=(3, 3), padding=(1, 1), ceil_mode=True),
            "window 3×3, stride 3, padding 1, sizes rounded up",
        ),
        (BatchNorm2d(num_features=8), "8 channels, momentum 0.1"),
        (Dropout(p=0.25), "p = 0.25"),
        (ReLU(), ""),
    ],
)
def test_settings_of_layers(layer: AnyLayer, said: str) -> None:
    assert wording.settings(layer) == said


def test_activations() -> None:
    assert wording.activations((ReLU(), ReLU(), Softmax())) == (
        "ReLU (2 times); softmax at the output, where the network predicts"
    )
    assert wording.activations((Linear(out_features=2),)) == "none"


def test_training_in_words() -> None:
    training = PlannedTraining(
        epochs=3,
        batch_size=8,
        optimizer=SGD(name="sgd", learning_rate=0.05, momentum=0.9, nesterov=True, weight_decay=1e-4),
        schedule=StepRate(name="step", epochs=2, factor=0.5),
        augmentation=(RandomAffine(name="affine", degrees=10, translate=0.1, scale=(0.9, 1.1), shear=7),),
        validation_size=1000,
        early_stopping=EarlyStopping(patience=3),
    )
    assert wording.optimizer(training) == "SGD (learning rate 0.05, momentum 0.9, Nesterov, weight decay 0.0001)"
    assert wording.schedule(training) == "multiplied by 0.5 every 2 epochs"
    assert wording.augmentation(training) == (
        "rotation up to ±10°, shift up to ±10 % of the image's size, scaling by 0.9 to 1.1 and shear up to ±7°, "
        "drawn anew for every 50 images of each epoch; no flips"
    )
    assert "1,000 training images set aside; training stops after 3 epochs" in wording.validation(training)
    one_cycle = training.model_copy(update={"schedule": OneCycleRate(name="one-cycle", max_learning_rate=8e-2)})
    assert wording.schedule(one_cycle) == (
        "one cycle: from 0.05 up to 0.08 over 30 % of the steps, then down to almost zero"
    )
    assert "cosine" in wording.schedule(training.model_copy(update={"schedule": CosineRate(name="cosine")}))


def test_every_technique_of_the_bonus_has_its_setting(plan: Plan) -> None:
    bonus = plan.experiments[-1]
    assert wording.technique("dropout", bonus).startswith("Dropout: p = ")
    assert wording.technique("batch-normalization", bonus).count("channels, momentum") == 3
    assert "no flips" in wording.technique("data-augmentation", bonus)
    assert wording.technique("learning-rate-schedule", bonus).startswith("one cycle")
    assert "3,000 training images set aside" in wording.technique("early-stopping", bonus)
