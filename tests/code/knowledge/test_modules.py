from dataclasses import dataclass

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reportgen.code.knowledge.modules import modules_of, set_mode
from reportgen.code.shapes import pair
from reportgen.code.trace import Counted, Forward, GradientsReset
from reportgen.code.values import Instance, Layer, Tensor
from reportgen.grading.findings.coded_network import coded_parts
from tests.coded import applied, layers, run, steps, trace

IMPORTS = "import torch\nfrom torch import nn\nimport torch.nn.functional as F\nfrom collections import OrderedDict\n"
KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"


@dataclass(frozen=True)
class Stage:
    """A convolution, its activation and its pooling."""

    channels: int
    filters: int
    kernel: int
    same: bool
    stride: int
    pool: str
    window: int
    step: int
    relu_first: bool

    @property
    def padding(self) -> int:
        return self.kernel // 2 if self.same else 0

    def modules(self) -> list[str]:
        pool, relu = f"nn.{self.pool}Pool2d({self.window}, stride={self.step})", "nn.ReLU()"
        conv = f"nn.Conv2d({self.channels}, {self.filters}, {self.kernel}, {self.stride}, padding={self.padding})"
        return [conv, *([relu, pool] if self.relu_first else [pool, relu])]

    def keras(self) -> list[str]:
        name = {"Max": "MaxPooling2D", "Avg": "AveragePooling2D"}[self.pool]
        pool = f"layers.{name}(({self.window}, {self.window}), strides={self.step})"
        padding = "same" if self.same else "valid"
        conv = f"layers.Conv2D({self.filters}, {self.kernel}, strides={self.stride}, padding='{padding}'"
        if self.relu_first:
            return [f"{conv}, activation='relu')", pool]
        return [f"{conv})", pool, "layers.Activation('relu')"]

    def functional(self, at: int) -> list[str]:
        pool = f"x = F.{self.pool.lower()}_pool2d(x, {self.window}, stride={self.step})"
        return [f"x = self.conv{at}(x)", *(["x = x.relu()", pool] if self.relu_first else [pool, "x = torch.relu(x)"])]


@st.composite
def networks(draw: st.DrawFn) -> list[Stage]:
    found, channels = [], 1
    for _ in range(draw(st.integers(1, 3))):
        same = draw(st.booleans())
        filters = draw(st.integers(1, 9))
        found.append(
            Stage(
                channels,
                filters,
                draw(st.sampled_from([1, 3, 5])),
                same,
                1 if same else draw(st.integers(1, 2)),
                draw(st.sampled_from(["Max", "Avg"])),
                draw(st.integers(1, 2)),
                draw(st.integers(1, 2)),
                draw(st.booleans()),
            )
        )
        channels = filters
    return found


def parameters(result: Tensor) -> int:
    """The trainable parameters of what was applied, by the documentation of torch."""
    total = 0
    for step in result.steps:
        if step.type == "Conv2d":
            rows, columns = pair(step.setting("kernel_size")) or (0, 0)
            total += (rows * columns * step.setting("given_channels") + 1) * step.setting("out_channels")  # type: ignore[operator]
        elif step.type == "Linear":
            total += (step.setting("given_features") + 1) * step.setting("out_features")  # type: ignore[operator]
    return total


def built(text: str) -> torch.nn.Module:
    scope: dict[str, object] = {}
    exec(text, scope)
    found = scope["net"]
    assert isinstance(found, torch.nn.Module)
    return found


