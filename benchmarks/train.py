"""How fast a training is: ours, the loop of the tutorials, PyTorch Lightning and skorch, in one run, in turns.

The same network, batch size, optimizer and images; an epoch's worth of work each. Ours trains as a build does, one
experiment on each core; the others as their users run them, one training with all cores. The tutorial's epoch is a
training pass, a test pass, a second pass over the training set for the curve, and another test pass; the others get
their training curve from the training pass, as we do, and their data in memory, already scaled, which is best for
them. Needs the ``bench`` extra and MNIST in $REPORTGEN_DATA_DIR.
"""

import logging
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from joblib.externals.loky import ProcessPoolExecutor
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset
from torchvision.transforms import ToTensor

from reportgen.assignment.bundled import load_spec
from reportgen.assignment.datasets import MNIST
from reportgen.assignment.plan import Options, PlannedExperiment, resolve
from reportgen.training import images as data
from reportgen.training import schedule
from reportgen.training.batches import normalize
from reportgen.training.engines.choice import choose_engine
from reportgen.training.experiment import usable_cores
from reportgen.training.images import Images
from reportgen.training.modules import build_model, logits_of

TRAINING, TEST, ROUNDS = 6000, 1000, 4


def load() -> Images:
    folder = data.find(MNIST, Path(os.environ["REPORTGEN_DATA_DIR"]))
    assert folder is not None
    whole = data.load(MNIST, folder)
    return replace(
        whole,
        train_images=whole.train_images[:TRAINING],
        train_labels=whole.train_labels[:TRAINING],
        test_images=whole.test_images[:TEST],
        test_labels=whole.test_labels[:TEST],
    )


def sgemm(seconds: float = 1.0) -> float:
    """Floating-point operations a second of a large product on one thread."""
    torch.set_num_threads(1)
    left, right, out = (torch.randn(1024, 1024) for _ in range(3))
    best = 0.0
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(5):
            torch.mm(left, right, out=out)
        best = max(best, 5 * 2 * 1024**3 / (time.perf_counter() - start))
    return best


def sgemm_of_all(executor: ProcessPoolExecutor, cores: int) -> float:
    return sum(future.result() for future in [executor.submit(sgemm) for _ in range(cores)])


def floating_point_operations(experiment: PlannedExperiment, *, trained_on: int, measured_on: int) -> int:
    """Two for each multiplication of the layers: once to measure an image, three times to train on it.

    The first layer needs no gradient of its images.
    """
    multiplications = [layer.macs for layer in experiment.count((1, 28, 28)).layers]
    forward = sum(multiplications)
    return 2 * ((3 * forward - multiplications[0]) * trained_on + forward * measured_on)


class Ours:
    """One epoch of an experiment on each core."""

    def __init__(self, experiment: PlannedExperiment, images: Images) -> None:
        self.experiments = usable_cores()
        self.experiment = experiment
        self.engine, _ = choose_engine("fast", "cpu")
        self.folder = tempfile.TemporaryDirectory()
        parts = Path(self.folder.name) / "parts"
        parts.write_bytes(np.zeros(self.experiments).tobytes())
        told = images, str(parts), self.experiments, os.getpid()
        self.executor = ProcessPoolExecutor(self.experiments, initializer=schedule._start_worker, initargs=told)
        self.snapshots: list[bytes | None] = [None] * self.experiments
        self.epoch()

    def epoch(self) -> None:
        turns = [
            self.executor.submit(schedule._work, self.experiment, number, snapshot, 1, number, self.engine)
            for number, snapshot in enumerate(self.snapshots)
        ]
        self.snapshots = [turn.result().snapshot for turn in turns]

    def peak(self) -> float:
        return sgemm_of_all(self.executor, self.experiments)


class AsImages(Dataset[tuple[torch.Tensor, int]]):
    """What torchvision.datasets.MNIST does for each item, here for a part of its images."""

    def __init__(self, pixels: np.ndarray, labels: np.ndarray) -> None:
        self.pixels, self.labels, self.transform = pixels, labels, ToTensor()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return self.transform(Image.fromarray(self.pixels[index, 0], mode=None)), int(self.labels[index])


class Tutorial:
    """The loop that tutorials teach."""

    experiments = 1

    def __init__(self, experiment: PlannedExperiment, images: Images) -> None:
        torch.set_num_threads(usable_cores())
        self.model = logits_of(build_model(experiment.layers))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=1e-3)
        self.criterion = nn.CrossEntropyLoss()
        settings = {"batch_size": experiment.training.batch_size, "num_workers": 1}
        training, test = (
            AsImages(images.train_images, images.train_labels),
            AsImages(images.test_images, images.test_labels),
        )
        self.training = DataLoader(training, shuffle=True, **settings)
        self.test = DataLoader(test, **settings)
        self.epoch()

    def epoch(self) -> None:
        self.model.train()
        for pixels, labels in self.training:
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(pixels), labels)
            loss.backward()
            self.optimizer.step()
        self.accuracy(self.test)
        self.accuracy(self.training)
        self.accuracy(self.test)

    def accuracy(self, loader: DataLoader) -> tuple[float, float]:
        self.model.eval()
        correct, total, loss = 0, 0, 0.0
        with torch.no_grad():
            for pixels, labels in loader:
                outputs = self.model(pixels)
                loss += self.criterion(outputs, labels).item()
                correct += (outputs.argmax(1) == labels).sum().item()
                total += labels.size(0)
        return correct / total, loss / len(loader)


