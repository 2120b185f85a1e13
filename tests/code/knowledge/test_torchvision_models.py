"""Networks of torchvision by name, against the counts that torchvision publishes and against torch on ``meta``."""

import json
from importlib.resources import files
from typing import Any

import pytest

from reportgen.code.networks import Network, count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

DATA = files("reportgen.code.knowledge") / "torchvision.json"

HEAD = "import torch\nimport torchvision\nfrom torch import nn\nfrom torchvision import models\n"
PROGRAMS = {
    "another head": "model = models.resnet18()\nmodel.fc = nn.Linear(model.fc.in_features, 10)",
    "a frozen body": "model = models.resnet18()\nfor p in model.parameters():\n    p.requires_grad = False\n"
    "model.fc = nn.Linear(512, 10)",
    "frozen by name": "model = models.resnet34()\nfor name, p in model.named_parameters():\n"
    "    p.requires_grad = name.startswith(('layer4', 'fc'))",
    "an item of the head": "model = models.vgg11()\nmodel.classifier[6] = nn.Linear(4096, 7)",
    "a part frozen": "model = models.vgg13_bn(num_classes=10)\nmodel.features.requires_grad_(False)",
    "gray images": "model = models.resnet18(num_classes=10)\nmodel.conv1 = nn.Conv2d(1, 64, 3, 1, 1, bias=False)\n"
    "model.maxpool = nn.Identity()",
    "a convolution as head": "model = models.squeezenet1_1()\nmodel.classifier[1] = nn.Conv2d(512, 10, kernel_size=1)",
    "number of features": "model = models.mobilenet_v2()\nmodel.classifier = nn.Linear(model.last_channel, 3)",
    "a loop over layers": "model = models.mobilenet_v3_small()\nfor m in model.modules():\n"
    "    if isinstance(m, nn.BatchNorm2d):\n        m.weight.requires_grad = False",
    "no auxiliary head": "model = models.inception_v3(aux_logits=False, num_classes=4, init_weights=False)",
    "another auxiliary head": "model = models.googlenet(init_weights=False)\nmodel.fc = nn.Linear(1024, 9)\n"
    "model.aux1.fc2 = nn.Linear(1024, 9)",
    "by a name in a variable": "arch = 'densenet121'\nmodel = models.__dict__[arch](num_classes=10)",
    "by getattr": "model = getattr(torchvision.models, 'resnext50_32x4d')(num_classes=100)",
    "by get_model": "model = models.get_model('shufflenet_v2_x1_0', num_classes=10)",
    "a transformer": "model = models.vit_b_32()\nmodel.heads.head = nn.Linear(model.heads.head.in_features, 10)",
    "without its head": "body = list(models.resnet18().children())[:-1]\n"
    "model = nn.Sequential(*body, nn.Linear(512, 2))",
    "inside of another": "class Net(nn.Module):\n    def __init__(self, classes):\n        super().__init__()\n"
    "        self.body = models.efficientnet_b0(weights=None)\n        self.body.classifier = nn.Identity()\n"
    "        self.head = nn.Linear(1280, classes)\n    def forward(self, x):\n        return self.head(self.body(x))\n"
    "model = Net(5)",
}


def read(text: str) -> Network:
    """The last network of a program."""
    trace = follow(read_source((HEAD + text).encode(), "program.py"))
    return count(networks_of(trace)[-1], trace.opened)


@pytest.fixture
def models() -> Any:
    """``torchvision.models``, imported by the one process that needs it: torchvision takes seconds."""
    return pytest.importorskip("torchvision", reason="torchvision builds the networks that are compared with").models


@pytest.mark.parametrize("name", json.loads(DATA.read_text(encoding="utf-8"))["networks"])
def test_published_counts(name: str, models: Any) -> None:
    weights = models.get_model_weights(name)
    for entry, about in weights.__members__.items():
        told = read(f"model = models.{name}(weights=models.{weights.__name__}.{entry})").parameters
        assert told in {about.meta["num_params"], None}
    assert told == about.meta["num_params"] or name == "vit_h_14"  # its weights are for images of other sizes


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_changed_as_in_torch(text: str) -> None:
    torch = pytest.importorskip("torch", reason="torch builds the networks that are compared with")
    names: dict[str, object] = {}
    with torch.device("meta"):
        exec(HEAD + text, names)
    model, ours = names["model"], read(text)
    assert isinstance(model, torch.nn.Module)
    everything = list(model.parameters())
    assert ours.parameters == sum(p.numel() for p in everything)
    assert ours.trainable == sum(p.numel() for p in everything if p.requires_grad)
    assert ours.buffers == sum(b.numel() for b in model.buffers())


@pytest.mark.parametrize(
    "text",
    [
        "model = models.resnet18(width_per_group=32)",
        "model = models.inception_v3(aux_logits=bool(input()))",
        "model = models.resnet18(num_classes=int(input()))",
        "model = models.resnet18()\nmodel.fc = build(10)",
        "model = models.resnet18(**options())",
        "model = models.vit_l_16(weights='IMAGENET1K_SWAG_E2E_V1')",
    ],
)
def test_what_cannot_be_told_is_not_counted(text: str) -> None:
    assert read(text).parameters is None


def test_no_network_of_torchvision_is_left_out(models: Any) -> None:
    assert set(models.list_models(module=models)) == set(json.loads(DATA.read_text(encoding="utf-8"))["networks"])