@settings(max_examples=25, deadline=None)
@given(networks(), st.integers(2, 10))
def test_one_network_however_it_is_written(stages: list[Stage], outputs: int) -> None:
    body = [part for stage in stages for part in stage.modules()]
    try:
        features = built(f"{IMPORTS}net = nn.Sequential({', '.join(body)}, nn.Flatten())")(
            torch.zeros(1, 1, 28, 28)
        ).shape[1]
    except RuntimeError:
        assume(False)  # the image is too small for that many layers
    head = [*body, "nn.Flatten()", f"nn.Linear({features}, {outputs})"]
    sequential = f"{IMPORTS}net = nn.Sequential({', '.join(head)})"
    assigned = "\n".join(f"        self.conv{at} = {stage.modules()[0]}" for at, stage in enumerate(stages))
    calls = "\n".join(f"        {line}" for at, stage in enumerate(stages) for line in stage.functional(at))
    module = f"""{IMPORTS}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
{assigned}
        self.fc = nn.Linear(self.measured(), {outputs})
    def features(self, x):
{calls}
        return x
    def measured(self):
        with torch.no_grad():
            return self.features(torch.zeros(1, 1, 28, 28)).numel()
    def forward(self, x):
        x = self.features(x)
        return self.fc(x.view(x.size(0), -1))
net = Net()
"""
    keras_body = [part for stage in stages for part in stage.keras()]
    keras = (
        f"{KERAS}net = keras.Sequential([keras.Input((28, 28, 1)), {', '.join(keras_body)}, "
        f"layers.Flatten(), layers.Dense({outputs})])"
    )
    results = [applied(text) for text in (sequential, module, keras)]
    network = built(sequential)
    shape = (None, *network(torch.zeros(1, 1, 28, 28)).shape[1:])
    assert {result.shape for result in results} == {shape}
    assert {result.lost for result in results} == {""}
    count = sum(weights.numel() for weights in network.parameters())
    assert {parameters(result) for result in results} == {count}
    assert sum(weights.numel() for weights in built(module).parameters()) == count
    parts = [[(part.type, part.settings) for part in coded_parts(result.steps)] for result in results]
    assert parts[0] == parts[1] == parts[2]


@pytest.mark.parametrize(
    "text",
    [
        "net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(2704, 10))",
        (
            "net = nn.Sequential(OrderedDict([('c', nn.Conv2d(1, 4, 3)), ('r', nn.ReLU()), "
            "('f', nn.Flatten()), ('l', nn.Linear(2704, 10))]))"
        ),
        (
            "net = nn.Sequential()\nnet.add_module('c', nn.Conv2d(1, 4, 3))\n"
            "for m in (nn.ReLU(), nn.Flatten(), nn.Linear(2704, 10)): net.append(m)"
        ),
        "net = nn.Sequential(*[nn.Conv2d(1, 4, 3), nn.ReLU()], nn.Sequential(nn.Flatten(), nn.Linear(2704, 10)))",
        "net = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))",
        """
class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.c, self.l = nn.Conv2d(1, 4, (3, 3)), nn.Linear(4 * 26 * 26, 10)
    def forward(self, x):
        return self.l(torch.flatten(F.relu(self.c(x)), 1))
net = Net()
""",
        """
class Block(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.c = nn.Conv2d(i, o, kernel_size=3)
    def forward(self, x):
        return torch.relu(self.c(x))
class Base(nn.Module):
    def forward(self, x):
        for layer in self.body:
            x = layer(x)
        return self.head(x.reshape(-1, 2704))
class Net(Base):
    def __init__(self, sizes=(1, 4)):
        super().__init__()
        self.body = nn.ModuleList([Block(i, o) for i, o in zip(sizes[:-1], sizes[1:])])
        self.head = nn.Linear(2704, 10)
net = Net()
""",
        """
def make(size):
    class Inner(nn.Module):
        def __init__(self):
            super().__init__()
            self.d = nn.ModuleDict({'c': nn.Conv2d(1, 4, size), 'l': nn.Linear(2704, 10)})
        def forward(self, x):
            return self.d['l'](self.d['c'](x).clamp(min=0).relu().flatten(start_dim=1))
    return Inner()
net = make(3)
""",
        """
class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        for name, layer in cfg.items():
            setattr(self, name, layer)
    def forward(self, x):
        for name in ('c', 'r', 'f', 'l'):
            x = getattr(self, name)(x)
        return x
net = Net({'c': nn.Conv2d(1, 4, 3), 'r': nn.ReLU(), 'f': nn.Flatten(), 'l': nn.Linear(2704, 10)})
""",
        """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        x = torch.randn(1, 1, 28, 28)
        self.c = nn.Conv2d(1, 4, 3)
        self.l = nn.Linear(self.c(x).view(1, -1).shape[1], 10)
    def forward(self, x):
        b, _, _, _ = x.shape
        return self.l(F.relu(self.c(x)).view(b, -1))
net = Net()
""",
    ],
)
def test_ways_to_write_a_network(text: str) -> None:
    result = applied(IMPORTS + text)
    assert [part.type for part in coded_parts(result.steps)] == ["Conv2d", "ReLU", "Linear"]
    assert (result.shape, result.lost) == ((None, 10), "")
    assert parameters(result) == 40 + 27_050


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("net = nn.Sequential(nn.Flatten(), nn.Transformer(), nn.Linear(784, 10))", "nn.Transformer"),
        ("class N(nn.Module):\n    def forward(self, x): return x.sin()\nnet = N()", ""),
        (
            (
                "class N(nn.Module):\n    def __init__(self): self.c = nn.Conv2d(1, 1, 3, "
                "padding=1)\n    def forward(self, x): return self.c(x) + self.c(x)\n"
                "net = N()"
            ),
            "two ways through the network join",
        ),
        (
            (
                "class N(nn.Module):\n    def __init__(self): self.c = nn.Conv2d(1, 1, 3)\n"
                "    def forward(self, x): return self.c(x).sort()\n"
                "net = N()"
            ),
            "method sort",
        ),
        (
            (
                "class N(nn.Module):\n    def __init__(self): self.c = nn.Conv2d(1, 4, 3)\n"
                "    def forward(self, x): return torch.cat([self.c(x), self.c(x)], 1)\n"
                "net = N()"
            ),
            "two ways",
        ),
        (
            (
                "class N(nn.Module):\n    def __init__(self): self.c = nn.Conv2d(1, 4, 3)\n"
                "    def forward(self, x): return F.interpolate(self.c(x), 9)\n"
                "net = N()"
            ),
            "can't be followed",
        ),
        ("class N(nn.Module): pass\nnet = N()", "can't be followed"),
    ],
)
def test_what_cannot_be_followed_says_so(text: str, reason: str) -> None:
    forward = [
        event
        for event in trace(f"{IMPORTS}{text}\nnet(torch.zeros(1, 1, 28, 28))").events
        if isinstance(event, Forward)
    ]
    assert reason in forward[-1].lost


