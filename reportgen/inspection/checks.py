"""What `inspect` looks for in any program, each with what is asked."""

from types import MappingProxyType

from reportgen.assignment.checks import CHECKS

_SHARED = (
    *("softmax-before-loss", "evaluation-mode", "training-mode", "gradients-reset", "unused-layer", "unused-schedule"),
    *("test-set-chooses", "test-set-augmented", "invented-curves", "wrong-set-measured", "wrong-divisor"),
    *("device-in-forward", "foreign-statistics", "data-split"),
)
"""The checks that rubrics name, too."""
RULES = MappingProxyType(
    {
        **{name: CHECKS[name] for name in _SHARED},
        "loss-and-outputs": "the loss fits the activation and the number of the outputs",
        "labels": "the labels have the form that the loss takes, and there is an output for each class",
        "unregistered-layer": "every layer is registered with its network",
        "frozen-layer": "a layer with random weights is trained",
        "sizes": "every layer takes the sizes that it is given",
        "missing-activation": "an activation stands between two layers with weights",
        "dropout-on-outputs": "dropout stands before the last layer",
        "saturating-activations": "gradients reach the first layers",
        "learning-rate": "the learning rate is a usual one for its optimizer",
        "shuffle": "training images come in random order",
        "metric": "the metric measures what is predicted",
        "optimizer-step": "gradients are computed, and the optimizer that holds the network's parameters steps",
        "never-trained": "a network is trained before it is measured",
    }
)
"""What each rule asks, by name."""
