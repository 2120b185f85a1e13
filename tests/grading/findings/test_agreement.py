"""Code and report of one submission held against each other."""

from dataclasses import dataclass

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reportgen.documents.reading import parse_document
from reportgen.grading.dossiers import Finding, FindingKind
from reportgen.grading.findings.agreement import check_agreement, coded_total
from reportgen.grading.findings.code import read_code
from reportgen.verification.judge import judge
from tests.coded import ASSIGNMENT, ROLL, SECOND, SUBMISSION, changed, source

BOTH = SUBMISSION + SECOND
NETWORK = SUBMISSION[SUBMISSION.index("class Net") : SUBMISSION.index("criterion =")]
REPORT = """# Deep Learning, Assignment 1

## Experiment 1: 10-Class Classification

- Batch size: 20
- Optimizer: Adam
- Number of epochs: 10

Total trainable parameters: 800 + 3,208 + 292 + 6,770 = 11,070

## Experiment 2: 4-Class Classification

- Batch size: 20
- Optimizer: Adam
- Number of epochs: 10

Total trainable parameters: 800 + 3,208 + 292 + 2,708 = 7,008
"""
BONUS = "\n## Bonus\n\nDropout and batch normalization were applied, with early stopping.\n"


def agreement(report: str = REPORT, code: str = BOTH) -> list[Finding]:
    document = parse_document(report.encode(), "report.md", "markdown")
    ledger = judge(document, ASSIGNMENT, ROLL, report.encode())
    read = read_code(source(code), ASSIGNMENT, ROLL)
    return list(check_agreement(read.trained, read.program, read.findings, ledger, document.text, ASSIGNMENT))


def faults(report: str = REPORT, code: str = BOTH) -> list[tuple[str | None, str | None, str | None]]:
    """Experiment, what the code has and what the report has, of each disagreement."""
    return [
        (one.experiment, one.expected, one.found) for one in agreement(report, code) if one.kind is FindingKind.FAULT
    ]


def coded(network: str) -> int | None:
    """What is counted in a submission that trains the network ``first``, made by this code."""
    (one,) = read_code(source(SUBMISSION.replace(NETWORK, network)), ASSIGNMENT, ROLL).trained
    return coded_total(one)


@dataclass(frozen=True)
class Size:
    """What the next layer is given: channels of so many pixels a side, or a row of features."""

    channels: int
    side: int

    @property
    def features(self) -> int:
        return self.channels * self.side**2


