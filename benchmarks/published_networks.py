"""Write down the layers of the networks that torchvision publishes by name, for the reader of code.

`python benchmarks/published_networks.py` builds each network of ``torchvision.models`` on torch's ``meta`` device,
where tensors have sizes and no memory, and writes ``reportgen/code/knowledge/torchvision.json``. No weights are
downloaded.
Equal parts are written once and named by their place in the list, so that 80 networks stay small and each line of the
file can be read.
"""

import inspect
import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

import torch
import torchvision
from torch import nn
from torchvision.models import regnet

FILE = Path(__file__).resolve().parents[1] / "reportgen/code/knowledge/torchvision.json"
CLASSES, OTHER = 1000, 1001
"""Two numbers of outputs: what differs between the networks built with them follows from the argument."""
CONTAINERS = (nn.Module, nn.Sequential, nn.ModuleList, nn.ModuleDict)


class Parts:
    """The different parts of all networks, each once.

    ``[type, settings]`` is a layer of ``torch.nn``; ``[type, children, tensors]`` is made of layers: children by the
    place of their part, its own tensors as their sizes and whether they are a buffer.
    """

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}

    def place(self, part: list[Any]) -> int:
        """Where a part stands."""
        return self.lines.setdefault(json.dumps(part), len(self.lines))

    def add(self, one: nn.Module, other: nn.Module) -> int:
        """Add a module and all below it; ``other`` is the same one with another number of outputs."""
        cls = layer_class(one)
        if cls is not None:
            return self.place([cls.__name__, settings(cls, one, other)])
        children = {name: self.add(child, other.get_submodule(name)) for name, child in one.named_children()}
        tensors = {name: [list(value.shape), False] for name, value in one._parameters.items() if value is not None}
        tensors |= {name: [list(value.shape), True] for name, value in one._buffers.items() if value is not None}
        name = next((base.__name__ for base in CONTAINERS[1:] if isinstance(one, base)), type(one).__name__)
        return self.place([name, children, tensors])


def layer_class(module: nn.Module) -> type[nn.Module] | None:
    """The class of ``torch.nn`` that a layer is one of; None for what is made of layers."""
    found = [cls for cls in type(module).__mro__ if cls.__module__.startswith("torch.nn.modules")]
    return found[0] if found and found[0] not in CONTAINERS else None


def set_to(module: nn.Module, name: str, default: object) -> object:
    """What an argument of a layer was: a flag for a tensor, one number for a size that all sides share."""
    value = vars(module).get(name, module._parameters.get(name, default))
    if name == "bias" or isinstance(value, torch.Tensor):
        return value is not None
    return value[0] if isinstance(value, tuple) and len({*value}) == 1 else value


def settings(cls: type[nn.Module], one: nn.Module, other: nn.Module) -> dict[str, object]:
    """The arguments of a layer that are not the default; the name ``num_classes`` for what follows from it."""
    found = {}
    for name, parameter in list(inspect.signature(cls.__init__).parameters.items())[1:]:
        value, varied = (set_to(module, name, parameter.default) for module in (one, other))
        if name not in {"inplace", "device", "dtype"} and value != parameter.default:
            found[name] = value if value == varied else "num_classes"
    return found


def head_of(one: nn.Module, other: nn.Module, auxiliary: list[str]) -> str:
    """The child that ends in the outputs."""
    sizes = {key: value.numel() for key, value in other.named_parameters()}
    changed = [key.partition(".")[0] for key, value in one.named_parameters() if value.numel() != sizes[key]]
    return next(name for name in changed if name not in auxiliary)


def entered(network: nn.Module, head: str, sides: tuple[int, ...]) -> list[int | None]:
    """The sizes that a head is given, without the batch; None where they follow from those of the images."""
    shapes: list[tuple[int, ...]] = []
    hook = network.get_submodule(head).register_forward_hook(
        lambda module, given, out: shapes.append(given[0].shape[1:])
    )
    for side in sides:
        try:
            with torch.device("meta"):
                network(torch.empty(2, 3, side, side))
        except (AssertionError, RuntimeError, ValueError):  # made for images of one size
            continue
    hook.remove()
    return [sizes[0] if len({*sizes}) == 1 else None for sizes in zip_longest(*shapes)]


def described(name: str, parts: Parts) -> dict[str, Any]:
    """What the file says of a network."""
    build = torchvision.models.get_model_builder(name)
    extra = {"init_weights": False} if name in {"googlenet", "inception_v3"} else {}
    with torch.device("meta"):
        one, other = (build(weights=None, num_classes=count, **extra).eval() for count in (CLASSES, OTHER))
        kept = dict((build(weights=None, aux_logits=False, **extra) if extra else one).named_children())
    auxiliary = [child for child, _ in one.named_children() if child not in kept]
    head = head_of(one, other, auxiliary)
    numbers = {key: value for key, value in vars(one).items() if isinstance(value, int) and not key.startswith("_")}
    numbers.pop("training")
    found = {
        "root": parts.add(one, other),
        "head": head,
        "enters": entered(one, head, (299, 331) if name == "inception_v3" else (224, 256)),
        "attributes": numbers,
    }
    total = sum(value.numel() for value in one.parameters())
    published = torchvision.models.get_model_weights(name).__members__
    others = [key for key, entry in published.items() if entry.meta["num_params"] != total]
    if auxiliary:
        found["auxiliary"] = auxiliary
    elif others:  # weights for images of another size
        found["other sizes"] = others
    print(f"{name}: {total:,} parameters, {head} gets {found['enters']}")
    return found


def main() -> None:
    """Write the file."""
    widths = regnet.BlockParams.from_init_params

    def on_cpu(**given: Any) -> regnet.BlockParams:
        with torch.device("cpu"):  # it reads its sizes back from a tensor, which ``meta`` can't give
            return widths(**given)

    regnet.BlockParams.from_init_params = on_cpu
    parts = Parts()
    names = torchvision.models.list_models(module=torchvision.models)
    networks = [f"{json.dumps(name)}: {json.dumps(described(name, parts))}" for name in names]
    head = f'"torchvision": "{torchvision.__version__.partition("+")[0]}",\n"parts": ['
    text = ",\n".join(parts.lines) + '\n],\n"networks": {\n' + ",\n".join(networks)
    FILE.write_text(f"{{{head}\n{text}\n}}}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
