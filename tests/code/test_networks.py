"""Networks counted from what is registered; what isn't modelled makes them lost; files as one program."""

import pytest

from benchmarks.code_truth import measure
from reportgen.code.networks import Network, count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_program

TORCH = "import os\nimport torch\nfrom torch import nn\nimport other\n"
NET = f"{TORCH}net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))\n"
KERAS = "from tensorflow import keras\nfrom tensorflow.keras import layers\n"


def networks(**files: str) -> list[Network]:
    """The networks of a program, by the names of its files with _ for the folder's mark."""
    named = {f"{name.replace('__', '/')}.py": text.encode() for name, text in files.items()}
    trace = follow(read_program(named))
    return [count(made, trace.opened) for made in networks_of(trace)]


def test_generated_programs_are_counted_as_torch_counts_them() -> None:
    told, wrong = measure(100, 15)
    assert not wrong
    assert told["right"] >= 95


@pytest.mark.parametrize(
    "change",
    [
        "other.change(net)",
        "exec('net[0] = 1')",
        "nn.Linear = other.Linear",
        "if os.path.exists('a'): net[0] = nn.Linear(3, 9)",
        "if os.path.exists('a'): del net[0]",
        "if os.path.exists('a'): net.append(nn.Linear(2, 2))",
        "net[0].register_forward_hook(print)",
        "setattr(net, input(), nn.Linear(1, 1))",
        "net[int(input())] = nn.Linear(1, 1)",
        "net._modules['0'] = nn.Linear(1, 1)",
        "net.apply(other.change)",
        "torch.nn.utils.parametrizations.weight_norm(net[0])",
    ],
)
def test_what_is_not_modelled_makes_a_network_lost_with_its_line(change: str) -> None:
    (found, *_) = networks(a=f"{NET}{change}\n")
    assert found.parameters is None
    assert found.lost.startswith("line 6:")


@pytest.mark.parametrize(
    "change",
    [
        "print(net)",
        "torch.save(net, 'a')",
        "net.to('cpu').train()",
        "os.environ.get('a')",
        "if os.path.exists('a'): net.load_state_dict(torch.load('a'))",
        "import wandb\nwandb.watch(net)",
        "if torch.cuda.is_available(): net = net.cuda()",
    ],
)
def test_what_only_reads_a_network_leaves_it_known(change: str) -> None:
    assert [found.parameters for found in networks(a=f"{NET}{change}\n")] == [26]


@pytest.mark.parametrize(
    ("layers", "wanted"),
    [
        ("keras.Input((28, 28, 1)), layers.Conv2D(8, 3), layers.Flatten(), layers.Dense(10)", 80 + 54_090),
        ("layers.Input((16, 16, 3)), layers.DepthwiseConv2D(3), layers.BatchNormalization()", 30 + 6),
        ("layers.Input((16, 16, 3)), layers.SeparableConv2D(4, 3)", 27 + 12 + 4),
        ("layers.Input((20,)), layers.Embedding(50, 8), layers.LSTM(6)", 400 + 360),
        ("layers.Input((5, 8)), layers.Bidirectional(layers.GRU(6)), layers.Dense(1)", 2 * 288 + 13),
        ("layers.Dense(4, input_dim=3, activation='relu'), layers.LayerNormalization()", 16 + 8),
        ("layers.Input((8, 8, 2)), layers.Conv2DTranspose(3, 2, strides=2), layers.GlobalAveragePooling2D()", 27),
    ],
)
def test_layers_of_keras(layers: str, wanted: int) -> None:
    assert [found.parameters for found in networks(a=f"{KERAS}net = keras.Sequential([{layers}])\n")] == [wanted]


def test_a_functional_model_with_a_residual_sum() -> None:
    text = f"""{KERAS}i = keras.Input((8, 8, 4))
x = layers.Conv2D(4, 3, padding="same")(i)
y = layers.Conv2D(4, 1)(i)
x = layers.Concatenate()([layers.Add()([x, y]), i])
net = keras.Model(i, layers.Dense(2)(layers.Flatten()(x)))
"""
    assert [found.parameters for found in networks(a=text)] == [148 + 20 + 8 * 8 * 8 * 2 + 2]


def test_files_that_import_each_other_are_one_program() -> None:
    found = networks(
        main="import models.net as n\nfrom config import WIDTH\nnet = n.Net(WIDTH)\n",
        config="WIDTH = 5\nif __name__ == '__main__':\n    WIDTH = 9\n",
        models__net="from torch import nn\nfrom .parts import head\nclass Net(nn.Module):\n    def __init__(self, w):\n"
        "        super().__init__()\n        self.a = nn.Linear(2, w)\n        self.b = head(w)\n",
        models__parts="from torch import nn\ndef head(w):\n    return nn.Linear(w, 1)\n",
    )
    assert [(one.name, one.parameters) for one in found] == [("Net", 15 + 6)]


def test_lines_are_those_of_their_files() -> None:
    program = read_program({"b.py": b"x = 1\ny = 2\n", "a.py": b"import b\n\nz = 3\n"})
    assert [source.name for source in program.started] == ["a.py"]
    assert [(program.place(line)[0].name, program.place(line)[1]) for line in (1, 3, 5, 6)] == [
        ("a.py", 1),
        ("a.py", 3),
        ("b.py", 1),
        ("b.py", 2),
    ]
