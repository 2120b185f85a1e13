import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.code.values import Step
from reportgen.grading.dossiers import FindingKind
from reportgen.grading.findings.coded_network import compare
from reportgen.grading.findings.network_parts import Part, asked_parts, coded_parts
from tests.coded import ASSIGNMENT, SECOND, SUBMISSION, applied, changed, faults, findings, kinds

CONV1, CONV2, CONV3 = (
    "nn.Conv2d(1, 16, 7, padding=3)",
    "nn.Conv2d(16, 8, 5, padding=2)",
    "nn.Conv2d(8, 4, 3, padding=1)",
)
POOL1, POOL2 = (
    "x = F.relu(F.max_pool2d(self.conv1(x), 2, stride=1))",
    "x = F.relu(F.max_pool2d(self.conv2(x), 2, stride=1))",
)
POOL3, VIEW, OUT = "x = F.relu(F.avg_pool2d(self.conv3(x), 2))", "x = x.view(x.size(0), -1)", "return self.fc(x)"
LAYERS = ASSIGNMENT.networks["cnn"].layers


@pytest.mark.parametrize(
    "changes",
    [
        [],
        [(CONV1, "nn.Conv2d(1, 16, (7, 7), stride=1, padding=(3, 3))")],
        [(CONV1, "nn.Conv2d(in_channels=1, out_channels=16, kernel_size=7, padding='same')")],
        [(CONV1, "nn.LazyConv2d(16, 7, padding=3)"), ("nn.Linear(676, classes)", "nn.LazyLinear(classes)")],
        [(CONV1, "nn.Conv2d(1, 16, 7, 1, 3, bias=True)")],
        [(CONV1, "nn.Sequential(nn.ZeroPad2d(3), nn.Conv2d(1, 16, 7))")],
        [(CONV1, "nn.Conv2d(1, 16, 7)"), (POOL1, "x = F.relu(F.max_pool2d(self.conv1(F.pad(x, (3, 3, 3, 3))), 2, 1))")],
        [(POOL1, "x = F.max_pool2d(F.relu(self.conv1(x)), 2, 1)")],
        [(POOL1, "x = nn.ReLU()(nn.MaxPool2d(2, stride=1)(self.conv1(x)))")],
        [(POOL1, "x = torch.relu(F.max_pool2d(self.conv1(x), kernel_size=(2, 2), stride=(1, 1), padding=0))")],
        [(POOL3, "x = F.avg_pool2d(self.conv3(x), 2, 2).relu()")],
        [(VIEW, "x = torch.flatten(x, start_dim=1)")],
        [(VIEW, "x = x.reshape(-1, 4 * 13 * 13)")],
        [(VIEW, "x = nn.Flatten()(x)")],
        [(OUT, "return F.log_softmax(self.fc(x), dim=1)")],
        [(OUT, "return self.fc(x) if self.training else F.softmax(self.fc(x), dim=1)")],
        [
            ("nn.Linear(676, classes)", "nn.Linear(self.size(), classes)"),
            (
                "    def forward",
                (
                    "    def size(self):\n        with torch.no_grad():\n"
                    "            return self.features(torch.zeros(1, 1, 28, 28)).view(1, -1).size(1)\n"
                    "\n    def features(self, x):\n"
                    "        x = F.max_pool2d(self.conv2(F.max_pool2d(self.conv1(x), 2, 1)), 2, 1)\n"
                    "        return F.avg_pool2d(self.conv3(x), 2)\n\n    def forward"
                ),
            ),
        ],
    ],
)
def test_the_asked_network_however_it_is_written(changes: list[tuple[str, str]]) -> None:
    text = changed(*changes)
    assert faults(text) - {"softmax-before-loss", "loss"} == set()
    assert kinds(text, "network") == ["met"]


