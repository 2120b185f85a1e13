"""Trained weights evaluated anew on the test set, to hold a report's predictions against."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load

from reportgen.assignment.plan import PlannedExperiment
from reportgen.errors import UnreadableError
from reportgen.training.batches import Labelled, normalize
from reportgen.training.engines.plain import PlainNetwork
from reportgen.training.images import Images, group
from reportgen.training.loop import evaluate
from reportgen.training.modules import build_model, logits_of


@dataclass(frozen=True)
class Reevaluation:
    """What a network answers for each test image."""

    logits: NDArray[np.float32]
    """(N, K)"""
    loss: float
    """Mean cross-entropy, nats."""

    def allows(self, predictions: tuple[int, ...], margin: float = 1e-3) -> NDArray[np.bool_]:
        """Tell of each prediction whether it is the likeliest class, or within ``margin`` of it; (N,).

        The margin is for other processors, on which sums of floating-point numbers end in other last bits.
        """
        chosen = self.logits[np.arange(len(predictions)), np.array(predictions)]
        answer: NDArray[np.bool_] = chosen >= self.logits.max(1) - margin
        return answer


def reevaluate(experiment: PlannedExperiment, content: bytes, images: Images, source: str) -> Reevaluation:
    """Evaluate the weights of a safetensors file on the test set.

    Raises:
        UnreadableError: it is no such file, or its tensors are not those of the experiment's network;
            ``source`` names it.
    """
    try:
        state = load(content)
    except (SafetensorError, ValueError, KeyError) as error:
        raise UnreadableError(f"cannot read {source}: it is no safetensors file ({error}).") from None
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        model = build_model(experiment.layers)
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in state.items()}
    if expected != found:
        wrong = next(name for name in [*expected, *found] if expected.get(name) != found.get(name))
        raise UnreadableError(
            f"{source} does not hold the network of {experiment.id}: {wrong} should be {expected.get(wrong, 'absent')} "
            f"and is {found.get(wrong, 'absent')}. Give the folder of weights that belongs to the report."
        )
    model.load_state_dict(state, assign=True)
    labels = torch.from_numpy(group(images.test_labels, experiment.label_to_class))
    evaluated = evaluate(
        PlainNetwork(logits_of(model.to(memory_format=torch.channels_last))),
        Labelled(torch.tensor(images.test_images), labels),
        partial(normalize, mean=images.mean, std=images.std),
    )
    return Reevaluation(evaluated.logits.numpy(), evaluated.loss)