@st.composite
def networks(draw: st.DrawFn) -> list[str]:
    """Layers from 1×28×28 to ten outputs, as code."""
    size, layers = Size(1, 28), []
    for _ in range(draw(st.integers(0, 3))):
        layer, size = draw(convolutions(size))
        layers.append(layer)
        if draw(st.booleans()):
            layers.append(draw(st.sampled_from([f"nn.BatchNorm2d({size.channels})", "nn.LazyBatchNorm2d()"])))
        layers.append(draw(st.sampled_from(["nn.ReLU()", "nn.Tanh()", "nn.Dropout(0.2)", "nn.Identity()"])))
        if size.side > 3 and draw(st.booleans()):
            layers.append(draw(st.sampled_from(["nn.MaxPool2d(2)", "nn.AvgPool2d(kernel_size=2)"])))
            size = Size(size.channels, size.side // 2)
    layers.append("nn.Flatten()")
    features = size.features
    for _ in range(draw(st.integers(0, 2))):
        more = draw(st.integers(1, 40))
        bias = draw(st.sampled_from(["", ", bias=False"]))
        layers += [f"nn.Linear({features}, {more}{bias})", "nn.ReLU()"]
        if draw(st.booleans()):
            layers.append(f"nn.BatchNorm1d({more})")
        features = more
    return [*layers, draw(st.sampled_from([f"nn.Linear({features}, 10)", "nn.LazyLinear(10)"]))]


@st.composite
def convolutions(draw: st.DrawFn, size: Size) -> tuple[str, Size]:
    """A convolution as code, and what it gives."""
    groups = draw(st.sampled_from([count for count in (1, 2, 3) if size.channels % count == 0]))
    out = groups * draw(st.integers(1, 5))
    high, wide = draw(st.sampled_from([(kernel, kernel) for kernel in (1, 2, 3, 5) if kernel <= size.side] + [(1, 1)]))
    padding = draw(st.integers(0, 2))
    kernel = draw(st.sampled_from([f"{high}", f"({high}, {wide})", f"kernel_size={high}"]))
    more = f", padding={padding}" + draw(st.sampled_from(["", ", bias=False"]))
    if groups > 1:
        more += f", groups={groups}"
    return f"nn.Conv2d({size.channels}, {out}, {kernel}{more})", Size(out, size.side + 2 * padding - high + 1)


@settings(max_examples=40, deadline=None)
@given(networks())
@pytest.mark.slow
def test_the_count_is_that_of_torch(layers: list[str]) -> None:
    code = f"nn.Sequential({', '.join(layers)})"
    network = eval(code, {"nn": nn})
    network(torch.zeros(2, 1, 28, 28))
    assert coded(f"first = {code}\n") == sum(weights.numel() for weights in network.parameters())


@pytest.mark.parametrize(
    "layers",
    [
        "nn.Conv2d(1, 4, 3), nn.ConvTranspose2d(4, int(input()), 3), nn.Flatten(), nn.Linear(2 * 28 * 28, 10)",
        "nn.Flatten(), nn.Linear(784, int(input())), nn.Linear(int(input()), 10)",
    ],
)
def test_a_count_that_is_not_known_is_none(layers: str) -> None:
    assert coded(f"first = nn.Sequential({layers})\n") is None


@pytest.mark.parametrize(
    "layers",
    [
        "nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4, affine=False), nn.Flatten(), nn.Linear(2704, 10)",
        "nn.Conv2d(1, 4, 3), nn.PReLU(), nn.Flatten(), nn.Linear(2704, 10)",
        "nn.Conv2d(1, 4, 3), nn.GroupNorm(2, 4), nn.Flatten(), nn.Linear(2704, 10)",
        "nn.Conv2d(1, 4, 3), nn.LayerNorm([4, 26, 26]), nn.Flatten(), nn.Linear(2704, 10)",
        "nn.Conv2d(1, 4, 3), nn.InstanceNorm2d(4, affine=True), nn.Flatten(), nn.Linear(2704, 10)",
    ],
)
def test_a_count_of_rarer_layers_is_right_or_none(layers: str) -> None:
    network = eval(f"nn.Sequential({layers})", {"nn": nn})
    assert coded(f"first = nn.Sequential({layers})\n") in {None, sum(one.numel() for one in network.parameters())}


SHARED = [
    ("self.conv2 = nn.Conv2d(16, 8, 5, padding=2)", "self.conv2 = nn.Conv2d(16, 16, 5, padding=2)"),
    ("self.conv3 = nn.Conv2d(8, 4", "self.conv3 = nn.Conv2d(16, 4"),
    ("        x = F.relu(F.avg_pool2d", "        x = self.conv2(x)\n        x = F.relu(F.avg_pool2d"),
]
UNUSED = [("        self.fc =", "        self.extra = nn.Linear(5, 7)\n        self.fc =")]
FROZEN = [("criterion =", "for weights in first.conv1.parameters():\n    weights.requires_grad = False\ncriterion =")]
OWN = [
    ("        self.fc =", "        self.scale = nn.Parameter(torch.ones(1))\n        self.fc ="),
    ("return self.fc(x)", "return self.fc(x) * self.scale"),
]


@pytest.mark.parametrize(
    ("changes", "total"),
    [
        (SHARED, 800 + 16 * 16 * 25 + 16 + 16 * 9 * 4 + 4 + 6770),
        (UNUSED, 11_070 + 42),
        (FROZEN, 11_070 - 800),
        (OWN, 11_070 + 1),
    ],
    ids=["a layer applied twice", "a layer never applied", "weights that are not trained", "a weight of its own"],
)
def test_weights_that_no_step_shows(changes: list[tuple[str, str]], total: int) -> None:
    (one,) = read_code(source(changed(*changes)), ASSIGNMENT, ROLL).trained
    assert coded_total(one) in {None, total}


def test_what_agrees_is_met_once_for_each_experiment() -> None:
    assert [(one.check, one.kind, one.experiment, one.found) for one in agreement()] == [
        ("agreement", FindingKind.MET, "experiment-1", "11,070"),
        ("agreement", FindingKind.MET, "experiment-2", "7,008"),
    ]


@pytest.mark.parametrize(
    ("report", "fault"),
    [
        (("6,770 = 11,070", "6,780 = 11,080"), ("experiment-1", "11,070", "11,080")),
        (("= 7,008", "= 7,009"), ("experiment-2", "7,008", "7,009")),
    ],
)
def test_another_total_is_one_fault(report: tuple[str, str], fault: tuple[str, str, str]) -> None:
    assert faults(REPORT.replace(*report)) == [fault]


@pytest.mark.parametrize(
    ("report", "code", "said"),
    [
        (("Batch size: 20", "Batch size: 32"), ("", ""), ("20", "32")),
        (("", ""), ("BATCH = 20", "BATCH = 64"), ("64", "20")),
        (("epochs: 10", "epochs: 12"), ("", ""), ("10", "12")),
        (("", ""), ("range(10)", "range(15)"), ("15", "10")),
        (("Optimizer: Adam", "Optimizer: SGD"), ("", ""), ("Adam", "SGD")),
        (("", ""), ("optim.Adam(", "optim.SGD("), ("SGD", "Adam")),
    ],
)
def test_another_setting_is_one_fault_an_experiment(
    report: tuple[str, str], code: tuple[str, str], said: tuple[str, str]
) -> None:
    assert faults(REPORT.replace(*report), BOTH.replace(*code)) == [("experiment-1", *said), ("experiment-2", *said)]


@pytest.mark.parametrize(
    ("report", "code"),
    [
        (("Batch size: 20", "Batch size: 32"), ("BATCH = 20", "BATCH = 32")),
        (("epochs: 10", "epochs: 12"), ("range(10)", "range(12)")),
        (("Optimizer: Adam", "Optimizer: SGD"), ("optim.Adam(", "optim.SGD(")),
        (("- Batch size: 20\n", ""), ("", "")),
        (("Total trainable", "Total"), ("range(10)", "range(int(input()))")),
        (("", ""), ("BATCH = 20", "BATCH = int(input())")),
    ],
)
def test_settings_that_are_the_same_or_not_known_are_no_fault(report: tuple[str, str], code: tuple[str, str]) -> None:
    assert faults(REPORT.replace(*report), BOTH.replace(*code)) == []


def test_a_network_of_its_own_that_is_counted_right_agrees() -> None:
    report = REPORT.replace("3,208", "4,812").replace("292", "436").replace("6,770", "6,770")
    report = report.replace("11,070", "12,818").replace("7,008", "8,756")
    code = BOTH.replace("nn.Conv2d(16, 8, 5", "nn.Conv2d(16, 12, 5").replace("nn.Conv2d(8, 4", "nn.Conv2d(12, 4")
    assert faults(report, code) == []


def test_techniques_that_the_code_has_nothing_of_are_one_fault() -> None:
    (fault,) = (one for one in agreement(REPORT + BONUS) if one.kind is FindingKind.FAULT)
    assert (fault.check, fault.experiment) == ("agreement", "bonus")
    assert "Dropout, Batch Normalization, Early Stopping;" in fault.reason


def test_techniques_that_the_code_has_are_no_fault() -> None:
    more = "class Better(Net):\n    def __init__(self):\n        super().__init__(10)\n"
    more += "        self.drop, self.norm = nn.Dropout(0.2), nn.BatchNorm2d(4)\n"
    more += "patience = 3\n"
    assert faults(REPORT + BONUS, BOTH + more) == []


def test_without_a_network_there_is_nothing_to_hold_against() -> None:
    assert agreement(code="print('no network')\n") == []


def test_a_finding_says_where_and_how() -> None:
    (fault,) = (one for one in agreement(REPORT.replace("= 7,008", "= 7,009")) if one.kind is FindingKind.FAULT)
    assert (fault.file, fault.place.line) == ("report.md", REPORT[: REPORT.index("= 7,008")].count("\n") + 1)
    assert "7,009" in fault.text
    assert fault.reason == "the network Net in the code has 7,008 trainable parameters"