@pytest.mark.parametrize(
    ("changes", "reason", "expected", "found"),
    [
        ([(CONV1, "nn.Conv2d(1, 16, 5, padding=2)")], "another kernel of Conv2d than asked", "7", "5"),
        ([(CONV1, "nn.Conv2d(1, 16, (7, 5), padding=(3, 2))")], "another kernel of Conv2d than asked", "7", "7×5"),
        (
            [(CONV1, "nn.Conv2d(1, 16, 7, padding=2)"), ("nn.Linear(676,", "nn.Linear(576,")],
            "another zero padding of Conv2d than asked",
            "3",
            "2",
        ),
        (
            [(CONV1, "nn.Conv2d(1, 32, 7, padding=3)"), (CONV2, "nn.Conv2d(32, 8, 5, padding=2)")],
            "another filters of Conv2d than asked",
            "16",
            "32",
        ),
        (
            [(POOL1, "x = F.relu(F.max_pool2d(self.conv1(x), 2))"), ("nn.Linear(676,", "nn.Linear(144,")],
            "another stride of MaxPool2d than asked",
            "1",
            "2",
        ),
        (
            [(POOL1, "x = F.relu(F.max_pool2d(self.conv1(x), 3, stride=1))"), ("nn.Linear(676,", "nn.Linear(576,")],
            "another kernel of MaxPool2d than asked",
            "2",
            "3",
        ),
        (
            [(POOL1, "x = F.relu(self.conv1(x))"), ("nn.Linear(676,", "nn.Linear(676,")],
            "a layer is missing",
            "MaxPool2d(kernel 2, stride 1, zero padding 0)",
            "nothing there",
        ),
        ([(POOL1, "x = F.max_pool2d(self.conv1(x), 2, stride=1)")], "a layer is missing", "ReLU", "nothing there"),
        (
            [(POOL1, "x = F.relu(F.avg_pool2d(self.conv1(x), 2, stride=1))")],
            "another layer than asked",
            "MaxPool2d(kernel 2, stride 1, zero padding 0)",
            "AvgPool2d(kernel 2, stride 1, zero padding 0)",
        ),
        (
            [(POOL1, "x = torch.tanh(F.max_pool2d(self.conv1(x), 2, stride=1))")],
            "another layer than asked",
            "ReLU",
            "Tanh",
        ),
        (
            [("nn.Linear(676, classes)", "nn.Sequential(nn.Linear(676, 64), nn.ReLU(), nn.Linear(64, classes))")],
            "another outputs of Linear than asked",
            "10",
            "64",
        ),
    ],
)
def test_another_network_than_asked(changes: list[tuple[str, str]], reason: str, expected: str, found: str) -> None:
    faulty = [one for one in findings(changed(*changes)) if one.kind is FindingKind.FAULT and one.check == "network"]
    assert (reason, expected, found) in [(one.reason, one.expected, one.found) for one in faulty]
    assert len(faulty) <= 2
    assert faulty[0].experiment == "experiment-1"
    assert faulty[0].place.line is not None


def test_other_outputs_than_classes() -> None:
    assert kinds(SUBMISSION + SECOND.replace("Net(4)", "Net(10)"), "network", "experiment-2") == ["fault"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            [("nn.Linear(676, classes)", "nn.Linear(784, classes)")],
            "Linear is made for 784 inputs and gets 676: the program would stop here",
        ),
        (
            [(CONV2, "nn.Conv2d(8, 8, 5, padding=2)")],
            "Conv2d is made for 8 inputs and gets 16: the program would stop here",
        ),
    ],
)
def test_layers_that_do_not_fit(changes: list[tuple[str, str]], reason: str) -> None:
    assert reason in {finding.reason for finding in findings(changed(*changes)) if finding.kind is FindingKind.FAULT}


def test_dropout_in_a_plain_network_is_a_note() -> None:
    text = changed((VIEW, f"{VIEW}\n        x = F.dropout(x, 0.2, training=self.training)"))
    assert kinds(text, "network") == ["note", "met"]


