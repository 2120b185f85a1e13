"""Faults of practice: each with the program that has it, and right ones that look like it and stay without remark."""

import pytest

from tests.inspection import rules, torch

LOSS = "nn.CrossEntropyLoss()"
_STEP = """        loss.backward()
        optimizer.step()
"""
_MIXED = """        if mixed:
            scaler.scale(loss).backward()
            scaler.step(optimizer)
        else:
            loss.backward()
            optimizer.step()
"""
_SCALER = """scaler = torch.cuda.amp.GradScaler()
mixed = torch.cuda.is_available()
for epoch in range(4):
    net.train()
"""
_EPOCHS = "for epoch in range(4):\n    net.train()\n"


def test_gradients_of_two_ways_are_those_of_one() -> None:
    changes = ((_EPOCHS, _SCALER), (_STEP, _MIXED))
    assert not rules(torch("nn.Linear(32, 10)", LOSS, changes=changes))


def test_gradients_that_no_way_resets() -> None:
    changes = ((_EPOCHS, _SCALER), (_STEP, _MIXED), ("        optimizer.zero_grad()\n", ""))
    assert rules(torch("nn.Linear(32, 10)", LOSS, changes=changes)) == {"gradients-reset"}


_LEFT = """def step(loss):
    if mixed:
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        return
    loss.backward()
    optimizer.step()
"""


def test_gradients_of_a_way_that_returns() -> None:
    changes = ((_EPOCHS, _LEFT + _SCALER), (_STEP, "        step(loss)\n"))
    assert not rules(torch("nn.Linear(32, 10)", LOSS, changes=changes))


@pytest.mark.parametrize(("size", "wrong"), [("", False), (", batch_size=1", False), (", batch_size=64", True)])
@pytest.mark.parametrize("test_set", ["test", "torch.utils.data.TensorDataset(*torch.load('set.pt'))"])
def test_batches_of_one_image_are_as_many_as_images(test_set: str, size: str, wrong: bool) -> None:
    changes = (
        ("DataLoader(test, batch_size=64)", f"DataLoader({test_set}{size})"),
        ("    net.eval()", "    right = 0\n    net.eval()"),
        ("right = (", "right += ("),
        ("labels).sum()", "labels).sum().item()\n    share = right / len(test_loader)"),
    )
    assert rules(torch("nn.Linear(32, 10)", LOSS, changes=changes)) == ({"wrong-divisor"} if wrong else set())


_MEASURE = """
def measure(loader):
    test_loss = 0
    net.eval()
    with torch.no_grad():
        for images, labels in loader:
            test_loss += loss_function(net(images), labels).item()
    return test_loss
"""


@pytest.mark.parametrize(
    ("sets", "wrong"), [("measure(train_loader), measure(test_loader)", False), ("measure(train_loader)", True)]
)
def test_a_function_that_measures_several_sets(sets: str, wrong: bool) -> None:
    program = torch("nn.Linear(32, 10)", LOSS) + _MEASURE + sets
    assert rules(program) == ({"wrong-set-measured"} if wrong else set())


_SCHEDULES = """
def made():
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, 2)
optimizer, schedule = made()
net.train()
{replaced}
for epoch in range(4):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss_function(net(images), labels).backward()
        optimizer.step()
"""


@pytest.mark.parametrize(
    ("replaced", "stepped", "unused"),
    [
        ("schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3)", "    schedule.step()", False),
        ("schedule = torch.optim.lr_scheduler.StepLR(optimizer, 3)", "", True),
        ("", "", True),
    ],
)
def test_a_schedule_in_the_place_of_another(replaced: str, stepped: str, unused: bool) -> None:
    program = torch("nn.Linear(32, 10)", LOSS) + _SCHEDULES.format(replaced=replaced) + stepped
    assert rules(program) == ({"unused-schedule"} if unused else set())


_ATTENTION = """
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.ask = nn.Linear(784, 16)
        self.hold = nn.Linear(784, 16)
        self.last = nn.Linear(16, 10)
    def forward(self, x):
        x = x.flatten(1)
        query, held = self.ask(x).unsqueeze(1), self.hold(x).unsqueeze(1)
{way}
        return self.last(torch.relu(out.squeeze(1)))
net = Attention()
loss_function = """


@pytest.mark.parametrize(
    ("way", "unused"),
    [
        ("out = torch.bmm(torch.softmax(torch.bmm(query, held.transpose(1, 2)), -1), held)", False),
        ("score = torch.bmm(query, held.transpose(1, 2)); out = score.masked_fill(score == 0, -9.0) * held", False),
        ("out = held.masked_fill(query > 0, 0.0)", False),
        ("out = torch.einsum('bij,bij->bij', query, held)", False),
        ("out = torch.cat([query * 0.5, held], 1).mean(1, keepdim=True)", False),
        ("out = held.lerp(query, 0.5)", False),
        ("out = held", True),
    ],
)
def test_ways_that_are_not_followed_may_use_a_layer(way: str, unused: bool) -> None:
    program = torch("nn.Linear(32, 10)", LOSS, changes=(("loss_function = ", _ATTENTION.format(way=" " * 8 + way)),))
    assert rules(program) == ({"unused-layer"} if unused else set())


_HEADS = """
from tensorflow import keras
from tensorflow.keras import layers
def build(count):
    given = keras.Input((28, 28, 1))
    wide = layers.Flatten()(given)
    heads = [layers.Dense(10, activation="softmax", name=f"head{{at}}")(wide) for at in range(count)]
    {more}
    return keras.Model(given, {outputs})
(x, y), (tx, ty) = keras.datasets.mnist.load_data()
model = build(3)
model.compile("adam", ["sparse_categorical_crossentropy"] * 3)
model.fit(x, [y, y, y], epochs=2)
"""


@pytest.mark.parametrize(
    ("outputs", "more", "unused"),
    [("[*heads]", "", False), ("heads", "", False), ("heads", "layers.Dense(5)(wide)", True)],
)
def test_a_model_of_several_heads(outputs: str, more: str, unused: bool) -> None:
    assert rules(_HEADS.format(outputs=outputs, more=more)) == ({"unused-layer"} if unused else set())
