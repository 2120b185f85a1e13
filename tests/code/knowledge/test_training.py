from typing import TypeVar

import pytest

from reportgen.code.trace import (
    Backward,
    Chosen,
    Confused,
    Divided,
    Event,
    GradientsReset,
    LossComputed,
    Plotted,
    Scheduled,
    Stepped,
)
from reportgen.code.values import Optimizer, Unknown
from tests.coded import run, trace

E_ = TypeVar("E_", bound=Event)
HEAD = """
import torch
from torch import nn, optim
import torch.nn.functional as F
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader
from torchvision import datasets
import matplotlib.pyplot as plt
from sklearn import metrics
train = DataLoader(datasets.MNIST("d"), 20)
test = DataLoader(datasets.MNIST("d", train=False), 20)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
optimizer = optim.Adam(net.parameters(), 0.01)
"""


def events(kind: type[E_], text: str) -> list[E_]:
    return [event for event in trace(HEAD + text).events if isinstance(event, kind)]


@pytest.mark.parametrize(
    ("text", "name", "last"),
    [
        ("nn.CrossEntropyLoss()(net(a), b)", "CrossEntropyLoss", "Linear"),
        ("nn.CrossEntropyLoss(label_smoothing=0.1)(input=net(a), target=b)", "CrossEntropyLoss", "Linear"),
        ("F.cross_entropy(net(a), b)", "CrossEntropyLoss", "Linear"),
        ("nn.CrossEntropyLoss()(F.softmax(net(a), dim=1), b)", "CrossEntropyLoss", "Softmax"),
        ("nn.NLLLoss()(net(a).log_softmax(1), b)", "NLLLoss", "LogSoftmax"),
        ("F.nll_loss(F.log_softmax(net(a), 1), b)", "NLLLoss", "LogSoftmax"),
        ("nn.MSELoss()(net(a), F.one_hot(b, 10).float())", "MSELoss", "Linear"),
        ("nn.CrossEntropyLoss().to('cuda')(net(a), b)", "CrossEntropyLoss", "Linear"),
    ],
)
def test_losses(text: str, name: str, last: str) -> None:
    found = events(LossComputed, f"for a, b in train: loss = {text}")
    assert {(event.criterion.name, event.last_steps[-1].type, event.gradients) for event in found} == {
        (name, last, True)
    }
    assert {event.origins for event in found} == {frozenset({"train"})}


def test_a_loss_without_gradients() -> None:
    found = events(LossComputed, "with torch.no_grad():\n    for a, b in test: F.cross_entropy(net(a), b)")
    assert {(event.gradients, event.origins) for event in found} == {(False, frozenset({"test"}))}


def test_the_logarithm_of_a_softmax_is_no_softmax() -> None:
    found = events(LossComputed, "for a, b in train: F.nll_loss(net(a).softmax(1).log(), b)")
    assert {event.last_steps[-1].type for event in found if event.last_steps} <= {"LogSoftmax"}


@pytest.mark.parametrize(
    "text",
    [
        "F.cross_entropy(net(a), b).backward()",
        "loss = F.cross_entropy(net(a), b)\n    loss.backward()",
        "loss = F.cross_entropy(net(a), b)\n    (loss / 4).backward()",
        (
            "loss = F.cross_entropy(net(a), b)\n    loss = loss + 1e-4 * sum(p.pow(2).sum() "
            "for p in net.parameters())\n    loss.backward()"
        ),
        "torch.cuda.amp.GradScaler().scale(F.cross_entropy(net(a), b)).backward()",
        "loss = F.cross_entropy(net(a), b, reduction='none').mean()\n    loss.backward()",
    ],
)
def test_backward_passes(text: str) -> None:
    found = events(Backward, f"for a, b in train:\n    {text}")
    assert found
    assert all(event.model is not None and event.origins == {"train"} and event.target is not None for event in found)