@pytest.mark.parametrize(
    "changes",
    [
        [(POOL1, "x = torch.nn.functional.hardtanh(F.max_pool2d(self.conv1(x), 2, stride=1))")],
        [(CONV1, "nn.Conv2d(1, 16, int(input()), padding='same')")],
        [(POOL1, "x = F.relu(F.max_pool2d(self.conv1(x), int(input()), stride=1))")],
        [(VIEW, "x = torch.cat([x, x], 1).flatten(1)")],
        [("nn.Linear(676, classes)", "nn.Linear(676, int(input()))")],
        [(VIEW, "x = strange(x)")],
    ],
)
def test_what_cannot_be_followed_is_undecided(changes: list[tuple[str, str]]) -> None:
    text = changed(*changes)
    assert "network" not in faults(text)
    assert "undecided" in kinds(text, "network")


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([(CONV1, "nn.Conv2d(1, int(input()), 7, padding=3)")], id="filters"),
        pytest.param([(CONV1, "nn.Conv2d(1, 16, 7, **input())")], id="settings"),
        pytest.param(
            [
                (CONV2, "nn.Conv2d(16, 4, 5, padding=2)"),
                (POOL2, "return self.fc(F.adaptive_avg_pool2d(self.conv2(x), 1).squeeze(-1).squeeze(-1))"),
                ("nn.Linear(676,", "nn.Linear(4,"),
            ],
            id="squeeze",
        ),
    ],
)
def test_what_cannot_be_known_is_no_fault(changes: list[tuple[str, str]]) -> None:
    found = [one for one in findings(changed(*changes)) if one.kind is FindingKind.FAULT]
    assert not [one for one in found if "would stop here" in one.reason or one.expected == "3"]


def test_the_parts_that_are_asked_for() -> None:
    parts = asked_parts(LAYERS, 4)
    assert [part.type for part in parts] == [
        *("Conv2d", "MaxPool2d", "ReLU", "Conv2d", "MaxPool2d", "ReLU", "Conv2d", "AvgPool2d", "ReLU", "Linear")
    ]
    assert str(parts[0]) == "Conv2d(filters 16, kernel 7, stride 1, zero padding 3)"
    assert str(parts[-1]) == "Linear(outputs 4)"
    assert list(compare(parts, parts)) == []


@given(st.data())
def test_each_change_of_a_part_is_one_difference(data: st.DataObject) -> None:
    asked = asked_parts(LAYERS, 10)
    at = data.draw(st.sampled_from([place for place, part in enumerate(asked) if part.settings]))
    name, old = data.draw(st.sampled_from(asked[at].settings))
    new = data.draw(st.sampled_from([None, 99, (9, 8)]))
    part = Part(asked[at].type, tuple((key, new if key == name else value) for key, value in asked[at].settings), 7)
    ((line, _, _, _, sure),) = compare(asked, [*asked[:at], part, *asked[at + 1 :]])
    assert (line, sure) == (7, new is not None)
    assert old != new


def test_padding_of_its_own_is_that_of_the_convolution() -> None:
    pad, conv = (
        Step("ZeroPad2d", (("padding", (2, 2, 3, 3)),), 1),
        Step("Conv2d", (("kernel_size", 3), ("out_channels", 4), ("stride", 1)), 2),
    )
    assert dict(coded_parts([pad, conv])[0].settings)["padding"] == (3, 2)
    assert dict(coded_parts([Step("ZeroPad2d", (("padding", (1, 2, 3, 4)),), 1), conv])[0].settings)["padding"] == (
        0,
        0,
    )


def test_pooling_that_keeps_the_size_has_no_padding_that_is_known() -> None:
    step = Step("MaxPool2d", (("kernel_size", 2), ("stride", 1), ("padding", "same")), 1)
    assert dict(coded_parts([step])[0].settings)["padding"] is None


def test_relu_after_pooling_whatever_the_order() -> None:
    one = applied("import torch.nn as nn\nnet = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))").steps
    other = applied("import torch.nn as nn\nnet = nn.Sequential(nn.MaxPool2d(2), nn.ReLU())").steps
    assert [part.type for part in coded_parts(one)] == [part.type for part in coded_parts(other)]
