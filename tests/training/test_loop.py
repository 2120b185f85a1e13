"""Training one network: against a plain reference, and against what the report says of it."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save
from torch import Tensor, nn

from reportgen.assignment.layers import AnyLayer, Conv2d
from reportgen.assignment.plan import PlannedExperiment
from reportgen.errors import TrainingError
from reportgen.results.schema import EpochRecord
from reportgen.training.batches import Labelled, normalize, split
from reportgen.training.engines import plain
from reportgen.training.engines.engine import Engine, Epoch, Network
from reportgen.training.images import Images
from reportgen.training.loop import Trained, evaluate, experiment_seed, train
from reportgen.training.modules import build_model
from reportgen.training.optimizers import build_optimizer, gather
from tests.tiny import AFFINE, PLAIN, RICH, STOPPING, planned


def same(left: Trained, right: Trained) -> bool:
    """Bitwise equal weights."""
    return all(torch.equal(value, right.state[name]) for name, value in left.state.items())


def timeless(history: tuple[EpochRecord, ...]) -> list[EpochRecord]:
    """A history without what the clock said."""
    return [record.model_copy(update={"seconds": None}) for record in history]


def network(engine: Engine, experiment: PlannedExperiment, model: nn.Sequential) -> Network:
    layers = experiment.count((1, 28, 28)).layers
    return engine.network(model[:-1], [layer.output_shape for layer in layers[:-1]])


def ignore(_: float) -> None:
    pass


def prepare(images: Tensor) -> Tensor:
    return normalize(images, 0.2, 0.3)


@pytest.mark.parametrize(
    ("layers", "name", "reference_optimizer"),
    [(PLAIN, "adam", torch.optim.Adam), ((*RICH[:4], *RICH[5:]), "sgd", torch.optim.SGD)],
    ids=["plain-adam", "normalized-sgd"],
)
def test_one_epoch_equals_a_plain_loop_in_torch(
    tiny: Images,
    engine: Engine,
    layers: tuple[AnyLayer, ...],
    name: str,
    reference_optimizer: Callable[..., torch.optim.Optimizer],
) -> None:
    experiment = planned(layers, optimizer={"name": name, "learning_rate": 0.01})
    torch.manual_seed(1)
    ours, reference = build_model(experiment.layers), build_model(experiment.layers)
    reference.load_state_dict(ours.state_dict())
    labels = torch.from_numpy(tiny.train_labels)
    everything = Labelled(torch.from_numpy(tiny.train_images), labels)
    batches = [everything.pick(torch.arange(start, start + 50)) for start in (0, 50, 100)]

    optimizer = build_optimizer(gather(ours), experiment.training)
    epoch = Epoch(optimizer, everything, 50, [0.01] * 3, prepare, 0)
    loss, accuracy = network(engine, experiment, ours).train_epoch(epoch, ignore)

    plain = reference_optimizer(reference.parameters(), lr=0.01)
    reference.train()
    losses, correct = [], 0
    for batch in batches:
        logits = reference[:-1]((batch.images / 255.0 - 0.2) / 0.3)
        step_loss = nn.CrossEntropyLoss()(logits, batch.labels)
        plain.zero_grad()
        step_loss.backward()
        plain.step()
        losses.append(step_loss.item())
        correct += int((logits.argmax(1) == batch.labels).sum())

    assert loss == pytest.approx(sum(losses) / 3, abs=1e-5)
    assert accuracy == correct / 150
    for mine, theirs in zip(ours.parameters(), reference.parameters(), strict=True):
        assert mine.grad is not None
        assert theirs.grad is not None
        assert torch.allclose(mine.grad, theirs.grad, atol=1e-5)
        assert torch.allclose(mine, theirs, atol=1e-5)
    buffers = dict(reference.named_buffers())
    assert all(torch.allclose(value, buffers[key], atol=1e-5) for key, value in ours.named_buffers())


def test_batches_of_different_size_weigh_by_their_images(tiny: Images, engine: Engine) -> None:
    model = build_model(planned().layers)
    labels = torch.from_numpy(tiny.train_labels)
    everything = Labelled(torch.from_numpy(tiny.train_images), labels)
    still = torch.optim.SGD([gather(model)], lr=0.0)
    trained = network(engine, planned(), model)
    loss, accuracy = trained.train_epoch(Epoch(still, everything, 149, [0.0, 0.0], prepare, 0), ignore)
    whole = evaluate(trained, everything, prepare)
    assert loss == pytest.approx(whole.loss, rel=1e-5)
    assert accuracy == whole.accuracy


def test_the_same_seed_gives_the_same_weights_bitwise_and_another_seed_others(tiny: Images, engine: Engine) -> None:
    experiment = planned(
        RICH, augmentation=[AFFINE], schedule={"name": "one-cycle", "max_learning_rate": 0.01}, **STOPPING
    )
    first, again, other = (train(experiment, tiny, seed, engine=engine) for seed in (5, 5, 6))
    assert same(first, again)
    assert timeless(first.history) == timeless(again.history)
    assert np.array_equal(first.probabilities, again.probabilities)
    assert not same(first, other)


def test_random_numbers_drawn_before_a_training_do_not_change_it(tiny: Images) -> None:
    first = train(planned(RICH), tiny, 5)
    torch.rand(7)
    assert same(first, train(planned(RICH), tiny, 5))


def test_a_shorter_training_is_the_beginning_of_a_longer_one(tiny: Images) -> None:
    short, long = (train(planned(RICH, epochs=epochs), tiny, 5) for epochs in (1, 3))
    assert timeless(long.history[:1]) == timeless(short.history)


@pytest.mark.parametrize("stopping", [{}, STOPPING])
def test_the_test_set_chooses_nothing(tiny: Images, stopping: dict[str, Any]) -> None:
    experiment = planned(RICH, epochs=4, **stopping)
    shifted = replace(tiny, test_labels=(tiny.test_labels + 1) % 10, test_images=255 - tiny.test_images)
    left, right = train(experiment, tiny, 5), train(experiment, shifted, 5)
    assert same(left, right)
    assert left.chosen_epoch == right.chosen_epoch
    assert left.history[-1].test_loss != right.history[-1].test_loss


def test_early_stopping_keeps_the_epoch_with_the_lowest_validation_loss(tiny: Images) -> None:
    experiment = planned(RICH, epochs=40, optimizer={"name": "adam", "learning_rate": 0.1}, **STOPPING)
    trained = train(experiment, tiny, 5)
    losses = [record.validation_loss or math.inf for record in trained.history]
    assert trained.stopped_early
    assert trained.chosen_epoch == 1 + losses.index(min(losses))
    assert len(trained.history) == trained.chosen_epoch + 2
    assert trained.steps == len(trained.history) * math.ceil(110 / 16)

    model = build_model(experiment.layers)
    model.load_state_dict(trained.state)
    validation = split(experiment, tiny, 5).validation
    kept = evaluate(
        network(plain.PLAIN, experiment, model), validation, lambda images: normalize(images, tiny.mean, tiny.std)
    )
    assert kept.loss == pytest.approx(min(losses), rel=1e-5)
    with torch.inference_mode():
        probabilities = model.eval()(normalize(torch.from_numpy(tiny.test_images), tiny.mean, tiny.std))
    assert np.allclose(probabilities.numpy(), trained.probabilities, atol=1e-6)
    assert trained.test_loss == trained.history[trained.chosen_epoch - 1].test_loss


def test_without_a_validation_set_the_last_epoch_is_kept(tiny: Images) -> None:
    trained = train(planned(epochs=3), tiny, 5)
    assert (trained.chosen_epoch, trained.stopped_early, len(trained.history)) == (3, False, 3)
    assert all(record.validation_loss is None and record.validation_accuracy is None for record in trained.history)
    assert (trained.train_total, trained.steps) == (150, 30)


def test_a_training_that_diverges_is_an_error_that_says_what_to_do(tiny: Images, engine: Engine) -> None:
    experiment = planned(RICH, optimizer={"name": "sgd", "learning_rate": 1e30})
    with pytest.raises(TrainingError, match=r"tiny diverged in epoch 1: the \w+ loss is (nan|inf).*Lower the learning"):
        train(experiment, tiny, 5, engine=engine)


def test_a_test_loss_that_is_not_finite_is_an_error_too(tiny: Images) -> None:
    one_step = planned(batch_size=150, epochs=1, optimizer={"name": "sgd", "learning_rate": 1e38})
    with pytest.raises(TrainingError, match=r"tiny diverged in epoch 1: the test loss is (nan|inf)"):
        train(one_step, tiny, 5)


def test_the_history_gives_the_learning_rate_of_an_epochs_last_step(tiny: Images) -> None:
    trained = train(planned(epochs=3, schedule={"name": "step", "epochs": 1, "factor": 0.5}), tiny, 5)
    assert [record.learning_rate for record in trained.history] == pytest.approx([1e-3, 5e-4, 2.5e-4])


def test_frozen_parameters_are_not_given_to_the_optimizer_and_do_not_move(tiny: Images, engine: Engine) -> None:
    frozen = (Conv2d(out_channels=4, kernel_size=(5, 5), stride=(4, 4), frozen=True), *RICH[1:])
    trained = train(planned(frozen), tiny, 5, engine=engine)
    torch.manual_seed(5)
    start = build_model(planned(frozen).layers).state_dict()
    assert torch.equal(trained.state["0.weight"], start["0.weight"])
    assert not torch.equal(trained.state["5.weight"], start["5.weight"])


def test_the_images_of_a_data_set_are_not_altered(tiny: Images) -> None:
    before = tiny.train_images.copy(), tiny.test_images.copy()
    train(planned(RICH, augmentation=[AFFINE]), tiny, 5)
    assert np.array_equal(tiny.train_images, before[0])
    assert np.array_equal(tiny.test_images, before[1])


def test_the_kept_state_holds_running_statistics_and_predicts_the_same_after_saving(
    tiny: Images, engine: Engine
) -> None:
    experiment = planned(RICH)
    trained = train(experiment, tiny, 5, engine=engine)
    assert {"1.running_mean", "1.running_var", "1.num_batches_tracked"} <= set(trained.state)
    assert trained.state["1.num_batches_tracked"].item() == trained.steps == 20

    model = build_model(experiment.layers).eval()
    model.load_state_dict(load(save(trained.state)))
    with torch.inference_mode():
        probabilities = model(normalize(torch.from_numpy(tiny.test_images), tiny.mean, tiny.std))
    assert np.allclose(probabilities.numpy(), trained.probabilities, atol=1e-6)
    assert np.array_equal(probabilities.argmax(1).numpy(), trained.probabilities.argmax(1))


def test_the_figures_of_the_kept_weights_fit_the_last_record(tiny: Images) -> None:
    records: list[EpochRecord] = []
    trained = train(planned(epochs=2), tiny, 5, on_epoch=records.append)
    assert tuple(records) == trained.history
    assert trained.probabilities.sum(1) == pytest.approx(np.ones(60), abs=1e-5)
    last = trained.history[-1]
    assert last.test_loss == trained.test_loss
    assert last.test_accuracy == (trained.probabilities.argmax(1) == tiny.test_labels).mean()
    assert last.epoch == 2


def test_experiments_have_seeds_of_their_own_that_fit_torch() -> None:
    seeds = {experiment_seed(seed, name) for seed in (0, 1) for name in ("experiment-1", "experiment-2", "bonus")}
    assert len(seeds) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert experiment_seed(0, "bonus") == experiment_seed(0, "bonus")
