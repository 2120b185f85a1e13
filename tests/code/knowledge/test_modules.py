import pytest

from reportgen.code.knowledge.modules import modules_of, set_mode
from reportgen.code.trace import Counted, Forward, GradientsReset
from reportgen.code.values import Instance, Layer
from tests.code.knowledge import IMPORTS
from tests.coded import applied, layers, run, steps, trace


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


def test_an_ordered_dictionary_of_keywords() -> None:
    assert layers(f"{IMPORTS}net = nn.Sequential(OrderedDict(a=nn.ReLU()))").names == ["a"]