def in_memory(images: Images) -> tuple[TensorDataset, TensorDataset]:
    parts = ((images.train_images, images.train_labels), (images.test_images, images.test_labels))
    training, test = (
        TensorDataset(normalize(torch.from_numpy(pixels), images.mean, images.std), torch.from_numpy(labels))
        for pixels, labels in parts
    )
    return training, test


class Lightning:
    """PyTorch Lightning's Trainer; the bar, the logger and its checkpoints off."""

    experiments = 1

    def __init__(self, experiment: PlannedExperiment, images: Images) -> None:
        import lightning

        for name in ("lightning.pytorch", "lightning.pytorch.utilities.rank_zero"):
            logging.getLogger(name).setLevel(logging.ERROR)

        class Module(lightning.LightningModule):
            def __init__(self) -> None:
                super().__init__()
                self.model = logits_of(build_model(experiment.layers))

            def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
                logits = self.model(batch[0])
                loss = nn.functional.cross_entropy(logits, batch[1])
                accuracy = (logits.argmax(1) == batch[1]).float().mean()
                self.log_dict({"loss": loss, "accuracy": accuracy}, on_step=False, on_epoch=True)
                return loss

            def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
                logits = self.model(batch[0])
                self.log("test_loss", nn.functional.cross_entropy(logits, batch[1]))
                self.log("test_accuracy", (logits.argmax(1) == batch[1]).float().mean())

            def configure_optimizers(self) -> torch.optim.Optimizer:
                return torch.optim.Adam(self.parameters(), lr=1e-3)

        torch.set_num_threads(usable_cores())
        size = experiment.training.batch_size
        training, test = in_memory(images)
        self.loaders = DataLoader(training, batch_size=size, shuffle=True), DataLoader(test, batch_size=size)
        self.module = Module()
        self.trainer = lambda: lightning.Trainer(
            accelerator="cpu",
            max_epochs=1,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
        )
        self.epoch()

    def epoch(self) -> None:
        self.trainer().fit(self.module, *self.loaders)


class Skorch:
    """skorch's NeuralNetClassifier; training accuracy from the training pass, test loss and accuracy by its own."""

    experiments = 1

    def __init__(self, experiment: PlannedExperiment, images: Images) -> None:
        from skorch import NeuralNetClassifier
        from skorch.helper import predefined_split

        torch.set_num_threads(usable_cores())
        self.training, test = in_memory(images)
        self.net = NeuralNetClassifier(
            logits_of(build_model(experiment.layers)),
            criterion=nn.CrossEntropyLoss,
            optimizer=torch.optim.Adam,
            lr=1e-3,
            batch_size=experiment.training.batch_size,
            iterator_train__shuffle=True,
            train_split=predefined_split(test),
            max_epochs=1,
            verbose=0,
        )
        self.net.initialize()
        self.epoch()

    def epoch(self) -> None:
        self.net.partial_fit(self.training, y=None)


def timed(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    warnings.filterwarnings("ignore")
    images = load()
    experiment = resolve(load_spec("csl7590-a1"), "M23CSE023", Options()).experiments[0]
    ours = Ours(experiment, images)
    contenders = {"reportgen": ours, "tutorial": Tutorial(experiment, images)}
    contenders |= {"lightning": Lightning(experiment, images), "skorch": Skorch(experiment, images)}
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    peaks = []
    for _ in range(ROUNDS):
        peaks.append(ours.peak())
        for name, contender in contenders.items():
            torch.set_num_threads(usable_cores())
            # of one experiment's epoch
            seconds[name].append(timed(contender.epoch) / contender.experiments)
    print(
        f"{usable_cores()} cores, load {os.getloadavg()[0]:.1f}; {TRAINING} training and {TEST} test images, ", end=""
    )
    print(f"batch {experiment.training.batch_size}, {ROUNDS} rounds; sgemm {max(peaks) / 1e9:.0f} GFLOP/s on all cores")
    print("Of one experiment; where other work runs too, the fastest rounds say most:\n")
    print(f"{'':12}s an epoch  fastest  images/s  epochs/h of 60,000    reportgen is faster by    fastest by fastest")
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        ratios = sorted(theirs / mine for theirs, mine in zip(taken, seconds["reportgen"], strict=True))
        best = min(taken) / min(seconds["reportgen"])
        print(
            f"{name:<12}{middle:10.2f}{min(taken):9.2f}{TRAINING / middle:10,.0f}"
            f"{3600 / middle * TRAINING / 60_000:15.1f}"
            f"{statistics.median(ratios):15.1f}× ({ratios[0]:.1f}…{ratios[-1]:.1f}){best:16.1f}×"
        )
    work = floating_point_operations(experiment, trained_on=TRAINING, measured_on=TEST)
    shares = sorted(work / mine / peak for mine, peak in zip(seconds["reportgen"], peaks, strict=True))
    fastest = work / min(seconds["reportgen"]) / max(peaks)
    print(
        f"\nreportgen: {statistics.median(shares):.0%} of the sgemm peak ({shares[0]:.0%}…{shares[-1]:.0%}), ", end=""
    )
    print(f"the fastest round {fastest:.0%} of the highest peak")


if __name__ == "__main__":
    main()
