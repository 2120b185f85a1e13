"""Short reports judged beside short programs."""

from reportgen.documents.blocks import DocumentKind
from reportgen.documents.reading import parse_document
from reportgen.verification.facts.code import Code
from reportgen.verification.facts.code_reading import read_code
from reportgen.verification.judge import judge
from reportgen.verification.ledger import Claim, Ledger, Source

TRAINING = """
import torch
from torch import nn, optim
from torch.utils.data import DataLoader

BATCH_SIZE = 64
EPOCHS = 12
LEARNING_RATE = 0.01
torch.manual_seed(7)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 8, 3)
        self.drop = nn.Dropout(0.25)
        self.out = nn.Linear(8 * 26 * 26, 10)

    def forward(self, x):
        return self.out(self.drop(torch.relu(self.conv(x))).flatten(1))


def train(loader):
    model = Net()
    optimizer = optim.SGD(model.parameters(), lr=LEARNING_RATE, momentum=0.9, weight_decay=5e-4)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(EPOCHS):
        for images, labels in loader:
            optimizer.zero_grad()
            criterion(model(images), labels).backward()
            optimizer.step()


train(DataLoader(data, batch_size=BATCH_SIZE))
"""
"""54,170 parameters: 8 · 9 + 8 and 5408 · 10 + 10."""


def code(**files: str) -> Code:
    """A program of files, their names with ``_`` for the point before the ending."""
    return read_code({".".join(name.rsplit("_", 1)): text.encode() for name, text in files.items()})


def beside(text: str, program: Code, kind: DocumentKind = "markdown") -> Ledger:
    """Judge a text beside a program, without an assignment."""
    content = text.encode()
    return judge(parse_document(content, "report.md", kind), None, None, content, code=program)


def by_code(ledger: Ledger) -> list[Claim]:
    """The claims that were held against the code."""
    return [claim for claim in ledger.claims if claim.fact is not None and claim.fact.source is Source.CODE]
