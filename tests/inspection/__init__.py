"""Programs for the tests of the inspection."""

from reportgen.code.source import read_program
from reportgen.inspection.reading import inspect_program
from reportgen.inspection.report import Inspection


def inspected(text: str, name: str = "net.py") -> Inspection:
    """What is told of a program of one file."""
    return inspect_program(read_program({name: text.encode()}))


def rules(text: str) -> set[str]:
    """The names of the rules that remark something."""
    return {remark.rule for remark in inspected(text).remarks}


def keras(layers: str, loss: str, *, optimizer: str = "'adam'", metrics: str = "['accuracy']") -> str:
    """A program of Keras that trains a sequential model on data that nothing is known of."""
    return f"""
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers
data = np.loadtxt("data.csv", delimiter=",")
x, y = data[:, :8], data[:, 8]
model = keras.Sequential([
    layers.Dense(16, activation="relu", input_shape=(8,)),
    {layers}
])
model.compile(optimizer={optimizer}, loss={loss}, metrics={metrics})
model.fit(x, y, epochs=5)
"""


def torch(layers: str, loss: str, *, changes: tuple[tuple[str, str], ...] = ()) -> str:
    """A program of torch that trains and measures a small network on Fashion-MNIST."""
    text = f"""
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
train = datasets.FashionMNIST("d", train=True, transform=transforms.ToTensor())
test = datasets.FashionMNIST("d", train=False, transform=transforms.ToTensor())
train_loader = DataLoader(train, batch_size=64, shuffle=True)
test_loader = DataLoader(test, batch_size=64)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 32), nn.ReLU(), {layers})
loss_function = {loss}
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(4):
    net.train()
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = loss_function(net(images), labels)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        for images, labels in test_loader:
            right = (net(images).argmax(1) == labels).sum()
"""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text
