import pytest

from reportgen.code.trace import Backward, Event, Forward, GradientsReset, LossComputed, Scheduled, Stepped
from tests.coded import trace

HEAD = """
import torch
import torch.nn.functional as F
import pytorch_lightning as pl
from torch.utils.data import DataLoader
from torchvision import datasets

class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(784, 10)
    def forward(self, x):
        return self.fc(x.flatten(1))
    def training_step(self, batch, at):
        x, y = batch
        loss = F.cross_entropy(self(x), y)
        self.log("loss", loss)
        return loss
    def validation_step(self, batch, at):
        x, y = batch
        self.log("val", F.cross_entropy(self(x), y))
    def test_step(self, batch, at):
        x, y = batch
        self.log("test", F.cross_entropy(self(x), y))
    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=0.001)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 5)]

train = DataLoader(datasets.MNIST("d"), 20)
test = DataLoader(datasets.MNIST("d", train=False), 20)
net = Net()
trainer = pl.Trainer(max_epochs=10)
"""


def followed(text: str) -> list[Event]:
    return trace(HEAD + text).events


def test_a_fit() -> None:
    events = followed("trainer.fit(net, train)")
    backward = [event for event in events if isinstance(event, Backward)]
    assert {event.loops[0].times for event in backward} == {10}
    assert {event.loops[-1].over for event in backward} == {"train"}
    assert all(event.target is not None and event.model is not None for event in backward)
    assert any(isinstance(event, Stepped) and event.optimizer.name == "Adam" for event in events)
    assert any(isinstance(event, GradientsReset) for event in events)
    assert {event.training for event in events if isinstance(event, Forward)} == {True}


def test_the_trainer_steps_the_schedule() -> None:
    found = [event for event in followed("trainer.fit(net, train)") if isinstance(event, Scheduled)]
    assert [event.schedule.stepped for event in found] == [True]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("trainer.test(net, test)", "test"),
        ("trainer.test(net, dataloaders=test)", "test"),
        ("trainer.validate(net, train)", "train"),
    ],
)
def test_measuring_is_in_evaluation_mode(text: str, origins: str) -> None:
    found = [event for event in followed(text) if isinstance(event, Forward)]
    assert [(event.training, event.gradients, event.origins) for event in found] == [
        (False, False, frozenset({origins}))
    ]


def test_validation_after_each_epoch() -> None:
    found = [event for event in followed("trainer.fit(net, train, test)") if isinstance(event, LossComputed)]
    assert [event.origins for event in found] == [frozenset({"train"}), frozenset({"test"})] * 2


def test_loaders_of_the_network_and_of_a_module() -> None:
    module = """
class Data(pl.LightningDataModule):
    def setup(self, stage=None):
        self.train = datasets.MNIST("d")
    def train_dataloader(self): return DataLoader(self.train, batch_size=16)
    def val_dataloader(self): return test
trainer.fit(net, datamodule=Data())
"""
    loaders = {event.loops[-1].loader.batch_size.value for event in followed(module) if isinstance(event, Backward)}  # type: ignore[union-attr]
    assert loaders == {16}


@pytest.mark.parametrize(
    "text",
    [
        "trainer.fit()",
        "trainer.fit(5)",
        "trainer.test()",
        "trainer.fit(net)",
        "trainer.fit(net, 5)",
        "pl.seed_everything()",
        "trainer.x()",
    ],
)
def test_impossible_calls_never_crash(text: str) -> None:
    assert trace(HEAD + text).stopped == ""
