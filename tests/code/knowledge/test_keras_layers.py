"""The layers of a model of Keras, in its own order and by name, and what is frozen among them."""

import pytest

from reportgen.code.networks import count
from tests.coded import trace

_LAYERS = "from keras import Model, Sequential, Input, layers\nfrom keras.layers import *\n"
_FROZEN = "net.layers[1].trainable = False"


@pytest.mark.parametrize(
    ("text", "parameters", "trainable"),
    [
        ("net = Sequential([Input((5,)), Dense(4), BatchNormalization(), Dense(2)])\nfor each in net.layers:\n"
         "    each.trainable = not isinstance(each, BatchNormalization)", 42, 34),
        ("net = Sequential([Input((5,)), Dense(4, activation='relu'), Dense(2)])\nfor each in net.layers:\n"
         "    if isinstance(each, Dense): each.trainable = False", 34, 0),
        (f"net = Sequential([Input((5,)), Dense(4), Dense(2)])\n{_FROZEN}", 34, 24),
        (f"net = Sequential([InputLayer(shape=(5,)), Dense(4), Dense(2)])\n{_FROZEN}", 34, 24),
        (f"i = Input((5,))\nnet = Model(i, Dense(2)(Dense(4, activation='relu')(i)))\n{_FROZEN}", 34, 10),
        (f"i = Input((5,))\nx = Dense(4)(i)\nnet = Model(i, Dense(2)(add([x, Dense(4)(i)])))\n{_FROZEN}", 58, None),
        ("i = Input((5,))\nx = Dense(4)(i)\nnet = Model(i, Dense(2)(add([x, Dense(4)(i)])))\n"
         "for each in net.layers: each.trainable = False", 58, 0),
        ("i = Input((5,))\nx = Dense(4)(i)\nnet = Model(i, Dense(2)(add([x, Dense(4)(i)])))\n"
         "for each in net.layers[:-1]: each.trainable = False", 58, None),
        (f"part = Sequential([Input((5,)), Dense(4), Dense(3)])\ni = Input((5,))\n"
         f"net = Model(i, Dense(2)(part(i)))\n{_FROZEN}", 47, 8),
        ("part = Sequential([Input((5,)), Dense(4), Dense(3)])\ni = Input((5,))\n"
         "net = Model(i, Dense(2)(part(i)))\nnet.get_layer(index=1).trainable = False", 47, 8),
        ("net = Sequential([Input((5,)), Dense(4), Dense(2)])\nnet.get_layer('dense').trainable = False", 34, None),
        ("net = Sequential([Input((5,)), Dense(4, 'relu', name='a'), Dense(2)])\n"
         "net.get_layer('a').trainable = False", 34, 10),
        ("class Net(Model):\n    def __init__(self):\n        super().__init__()\n        self.parts = []\n"
         "        self.parts += [Dense(4), Dense(2)]\n    def call(self, x):\n"
         "        for part in self.parts:\n            x = part(x)\n        return x\n"
         "net = Net()\nnet.build((None, 5))", None, None),
        ("class Net(Model):\n    def __init__(self):\n        i = Input((4,))\n"
         "        super().__init__(inputs=i, outputs=Dense(3)(i))\nnet = Net()", 15, 15),
        ("net = Sequential([Input((4, 4)), Flatten(), Normalization(), Dense(3)])", 51, 51),
    ],
)  # fmt: skip
def test_layers_of_a_model_by_their_order_and_class(text: str, parameters: int | None, trainable: int | None) -> None:
    found = trace(_LAYERS + text)
    counted = count(found.networks[-1], found.opened)
    assert (counted.parameters, counted.trainable) == (parameters, trainable)


def test_state_that_a_normalization_learns() -> None:
    found = trace(_LAYERS + "net = Sequential([Input((4, 4)), Flatten(), Normalization(), Dense(3)])")
    assert count(found.networks[-1]).buffers == 2 * 16 + 1


def test_models_of_several_inputs_and_outputs_in_a_row() -> None:
    text = """
i = Input((6,))
h = Dense(4)(i)
first = Model(inputs=i, outputs=[Dense(3)(h), Dense(2)(h)])
a, b = Input((3,)), Input((2,))
second = Model(inputs=[a, b], outputs=Dense(6)(Concatenate()([a, b])))
i = Input((6,))
y, z = first(i)
whole = Model(inputs=i, outputs=second([y, z]))
part = Model(inputs=i, outputs=second([y, build(z)]))
"""
    found = trace(_LAYERS + text)
    *_, whole, part = [count(one, found.opened).parameters for one in found.networks]
    assert (whole, part) == ((6 * 4 + 4) + (4 * 3 + 3) + (4 * 2 + 2) + (5 * 6 + 6), None)
