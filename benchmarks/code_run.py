"""Run a submission of code on a made-up MNIST, to prove that a template is a program: `code_run.py FILE...`.

MNIST has its true numbers of images, of noise; loaders give a few batches; figures and downloads are replaced.
Submissions without a DataLoader get 200 images. Lightning must be there for those that import it.
"""

import runpy
import sys
import traceback
from contextlib import chdir
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from unittest.mock import patch

import matplotlib as mpl
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset

BATCHES = 3


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
    batches, length = DataLoader.__iter__, DataLoader.__len__
    with (
        TemporaryDirectory() as folder,
        chdir(folder),
        patch.object(sys, "argv", [str(path)]),
        patch.object(torchvision.datasets, "MNIST", NoiseMNIST),
        patch.object(DataLoader, "__iter__", lambda self: islice(batches(self), BATCHES)),
        patch.object(DataLoader, "__len__", lambda self: min(length(self), BATCHES)),
    ):
        runpy.run_path(str(path), run_name="__main__")


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