def test_functional_steps_keep_their_settings() -> None:
    text = f"""{IMPORTS}
class N(nn.Module):
    def forward(self, x):
        x = F.max_pool2d(F.pad(x, (2, 2, 2, 2)), kernel_size=3, stride=2, padding=1, ceil_mode=True)
        x = F.adaptive_avg_pool2d(x, (4, 2))
        x = F.dropout(x, p=0.25, training=self.training)
        return F.log_softmax(x.flatten(1), dim=-1)
net = N()
"""
    result = applied(text)
    assert steps(text) == ["ZeroPad2d", "MaxPool2d", "AdaptiveAvgPool2d", "Dropout", "Flatten", "LogSoftmax"]
    assert result.shape == (None, 8)
    assert dict(result.steps[1].settings) == {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}
    assert (result.steps[3].setting("p"), result.steps[3].setting("active")) == (0.25, True)


def test_modes() -> None:
    text = f"{IMPORTS}net = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.BatchNorm1d(784))\n"
    assert [step.setting("active") for step in applied(text).steps] == [None, True, True]
    assert [step.setting("active") for step in applied(f"{text}net.eval()").steps] == [None, False, False]
    assert [step.setting("active") for step in applied(f"{text}net.train(False)").steps] == [None, False, False]
    assert [step.setting("active") for step in applied(f"{text}net.eval()\nnet.train()").steps] == [None, True, True]
    assert [step.setting("active") for step in applied(f"{text}net[1].eval()").steps] == [None, False, True]
    assert [step.setting("active") for step in applied(f"{text}net.train(mode=not True)").steps] == [None, False, False]


