"""Sizes and receptive fields beside a layer are held against its network."""

import pytest

from reportgen.verification.ledger import Quantity
from tests.stated import contradicted, verified

CODE = """# MNIST

```python
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 4, 3, padding=1)  # input 28x28 output {first} RF 3
        self.conv2 = nn.Conv2d(4, 8, 3, padding=1)  # RF {field}
        self.pool = nn.MaxPool2d(2, 2)  # input 28x28 output 14x14 RF 6
        self.conv3 = nn.Conv2d(8, 10, 3)  # input {given} output {made} RF 10

    def forward(self, x):
        x = self.pool(F.relu(self.conv2(F.relu(self.conv1(x)))))
        return self.conv3(x).mean((2, 3))
```

```
Layer        Output Shape      Param #     {head}
Conv2d-1     [-1, 4, 28, 28]   40          3
Conv2d-2     [-1, 8, 28, 28]   296         5
MaxPool2d-3  [-1, 8, 14, 14]   0           {pooled}
Conv2d-4     [-1, 10, 12, 12]  730         10
```
"""
RIGHT = {
    "first": "28x28", "field": "5", "given": "14x14", "made": "12x12", "pooled": "6", "head": "Receptive field"
}  # fmt: skip


def test_right_comments_are_verified() -> None:
    text = CODE.format(**RIGHT)
    assert not contradicted(text)
    assert len(verified(text, Quantity.RECEPTIVE_FIELD)) == 8


@pytest.mark.parametrize(
    ("place", "value", "wrong"),
    [
        ("first", "26x26", {"26": "28x28"}),
        ("field", "7", {"RF 7": "5", "7": "5"}),
        ("given", "16x16", {"16": "14x14"}),
        ("made", "14x14", {"14": "12x12"}),
        ("pooled", "10", {"10": "6"}),
    ],
)
def test_a_wrong_comment_is_found(place: str, value: str, wrong: dict[str, str]) -> None:
    found = contradicted(CODE.format(**{**RIGHT, place: value}))
    assert found
    assert set(found) <= set(wrong.items())


def test_a_column_without_its_head_claims_no_receptive_field() -> None:
    assert not contradicted(CODE.format(**{**RIGHT, "head": "Trainable", "pooled": "10"}))


def test_a_comment_about_another_size_of_image_is_not_accused() -> None:
    text = CODE.format(**RIGHT).split("```\nLayer")[0].replace("28x28", "32x32").replace("14x14", "16x16")
    assert not contradicted(text.replace("12x12", "14x14"))


def test_sizes_in_words_are_verified_by_the_code() -> None:
    text = CODE.format(**RIGHT) + "\nThe last layer has 10 filters, the first has 4 filters.\n"
    assert verified(text, Quantity.CHANNELS) == ["10", "4"]