@pytest.mark.parametrize(
    ("text", "name", "rate"),
    [
        ("optim.SGD(net.parameters(), lr=0.1, momentum=0.9)", "SGD", 0.1),
        ("torch.optim.AdamW(params=net.parameters())", "AdamW", None),
        ("optim.Adam(list(net.parameters()), 1e-3)", "Adam", 0.001),
        ("optim.Adam([{'params': net[1].parameters(), 'lr': 0.1}], 1e-3)", "Adam", 0.001),
        ("optim.Adam(filter(lambda p: p.requires_grad, net.parameters()))", "Adam", None),
        ("getattr(optim, 'RMSprop')(net.parameters())", "RMSprop", None),
        ("{'adam': optim.Adam}['adam'](net.parameters())", "Adam", None),
    ],
)
def test_optimizers(text: str, name: str, rate: float | None) -> None:
    found = run(f"{HEAD}x = {text}")["x"]
    assert isinstance(found, Optimizer)
    assert found.name == name
    assert len(found.models) == 1
    assert getattr(found.settings.get("lr"), "value", None) == rate


@pytest.mark.parametrize(
    "text", ["optimizer.step()", "optimizer.step(closure=None)", "torch.amp.GradScaler().step(optimizer)"]
)
def test_steps(text: str) -> None:
    assert [event.optimizer.name for event in events(Stepped, text)] == ["Adam"]


def test_resets() -> None:
    assert [
        len(event.models) for event in events(GradientsReset, "optimizer.zero_grad(set_to_none=True)\nnet.zero_grad()")
    ] == [1, 1]


@pytest.mark.parametrize(
    ("text", "stepped", "origins"),
    [
        ("s = lr_scheduler.StepLR(optimizer, 5)", [False], set()),
        ("s = lr_scheduler.StepLR(optimizer, 5)\ns.step()", [False, True], set()),
        (
            (
                "s = lr_scheduler.ReduceLROnPlateau(optimizer)\n"
                "for a, b in test: loss = F.cross_entropy(net(a), b)\n"
                "s.step(loss)"
            ),
            [False, True],
            {"test"},
        ),
        (
            (
                "s = lr_scheduler.ReduceLROnPlateau(optimizer)\n"
                "for a, b in train: loss = F.cross_entropy(net(a), b)\n"
                "s.step(metrics=loss.item())"
            ),
            [False, True],
            {"train"},
        ),
        (
            "s = lr_scheduler.StepLR(optimizer, 5)\nfor a, b in test: loss = F.cross_entropy(net(a), b)\ns.step(loss)",
            [False, True],
            set(),
        ),
    ],
)
def test_schedules(text: str, stepped: list[bool], origins: set[str]) -> None:
    found = events(Scheduled, text)
    assert [event.stepped for event in found] == stepped
    assert found[-1].origins == origins


@pytest.mark.parametrize(
    ("keep", "restore"),
    [
        ("torch.save(net.state_dict(), 'best.pt')", "net.load_state_dict(torch.load('best.pt'))"),
        ("torch.save(net, 'best.pt')", "net.load_state_dict(torch.load('best.pt'))"),
        (
            "torch.save({'net': net.state_dict(), 'epoch': 1}, 'best.pt')",
            "net.load_state_dict(torch.load('best.pt')['net'])",
        ),
        ("best = copy.deepcopy(net.state_dict())", "net.load_state_dict(best)"),
        ("best = {k: v.clone() for k, v in net.state_dict().items()}", "net.load_state_dict(best)"),
    ],
)
@pytest.mark.parametrize("measured", ["test", "train"])
def test_weights_that_are_kept_by_a_measured_number(keep: str, restore: str, measured: str) -> None:
    text = (
        f"import copy\nbest = None\nfor a, b in {measured}:\n"
        f"    if F.cross_entropy(net(a), b) < 1:\n        {keep}\n"
        f"{restore}"
    )
    assert [(event.what, event.origins) for event in events(Chosen, text)] == [("restore", frozenset({measured}))]


def test_weights_that_are_always_kept_are_no_choice() -> None:
    assert events(Chosen, "torch.save(net.state_dict(), 'a')\nnet.load_state_dict(torch.load('a'))") == []
    assert events(Chosen, "net.load_state_dict(torch.load('b'))") == []


