"""The checks that a rubric can name, each with what it asks."""

from types import MappingProxyType

CHECKS = MappingProxyType(
    {
        "network": "the network in the code is the assignment's",
        "batch-size": "the batch size is the roll number's",
        "optimizer": "the optimizer is the assignment's",
        "loss": "the loss is cross-entropy",
        "epochs": "there are at least as many epochs as asked",
        "data-split": "training uses the training set, and the results are the test set's",
        "classes": "the classes are the assignment's",
        "curves": "accuracy and loss per epoch are plotted, for training and test",
        "confusion-matrix": "there is a confusion matrix of the test set, with the right classes",
        "accuracy": "the test accuracy is given and agrees with the confusion matrix",
        "layer-counts": "each layer's parameters are worked out and right",
        "total-parameters": "the total of trainable parameters is given and right",
        "non-trainable": "the number of non-trainable parameters is given and right",
        "techniques": "the techniques are applied in the code, with their result in the report",
        "content": "the report gives methods, results and observations",
        "assumptions": "assumptions are stated",
        "references": "resources and references are given",
        "colab-link": "the link of the Colab notebook is given",
        "files": "the files are those that the handout asks for",
        "agreement": "the report says what the code does",
        "softmax-before-loss": "the loss takes logits",
        "evaluation-mode": "the network is in evaluation mode when it is measured",
        "training-mode": "the network is in training mode whenever it is trained",
        "gradients-reset": "gradients are reset before each step",
        "unused-layer": "every layer that is built is used",
        "unused-schedule": "a learning-rate schedule that is built is stepped",
        "test-set-chooses": "the test set chooses nothing",
        "test-set-augmented": "the test images are not augmented",
        "mirrored-digits": "digits are not mirrored",
        "invented-curves": "curves are drawn from what was measured",
        "wrong-model-counted": "the network that is counted is the one that is trained",
        "wrong-set-measured": "a number is measured on the set that it is said to be of",
        "wrong-divisor": "an average is divided by the number of what was added up",
        "device-in-forward": "tensors made in forward stand on the device of the input",
        "foreign-statistics": "images are normalized with the training set's own statistics",
        "repeated-figure": "no figure stands for two results",
    }
)
"""What each check asks, by name."""
