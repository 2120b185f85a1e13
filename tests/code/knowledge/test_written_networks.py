"""One network, however it is written."""

from dataclasses import dataclass

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from reportgen.code.shapes import pair
from reportgen.code.values import Tensor
from reportgen.grading.findings.network_parts import coded_parts
from tests.code.knowledge import IMPORTS, KERAS
from tests.coded import applied


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
