import pytest

from tests.inspection import keras, rules, torch

LAST, LOSS = "nn.Linear(32, 10)", "nn.CrossEntropyLoss()"


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ((), set()),
        ((("lr=0.001", "lr=3.0"),), {"learning-rate"}),
        ((("lr=0.001", "lr=1e-9"),), {"learning-rate"}),
        ((("lr=0.001", "lr=rate()"),), set()),
        ((("torch.optim.Adam(net.parameters(), lr=0.001)", "torch.optim.SGD(net.parameters(), lr=0.5)"),), set()),
        ((("batch_size=64, shuffle=True", "batch_size=64"),), {"shuffle"}),
        ((("batch_size=64, shuffle=True", "batch_size=64, shuffle=wanted()"),), set()),
        ((("batch_size=64, shuffle=True", "batch_size=64, sampler=drawn(train)"),), set()),
        ((("        optimizer.step()\n", ""),), {"optimizer-step"}),
        ((("        loss.backward()\n", ""),), {"optimizer-step"}),
        ((("optimizer.zero_grad()", "pass"),), {"gradients-reset"}),
        ((("        optimizer.step()\n", "        if epoch > never: optimizer.step()\n"),), set()),
        ((("DataLoader(train,", "DataLoader(test,"),), {"data-split"}),
    ],
)
def test_how_weights_are_changed(changes: tuple[tuple[str, str], ...], found: set[str]) -> None:
    assert rules(torch(LAST, LOSS, changes=changes)) == found


def test_an_optimizer_of_another_network() -> None:
    other = (("optimizer = torch.optim.Adam(net.", "other = nn.Linear(2, 2)\noptimizer = torch.optim.Adam(other."),)
    # what the other optimizer resets are not this network's gradients
    assert rules(torch(LAST, LOSS, changes=other)) == {"optimizer-step", "gradients-reset"}


@pytest.mark.parametrize(
    ("layers", "loss", "metrics", "found"),
    [
        ("layers.Dense(1)", "'mse'", "['accuracy']", {"metric"}),
        ("layers.Dense(1)", "'mse'", "['mae']", set()),
        ('layers.Dense(1, activation="sigmoid")', "'binary_crossentropy'", "['accuracy']", set()),
        ("layers.Dense(3)", "'mse'", "['accuracy']", set()),
    ],
)
def test_a_metric_of_numbers(layers: str, loss: str, metrics: str, found: set[str]) -> None:
    assert rules(keras(layers, loss, metrics=metrics)) == found


def test_a_network_that_is_measured_and_never_trained() -> None:
    text = keras('layers.Dense(1, activation="sigmoid")', "'binary_crossentropy'")
    assert rules(text.replace("model.fit(x, y, epochs=5)", "model.evaluate(x, y)")) == {"never-trained"}
    assert not rules(text.replace("model.fit(x, y, epochs=5)", "model.load_weights('w')\nmodel.evaluate(x, y)"))
