"""One step of the fast engine against autograd, on a small network with every stage, in a process of its own."""

from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from reportgen.training.engines.fast import Fast
from reportgen.training.optimizers import gather

_IMAGES = (5, 2, 14, 15)
"""(N, C, H, W): no size fills up vector registers, so that margins count."""


def build() -> nn.Sequential:
    """A network that the fast engine makes of each kind of stage that it has."""
    return nn.Sequential(
        *(nn.Conv2d(2, 9, 3, padding=1), nn.MaxPool2d(2, stride=1), nn.ReLU()),
        *(nn.Conv2d(9, 5, (4, 3), padding=(2, 1)), nn.BatchNorm2d(5), nn.ReLU()),
        *(nn.MaxPool2d(2, stride=1), nn.ReLU(), nn.Conv2d(5, 4, 1, bias=False), nn.ReLU()),
        *(nn.AvgPool2d(2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 6), nn.ReLU()),
        *(nn.Linear(6, 3), nn.Softmax(1)),
    )


def compare(folder: Path) -> list[str]:
    """What differs between a step of the fast engine and the same step by autograd; names, none where all agree."""
    torch.manual_seed(0)
    model, witness = build()[:-1], build()[:-1]
    witness.load_state_dict(model.state_dict())
    images, labels = torch.randn(_IMAGES), torch.arange(_IMAGES[0]) % 3
    shapes, given = [], images
    for layer in build()[:-1]:
        given = layer(given)
        shapes.append(tuple(given.shape[1:]))
    model.to(memory_format=torch.channels_last)
    gather(model)
    network = Fast(folder).network(model, shapes)
    moved = images.to(memory_format=torch.channels_last)

    found = {"logits": network.step(moved, labels)}
    logits = witness(images)
    cross_entropy(logits, labels).backward()
    expected = {"logits": logits.detach()}
    for one, tensors in ((model, found), (witness, expected)):
        tensors |= {f"gradient of {name}": parameter.grad for name, parameter in one.named_parameters()}
        tensors |= {name: buffer.float() for name, buffer in one.named_buffers()}
    found["predicted logits"] = network.logits(moved)
    with torch.no_grad():
        expected["predicted logits"] = witness.eval()(images)
    return [name for name, value in expected.items() if not torch.allclose(found[name], value, atol=2e-6, rtol=1e-4)]


def run(folder: str) -> None:
    """Exit with a word where something differs."""
    torch.set_num_threads(1)
    different = compare(Path(folder))
    if different:
        raise SystemExit(f"differs from autograd: {', '.join(different)}")
