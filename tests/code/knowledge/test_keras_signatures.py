"""Programs of Keras 1, and programs of today that look like them."""

import pytest

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_source

_HEAD = """
from {keras}.models import Sequential, Model
from {keras}.layers import *
from {keras} import backend as K
net = Sequential()
"""


def counted(text: str, keras: str = "keras") -> int | None:
    trace = follow(read_source((_HEAD.format(keras=keras) + text).encode(), "net.py"))
    return count(networks_of(trace)[-1], trace.opened).parameters


_FIRST = "net.add(Conv2D(8, 3, 3, {}input_shape=(28, 28, 1)))\nnet.add(Flatten())\nnet.add(Dense(10))"
_VALID = 8 * 9 + 8 + 26 * 26 * 8 * 10 + 10
_STRIDED = 8 * 9 + 8 + 9 * 9 * 8 * 10 + 10


@pytest.mark.parametrize(
    ("more", "keras", "parameters"),
    [
        ("border_mode='valid', ", "keras", _VALID),
        ("border_mode='same', ", "keras", 8 * 9 + 8 + 28 * 28 * 8 * 10 + 10),
        ("subsample=(3, 3), ", "keras", _STRIDED),
        ("activation='relu', ", "keras", None),  # of Keras 1 or of Keras 3: a kernel, or a stride
        ("padding='valid', ", "keras", None),
        ("activation='relu', ", "tensorflow.keras", _STRIDED),  # which never took the old order
    ],
)
@pytest.mark.parametrize("name", ["Conv2D", "Convolution2D"])
def test_three_numbers_of_a_convolution(name: str, more: str, keras: str, parameters: int | None) -> None:
    assert counted(_FIRST.format(more).replace("Conv2D", name), keras) == parameters


@pytest.mark.parametrize("other", ["net.fit(x, y, nb_epoch=3)", "K.set_image_dim_ordering('tf')"])
def test_one_old_word_tells_of_all_calls(other: str) -> None:
    assert counted(f"{_FIRST.format('')}\n{other}") == _VALID


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [
        ("Dense(output_dim=6, init='uniform', activation='relu', input_dim=11), Dense(6, 'uniform')", 11 * 6 + 6 + 42),
        ("Dense(5, input_dim=4, bias=False, W_regularizer=None)", 20),
        ("Convolution1D(nb_filter=3, filter_length=5, input_shape=(9, 2), border_mode='same')", 3 * 5 * 2 + 3),
        ("Convolution1D(3, 5, 'uniform', 'relu', input_shape=(9, 2), border_mode='same')", 3 * 5 * 2 + 3),
        ("Embedding(50, 4, input_length=7), LSTM(output_dim=3, inner_activation='sigmoid')", 200 + 4 * 3 * (4 + 3 + 1)),
        ("GRU(3, input_shape=(7, 4), inner_activation='sigmoid')", 3 * 3 * (4 + 3 + 1)),
        ("Convolution2D(4, 3, 2, border_mode='same', input_shape=(8, 8, 3)), MaxPooling2D((2, 2), border_mode='same'),"
         " Flatten(), Dense(2)", 4 * 3 * 6 + 4 + 4 * 4 * 4 * 2 + 2),
        ("Convolution2D(4, 3, 3, 'uniform', 'relu', border_mode='valid', dim_ordering='th', input_shape=(3, 8, 8)),"
         " MaxPooling2D((2, 2), dim_ordering='th'), Flatten(), Dense(2)", 4 * 27 + 4 + 4 * 9 * 2 + 2),
        ("Convolution2D(4, (3, 3), border_mode='valid', input_shape=(8, 8, 3))", 4 * 27 + 4),
        # where the channels stand hangs on a file of the one who runs it
        ("Convolution2D(4, 3, 3, border_mode='valid', input_shape=(3, 8, 8))", None),
        ("BatchNormalization(1e-5, 0, -1, input_shape=(7,)), Dropout(p=0.5), Dense(2, init='uniform'), "
         "Dense(2, W_constraint=None)", 14 + 16 + 6),
    ],
)  # fmt: skip
def test_words_of_keras_1(layers: str, parameters: int | None) -> None:
    assert counted(f"for each in [{layers}]:\n    net.add(each)") == parameters


@pytest.mark.parametrize(("mode", "parameters"), [("concat", 4 * 3 + 3 + 15 + 7 * 2), ("sum", 4 * 3 + 3 + 15 + 8)])
def test_a_merge_of_keras_1(mode: str, parameters: int) -> None:
    width = 3
    text = f"""
given = Input(shape=(4,))
one, other = Dense({width}, init='uniform')(given), Dense({width}, bias=True, W_regularizer=None)(given)
net = Model(input=given, output=Dense(2)(merge([one, other], mode='{mode}')))
"""
    assert counted(text) == {"concat": 30 + 7 * 2, "sum": 30 + 4 * 2}[mode]


@pytest.mark.parametrize(
    "text",
    [
        "K.set_image_data_format('channels_first')\n{net}",
        "shape = (3, 9, 8) if K.image_data_format() == 'channels_first' else (9, 8, 3)\n{last}",
        "if K.image_data_format() == 'channels_first':\n    shape = (3, 9, 8)\nelse:\n    shape = (9, 8, 3)\n{last}",
        "{each}",
    ],
)
@pytest.mark.parametrize("keras", ["keras", "tensorflow.keras"])
def test_where_the_channels_stand(text: str, keras: str) -> None:
    net = (
        "for one in [Conv2D(4, (3, 2), input_shape=({shape}){each}), BatchNormalization({axis}), "
        "AveragePooling2D(2{each}), UpSampling2D(2{each}), ZeroPadding2D(1{each}), DepthwiseConv2D(3{each}), "
        "Flatten(), Dense(5)]: net.add(one)"
    )
    first = net.format(shape="3, 9, 8", each="", axis="axis=1")
    each = net.format(shape="3, 9, 8", each=", data_format='channels_first'", axis="axis=1")
    last = net.format(shape="*shape,", each="", axis="")
    # 9·8 → 7·7 → 3·3 → 6·6 → 8·8 → 6·6
    wanted = 4 * 3 * 6 + 4 + 8 + 4 * 9 + 4 + 6 * 6 * 4 * 5 + 5
    assert counted(text.format(net=first, each=each, last=last), keras) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "K.set_image_data_format(order)\nnet.add(Conv2D(4, 3, input_shape=(3, 9, 8)))",
        "if order:\n    K.set_image_data_format('channels_first')\nnet.add(Conv2D(4, 3, input_shape=(3, 9, 8)))",
        "net.add(Conv2D(4, 3, input_shape=(3, 9, 8), data_format=order))",
    ],
)
def test_an_order_that_is_not_known(text: str) -> None:
    assert counted(f"order = input()\n{text}") is None
