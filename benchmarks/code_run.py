"""Run a submission of code on a made-up MNIST, to prove that a template is a program: `code_run.py FILE...`.

MNIST has its true numbers of images, of noise; loaders give a few batches; figures and downloads are replaced.
Modules that only draw or print may be missing. Submissions without a DataLoader get 200 images.
"""

import runpy
import sys
import traceback
from collections.abc import Iterator
from contextlib import chdir
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from unittest.mock import MagicMock, patch

import matplotlib as mpl
import numpy as np
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset

BATCHES = 3
OPTIONAL = ("seaborn", "torchsummary", "tqdm", "tqdm.auto")
"""Modules that only draw or print; pandas and Lightning must be there for the submissions that import them."""


class NoiseMNIST(Dataset[Any]):
    """Images of noise with the surface of torchvision's MNIST."""

    sizes: ClassVar[dict[bool, int]] = {True: 60000, False: 10000}
    classes: ClassVar[list[str]] = [f"{digit}" for digit in range(10)]

    def __init__(self, root: Any, train: bool = True, transform: Any = None, target_transform: Any = None, **_: Any):
        count = self.sizes[train]
        generator = torch.Generator().manual_seed(count)
        self.data = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8, generator=generator)
        self.targets = torch.arange(count) % 10
        self.train, self.transform, self.target_transform = train, transform, target_transform

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image: Any = Image.fromarray(self.data[index].numpy())
        label: Any = int(self.targets[index])
        image = self.transform(image) if self.transform else image
        return image, self.target_transform(label) if self.target_transform else label


def run(path: Path) -> None:
    """Run a submission in an empty folder; whatever it raises is raised."""
    text = path.read_text()
    NoiseMNIST.sizes = {True: 60000, False: 10000} if "DataLoader" in text else {True: 200, False: 100}
    _stand_in()
    batches, length = DataLoader.__iter__, DataLoader.__len__
    with (
        TemporaryDirectory() as folder,
        chdir(folder),
        patch.object(sys, "argv", [str(path)]),
        patch.object(torchvision.datasets, "MNIST", NoiseMNIST),
        patch.object(DataLoader, "__iter__", lambda self: islice(batches(self), BATCHES)),
        patch.object(DataLoader, "__len__", lambda self: min(length(self), BATCHES)),
    ):
        np.savez("mnist.npz", **_arrays())
        runpy.run_path(str(path), run_name="__main__")


@cache
def _stand_in() -> None:
    """Replace the modules that only draw or print, where they are missing."""
    missing = [name for name in OPTIONAL if find_spec(name.split(".")[0]) is None]
    sys.modules.update({name: MagicMock(tqdm=lambda items, **_: _Bar(items)) for name in missing})


class _Bar:
    """Stands for tqdm's bar where tqdm is missing."""

    def __init__(self, items: Any):
        self.items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def _arrays() -> dict[str, Any]:
    sets = {"train": NoiseMNIST(".", train=True), "test": NoiseMNIST(".", train=False)}
    arrays = {f"x_{name}": images.data.numpy() for name, images in sets.items()}
    return arrays | {f"y_{name}": images.targets.numpy() for name, images in sets.items()}


def main() -> int:
    """Run each file; the exit status is the number of those that failed."""
    mpl.use("Agg")
    failed = 0
    for path in (Path(name).resolve() for name in sys.argv[1:]):
        try:
            run(path)
        except Exception:
            traceback.print_exc()
            print(f"FAILED {path.name}", file=sys.stderr)
            failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