@pytest.mark.parametrize(
    ("body", "division", "top", "bottom"),
    [
        ("s += F.cross_entropy(net(a), b).item()", "s / len(test)", "summed-means", "batches"),
        ("s += F.cross_entropy(net(a), b).item()", "s / len(test.dataset)", "summed-means", "images"),
        ("s += F.cross_entropy(net(a), b).item() * a.size(0)", "s / len(test.dataset)", "summed-loss", "images"),
        ("s += F.cross_entropy(net(a), b).item() * len(b)", "s / 10000", "summed-loss", "images"),
        ("s += F.cross_entropy(net(a), b, reduction='sum').item()", "s / len(test.dataset)", "summed-loss", "images"),
        ("s += (net(a).argmax(1) == b).sum().item()", "100 * s / len(test.dataset)", "hits", "images"),
        ("s += net(a).max(1)[1].eq(b).sum()", "s / len(test)", "hits", "batches"),
        ("s += (net(a).argmax(1) == b).sum()", "s.item() / len(test)", "hits", "batches"),
        ("s += torch.sum(torch.max(net(a), 1)[1] == b).item()", "s / len(test.dataset)", "hits", "images"),
        ("s += (net(a).argmax(1) == b).float().mean().item()", "s / len(test)", "summed-shares", "batches"),
    ],
)
def test_what_is_divided_by_what(body: str, division: str, top: str, bottom: str) -> None:
    found = events(Divided, f"s = 0\nfor a, b in test:\n    {body}\nx = {division}")
    assert {
        (event.numerator.what, event.numerator.of, event.denominator.what, event.denominator.of) for event in found
    } == {(top, "test", bottom, "test")}


def test_a_share_of_a_batch() -> None:
    found = events(Divided, "for a, b in test:\n    x = (net(a).argmax(1) == b).sum().item() / len(b)")
    assert {(event.numerator.what, event.denominator.what) for event in found} == {("hits", "images")}


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("metrics.confusion_matrix(t, p)", {"test"}),
        ("metrics.classification_report(y_true=t, y_pred=p)", {"test"}),
        ("metrics.ConfusionMatrixDisplay.from_predictions(t, p)", {"test"}),
        ("metrics.confusion_matrix(torch.cat(t), torch.cat(p))", {"test"}),
    ],
)
def test_confusion_matrices(text: str, origins: set[str]) -> None:
    body = f"t, p = [], []\nfor a, b in test:\n    p.append(net(a).argmax(1).cpu())\n    t.append(b)\n{text}"
    (found,) = events(Confused, body)
    assert found.origins == origins


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plt.plot([0.9, 0.95, 0.97])", True),
        ("plt.plot(range(3), [0.9, 0.95, 0.97], 'r-', label='test')", True),
        ("fig, ax = plt.subplots()\nax.plot([0.9, 0.95, 0.97])", True),
        ("xs = [0.9, 0.95]\nxs.append(0.97)\nplt.plot(xs)", False),
        ("plt.plot([1, 2, 3])", False),
        ("plt.plot([0, 1], [0.0, 1.0])", False),
        ("xs = []\nfor a, b in test: xs.append(F.cross_entropy(net(a), b).item())\nplt.plot(xs)", False),
        ("plt.plot([x / 10 for x in range(5)])", False),
    ],
)
def test_curves(text: str, literal: bool) -> None:
    assert [event.literal for event in events(Plotted, text)] == [literal]


def test_what_is_plotted_of_an_unknown_is_no_curve() -> None:
    assert events(Plotted, "plt.plot(open('x'))\nplt.plot()\nplt.plot('x')") == []


@pytest.mark.parametrize(
    "text",
    [
        *(
            "nn.CrossEntropyLoss()()",
            "F.cross_entropy()",
            "optim.Adam()",
            "optimizer.step(1, 2)",
            "optimizer.param_groups[0]['lr']",
        ),
        *("lr_scheduler.StepLR()", "torch.save()", "torch.load()", "net.load_state_dict()", "net.load_state_dict(5)"),
        *("torch.amp.GradScaler().step()", "metrics.confusion_matrix()", "optim.Adam(5)", "optimizer.zero_grad(1)"),
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"{HEAD}x = {text}").stopped == ""


def test_the_rate_of_an_optimizer_can_be_read() -> None:
    assert not isinstance(run(f"{HEAD}x = optimizer.param_groups[0]['lr']")["x"], Unknown)