def test_the_modules_of_a_network_each_once() -> None:
    text = (
        f"{IMPORTS}class N(nn.Module):\n    def __init__(self):\n"
        f"        self.a = nn.ReLU()\n        self.b = [self.a, {{'c': nn.Linear(1, "
        f"2)}}]\nnet = N()"
    )
    network = run(text)["net"]
    assert isinstance(network, Instance)
    found = modules_of(network)
    assert [module.type for module in found if isinstance(module, Layer)] == ["ReLU", "Linear"]
    set_mode(network, training=False)
    assert not any(module.training for module in found if isinstance(module, Instance | Layer))


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("sum(p.numel() for p in net.parameters() if p.requires_grad)", "numel"),
        ("sum([w.numel() for n, w in net.named_parameters()])", "numel"),
        ("from torchinfo import summary\nsummary(net, (1, 1, 28, 28))", "summary"),
        ("from torchsummary import summary\nsummary(net, (1, 28, 28))", "summary"),
    ],
)
def test_counting(text: str, how: str) -> None:
    events = trace(f"{IMPORTS}net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n{text}").events
    found = [event for event in events if isinstance(event, Counted)]
    assert found
    assert all(
        isinstance(event.model, Layer) and event.model.type == "Sequential" and event.how == how for event in found
    )


@pytest.mark.parametrize(
    "text",
    [
        "net.zero_grad()",
        "net.zero_grad(set_to_none=True)",
        "for p in net.parameters(): p.grad = None",
        "for p in net.parameters(): p.grad.zero_()",
        "for p in net.parameters():\n    if p.grad is not None: p.grad.data.zero_()",
        "for n, p in net.named_parameters(): p.grad = None",
        "torch.optim.SGD(net.parameters()).zero_grad()",
        "torch.optim.SGD([{'params': net[1].parameters()}]).zero_grad()",
    ],
)
def test_ways_to_reset_gradients(text: str) -> None:
    events = trace(f"{IMPORTS}net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))\n{text}").events
    assert any(isinstance(event, GradientsReset) and event.models for event in events)


@pytest.mark.parametrize(
    "text",
    [
        "nn.Conv2d()",
        "nn.Conv2d(1, 2)",
        "nn.Linear('a', 'b')",
        "nn.BatchNorm2d()",
        "nn.Sequential(5, None, 'x')",
        "nn.Sequential([nn.ReLU()])",
        "nn.ModuleList(5)",
        "nn.Conv2d(1, 16, (3,), stride=0, padding='x', dilation=None)",
        "nn.MaxPool2d(0, 0)",
        "nn.ZeroPad2d('x')",
        "nn.Flatten(9, -9)",
        "nn.AdaptiveAvgPool2d((None, 1))",
        "nn.Conv2d(1, 2, float('inf'))",
    ],
)
def test_impossible_layers_never_crash(text: str) -> None:
    assert trace(f"{IMPORTS}net = nn.Sequential({text}, nn.Linear(3, 4))\nnet(torch.zeros(1, 1, 28, 28))").stopped == ""


def test_layers_of_a_container_have_names() -> None:
    made = layers(f"{IMPORTS}net = nn.Sequential(OrderedDict([('a', nn.ReLU()), ('b', nn.Linear(1, 2))]))")
    assert made.names == ["a", "b"]
    assert run(f"{IMPORTS}net = nn.Sequential(OrderedDict([('a', nn.ReLU())]))\nx = net.a")["x"].type == "ReLU"  # type: ignore[attr-defined]


def test_a_network_that_squeezes() -> None:
    text = f"""{IMPORTS}
class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(1, 4, 3)
    def forward(self, x):
        return F.adaptive_avg_pool2d(self.c(x), 1).squeeze(-1).squeeze(-1)
net = N()
"""
    assert applied(text).shape == (None, 4)


@pytest.mark.xfail(strict=True, reason="OrderedDict with keywords is taken for an empty one")
def test_an_ordered_dictionary_of_keywords() -> None:
    assert layers(f"{IMPORTS}net = nn.Sequential(OrderedDict(a=nn.ReLU()))").names == ["a"]
