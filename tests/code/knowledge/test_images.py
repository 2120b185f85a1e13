import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reportgen.code.trace import Batched, Normalized
from reportgen.code.values import Dataset, Loader, Transform
from tests.coded import CLASSES, classes, run, trace

HEAD = """
import numpy as np
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, random_split
from torch.utils.data import SubsetRandomSampler
from torchvision import datasets, transforms
train = datasets.MNIST("d", train=True, download=True, transform=transforms.ToTensor())
test = datasets.MNIST("d", train=False, transform=transforms.ToTensor())
"""


def dataset(text: str, name: str = "x") -> Dataset:
    found = run(HEAD + text)[name]
    found = found.dataset if isinstance(found, Loader) else found
    assert isinstance(found, Dataset)
    return found


@pytest.mark.parametrize(
    ("text", "split", "size"),
    [
        ("x = train", "train", 60_000),
        ("x = test", "test", 10_000),
        ("x = datasets.MNIST('d')", "train", 60_000),
        ("x = datasets.MNIST('d', False)", "test", 10_000),
        ("x = datasets.MNIST(root='d', train=not True)", "test", 10_000),
        ("x, y = random_split(train, [50000, 10000])", "train", 50_000),
        ("y, x = random_split(train, [50000, 10000])", "validation", 10_000),
        ("x, y = random_split(train, (0.9, 0.1))", "train", 54_000),
        (
            "y, x = random_split(train, [int(0.9 * len(train)), len(train) - int(0.9 * len(train))])",
            "validation",
            6_000,
        ),
        ("y, x = random_split(test, [5000, 5000])", "test", 5_000),
        ("x = Subset(train, range(50000))", "train", 50_000),
        ("x = Subset(train, range(50000, 60000))", "validation", 10_000),
        ("x = Subset(test, range(100, 200))", "test", 100),
        ("x = Subset(train, torch.randperm(60000)[50000:])", "validation", None),
        ("x = ConcatDataset([train, train])", "train", 60_000),
        ("x = TensorDataset(test.data, test.targets)", "test", 10_000),
        ("x = DataLoader(train, 20, sampler=SubsetRandomSampler(torch.randperm(60000)[55000:]))", "validation", None),
        ("x = DataLoader(train, 20)", "train", 60_000),
    ],
)
def test_sets_of_images(text: str, split: str, size: int | None) -> None:
    found = dataset(text)
    assert (found.split, found.size) == (split, size)


@settings(max_examples=30)
@given(st.integers(1, 59_999))
def test_a_part_of_the_training_set_stays_in_it(size: int) -> None:
    names = run(f"{HEAD}x, y = random_split(train, [{size}, {60_000 - size}])")
    parts = [names["x"], names["y"]]
    assert [part.size for part in parts] == [size, 60_000 - size]  # type: ignore[attr-defined]
    assert "train" in {part.split for part in parts}  # type: ignore[attr-defined]
    assert {part.split for part in parts} <= {"train", "validation"}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("DataLoader(train, batch_size=20, shuffle=True)", 20),
        ("DataLoader(train, 20)", 20),
        ("DataLoader(dataset=train, batch_size=int('20'))", 20),
        ("DataLoader(train)", 1),
        ("DataLoader(train, **{'batch_size': 20})", 20),
        ("DataLoader(train, batch_size=int(input()))", None),
        ("DataLoader(train, *input())", None),
    ],
)
def test_the_size_of_a_batch(text: str, size: int | None) -> None:
    found = [event.batch_size for event in trace(f"{HEAD}x = {text}").events if isinstance(event, Batched)]
    assert found == [size]


@pytest.mark.parametrize(
    "text",
    [
        "DataLoader(train, **settings)",
        (
            "DataLoader(train, batch_sampler=torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(train), "
            "20, False))"
        ),
    ],
)
def test_the_size_of_a_batch_that_cannot_be_told(text: str) -> None:
    program = f"{HEAD}import json\nsettings = json.load(open('settings.json'))\nx = {text}"
    assert [event.batch_size for event in trace(program).events if isinstance(event, Batched)] == [None]


def test_transformations_are_named_with_their_lines() -> None:
    text = f"""{HEAD}
change = transforms.Compose([
    transforms.RandomRotation(10),
    transforms.RandomApply([transforms.GaussianBlur(3)], p=0.5),
    transforms.ToTensor(),
    transforms.Normalize((0.1307,), (0.3081,)),
])
x = DataLoader(datasets.MNIST("d", transform=change), 20)
"""
    (event,) = [event for event in trace(text).events if isinstance(event, Batched)]
    assert [name for name, _ in event.transforms] == ["RandomRotation", "GaussianBlur", "ToTensor", "Normalize"]
    assert [line for _, line in event.transforms] == [11, 12, 13, 14]


