"""The data sets that an assignment may name: sizes, digests and published label counts. No torch."""

from dataclasses import dataclass
from typing import Literal

Split = Literal["train", "test"]


@dataclass(frozen=True)
class IdxFile:
    """One file in the IDX format of yann.lecun.com/exdb/mnist."""

    name: str
    """File name without ``.gz``."""
    md5_gz: str
    """MD5 of the gzip file, as torchvision publishes it."""
    md5: str
    """MD5 of the content."""


@dataclass(frozen=True)
class Dataset:
    """A data set of labelled grey images."""

    id: str
    title: str
    torchvision_class: str
    """Class of ``torchvision.datasets`` that downloads it, and the folder that it makes."""
    image_shape: tuple[int, int, int]
    """(C, H, W), pixels."""
    sizes: dict[Split, int]
    """Images in each split."""
    labels: tuple[str, ...]
    """Name of each label, in the order of their numbers."""
    label_counts: dict[Split, tuple[int, ...]]
    """Images of each label."""
    files: dict[Split, tuple[IdxFile, IdxFile]]
    """Images and labels of each split."""
    citation: str


MNIST = Dataset(
    id="mnist",
    title="MNIST",
    torchvision_class="MNIST",
    image_shape=(1, 28, 28),
    sizes={"train": 60_000, "test": 10_000},
    labels=tuple("0123456789"),
    label_counts={
        "train": (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949),
        "test": (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009),
    },
    files={
        "train": (
            IdxFile("train-images-idx3-ubyte", "f68b3c2dcbeaaa9fbdd348bbdeb94873", "6bbc9ace898e44ae57da46a324031adb"),
            IdxFile("train-labels-idx1-ubyte", "d53e105ee54ea40749a09fcbcd1e9432", "a25bea736e30d166cdddb491f175f624"),
        ),
        "test": (
            IdxFile("t10k-images-idx3-ubyte", "9fb629c4189551a2d022fa330f9573f3", "2646ac647ad5339dbf082846283269ea"),
            IdxFile("t10k-labels-idx1-ubyte", "ec29112dd5afa0611ce80d1b7f02629c", "27ae3e4e09519cfbb04c329615203637"),
        ),
    },
    citation=(
        "Y. LeCun, L. Bottou, Y. Bengio and P. Haffner: Gradient-based learning applied to document "
        "recognition. Proceedings of the IEEE 86(11), 1998, pages 2278–2324."
    ),
)

DATASETS = {dataset.id: dataset for dataset in (MNIST,)}
"""Every data set, by id."""


@dataclass(frozen=True)
class Published:
    """What is published of a data set: enough to hold what a document says of it against."""

    title: str
    names: str
    """Regular expression of what documents call it."""
    sizes: tuple[int, ...]
    """Images in the training and the test split, and in those that are added to them."""
    image_shape: tuple[int, int, int]
    """(C, H, W), pixels."""
    classes: int

    @property
    def totals(self) -> frozenset[int]:
        """Numbers of images that may be said of the whole set: of a split, of both, and with what is added to them."""
        return frozenset({*self.sizes, sum(self.sizes), sum(self.sizes[:2])})

    @property
    def each(self) -> frozenset[int]:
        """Images of a class in a split and in both, where the classes are even."""
        return frozenset(size // self.classes for size in self.totals if self.even)

    @property
    def even(self) -> bool:
        """Every class has as many images."""
        return self.title not in {"MNIST", "SVHN", "EMNIST Letters", "EMNIST Balanced"}

    @property
    def features(self) -> int:
        """Numbers in one image."""
        channels, height, width = self.image_shape
        return channels * height * width


PUBLISHED = (
    Published("Fashion-MNIST", r"fashion[\s_-]*mnist", (60_000, 10_000), (1, 28, 28), 10),
    Published("KMNIST", r"k(?:uzushiji)?[\s_-]*mnist", (60_000, 10_000), (1, 28, 28), 10),
    Published("EMNIST Balanced", r"emnist[\s_-]*balanced", (112_800, 18_800), (1, 28, 28), 47),
    Published("EMNIST Letters", r"emnist[\s_-]*letters", (124_800, 20_800), (1, 28, 28), 26),
    Published("EMNIST Digits", r"emnist[\s_-]*digits", (240_000, 40_000), (1, 28, 28), 10),
    Published("CIFAR-100", r"cifar[\s_-]*100", (50_000, 10_000), (3, 32, 32), 100),
    Published("CIFAR-10", r"cifar(?:[\s_-]*10)?(?!\d|[\s_-]*100)", (50_000, 10_000), (3, 32, 32), 10),
    Published("SVHN", r"svhn|street\s+view\s+house\s+numbers", (73_257, 26_032, 531_131), (3, 32, 32), 10),
    Published("MNIST", r"(?<![a-z])mnist(?:[\s_-]*digits)?", (60_000, 10_000), (1, 28, 28), 10),
)
"""Data sets that reports are about, the more special names first. Sources: Xiao et al. 2017, Clanuwat et al. 2018,
Cohen et al. 2017, Krizhevsky 2009, Netzer et al. 2011, LeCun et al. 1998."""