@pytest.mark.parametrize(
    ("mean", "known", "origins"),
    [
        ("(0.1307,)", 0.1307, set()),
        ("[0.5]", 0.5, set()),
        ("0.5", 0.5, set()),
        ("train.data.float().mean() / 255", None, {"train"}),
        ("test.data.float().mean() / 255", None, {"test"}),
        ("(test.data.float().mean() / 255,)", None, {"test"}),
        ("(float(input()),)", None, set()),
        ("[]", None, set()),
    ],
)
def test_the_mean_that_images_are_normalized_with(mean: str, known: float | None, origins: set[str]) -> None:
    assert trace(f"{HEAD}x = transforms.Normalize({mean}, 1)").normalizations == {9: (known, frozenset(origins))}


def test_images_normalized_by_hand() -> None:
    events = trace(f"{HEAD}mean = test.data.float().mean()\nx = (train.data.float() - mean) / 255").events
    assert [(event.data, event.statistics) for event in events if isinstance(event, Normalized)] == [
        (frozenset({"train"}), frozenset({"test"}))
    ]


def test_labels_of_a_data_set_of_its_own() -> None:
    text = f"""
class Own(Dataset):
    def __init__(self, inner, transform):
        self.inner, self.transform = inner, transform
    def __len__(self):
        return len(self.inner)
    def __getitem__(self, index):
        image, label = self.inner[index]
        return self.transform(image), {list(CLASSES)}[label]
own = Own(test, transforms.ToTensor())
n = len(own)
x = DataLoader(own, batch_size=20)
"""
    found = dataset(text)
    assert (found.split, found.size, classes(found)) == ("test", 10_000, CLASSES)
    assert isinstance(found.transform, Transform)


@pytest.mark.parametrize(
    "text",
    [
        "train.targets = torch.tensor([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])[train.targets]",
        "train.target_transform = lambda n: [0, 1, 2, 2, 3, 2, 0, 1, 2, 3][n]",
        "train.targets[:] = torch.tensor([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])[train.targets]",
        "setattr(train, 'targets', torch.tensor([0, 1, 2, 2, 3, 2, 0, 1, 2, 3])[train.targets])",
    ],
)
def test_labels_that_are_set(text: str) -> None:
    assert classes(dataset(f"{text}\nx = train")) == CLASSES


def test_arrays_of_a_file() -> None:
    names = run(f"{HEAD}f = np.load('mnist.npz')\na, b, c, d = f['x_train'], f['y_train'], f['x_test'], f['unclear']")
    assert names["a"].origins == names["b"].origins == {"train"}
    assert names["c"].origins == {"test"}
    assert names["d"].origins == frozenset()
    assert classes(names["b"]) == tuple(range(10))


def test_arrays_that_are_split() -> None:
    text = (
        f"{HEAD}from sklearn.model_selection import train_test_split\n"
        "a, b, c, d = train_test_split(train.data, train.targets)"
    )
    names = run(text)
    assert [sorted(names[name].origins) for name in "abcd"] == [["train"], ["validation"], ["train"], ["validation"]]


def test_another_data_set_is_named() -> None:
    assert trace("from torchvision import datasets\nx = datasets.EMNIST('d', 'letters')").lost == {
        2: "another data set"
    }


@pytest.mark.parametrize(
    "text",
    [
        *("DataLoader()", "Subset()", "random_split()", "TensorDataset()", "ConcatDataset()", "DataLoader(5)"),
        *("random_split(train, [])", "random_split(train, ['a'])", "Subset(train, 5)", "Subset(train, [])"),
        *("transforms.Normalize()", "transforms.Normalize([], [])", "transforms.Compose()", "transforms.Compose(5)"),
        *("datasets.MNIST()", "datasets.MNIST('d', target_transform=5)", "transforms.ToTensor()()", "train[0][5]"),
        "random_split(train, [float('inf')])",
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(f"{HEAD}x = {text}\nfor a in x: pass").stopped == ""


@pytest.mark.parametrize(
    ("sizes", "shape"),
    [
        ("32, 32, 3", (None, 3, 32, 32)),
        ("28, 28", (None, 1, 28, 28)),
        ("3, 32, 32", (None, 3, 32, 32)),
        ("9, 9, 9", None),
    ],
)
def test_pictures_of_an_own_data_set(sizes: str, shape: tuple[int | None, ...] | None) -> None:
    text = f"""
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms
class Own(Dataset):
    def __init__(self, change):
        self.images, self.change = np.load("x"), change
    def __getitem__(self, at):
        return self.change(np.array(open("y")).reshape({sizes})), 3
    def __len__(self):
        return 10
images, labels = next(iter(DataLoader(Own(transforms.Compose([transforms.ToTensor()])), batch_size=4)))
"""
    images = run(text)["images"]
    assert getattr(images, "shape", None) == shape
