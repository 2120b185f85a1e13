"""Write down the layers of the networks that Keras publishes by name, for the reader of code.

`KERAS_BACKEND=torch python benchmarks/keras_networks.py` builds each network of ``keras.applications`` on torch's
``meta`` device, where tensors have sizes and no memory, and writes
``reportgen/code/knowledge/keras_applications.json``. No weights are downloaded. Keras is no dependency of this project:
install it beside torch in an environment of its own.
"""

import contextlib
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

FILE = Path(__file__).resolve().parents[1] / "reportgen/code/knowledge/keras_applications.json"
NETWORKS = (
    *("DenseNet121", "DenseNet169", "DenseNet201", "EfficientNetB0", "EfficientNetB1", "EfficientNetB2"),
    *("EfficientNetB3", "EfficientNetB4", "EfficientNetV2B0", "EfficientNetV2S", "InceptionResNetV2", "InceptionV3"),
    *("MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small", "ResNet101", "ResNet101V2", "ResNet152"),
    *("ResNet152V2", "ResNet50", "ResNet50V2", "VGG16", "VGG19", "Xception"),
)
"""What courses use; NASNet can't be built with torch."""
CLASSES, OTHER = 1000, 1001
"""Two numbers of outputs: what differs between the networks built with them follows from the argument."""
ASKED = {"input_shape", "input_tensor", "include_top", "classes", "pooling"}
Build = Callable[..., Any]


def built(build: Build, **given: Any) -> Any:
    """A network without weights, its layers numbered from one."""
    keras.utils.clear_session(free_memory=False)
    with keras.device("meta"):
        return build(weights=None, **given)


def sizes_of(layer: Any) -> list[list[Any]]:
    """The tensors of a layer: name, sizes, whether it is trained."""
    first = f"{layer.name}/"
    return [[tensor.path.removeprefix(first), list(tensor.shape), tensor.trainable] for tensor in layer.weights]


def marked(name: str, one: list[list[Any]], other: list[list[Any]] | None) -> list[list[Any]]:
    """Tensors with a word in place of each size that differs in another network."""
    if other is None:
        return one
    return [
        [
            tensor,
            [
                size if size == varied or isinstance(size, str) else name
                for size, varied in zip(sizes, rest, strict=True)
            ],
            trained,
        ]
        for (tensor, sizes, trained), (_, rest, _) in zip(one, other, strict=True)
    ]


def variants(build: Build, side: int) -> list[tuple[str, dict[str, list[list[Any]]]]]:
    """The layers of the same network with other arguments, by what a size that differs follows from."""
    found = [("classes", built(build, classes=OTHER))]
    with contextlib.suppress(ValueError):  # where it normalizes three channels
        found.append(("channels", built(build, include_top=False, input_shape=(side, side, 1))))
    plain = built(build)
    if any(isinstance(layer, keras.layers.Flatten) for layer in plain.layers):
        found.append(("flat", built(build, input_shape=(side + 32, side + 32, 3))))
    return [(name, {layer.name: sizes_of(layer) for layer in network.layers}) for name, network in found]


def reach(build: Build, side: int) -> tuple[int, int]:
    """``a`` and ``b`` of the side of the last map, (side + a) // b, as all networks have it that halve their maps."""

    def after(given: int) -> int:
        return int(built(build, include_top=False, input_shape=(given, given, 3)).output_shape[1])

    last, by = after(side), 32
    low, high = side, side + by
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if after(middle) == last else (low, middle)
    add = (last + 1) * by - high
    assert all(after(given) == (given + add) // by for given in (side - 32, side + 1, high + 95))
    return add, by


def described(name: str, parts: dict[str, int]) -> dict[str, Any]:
    """What the file says of a network."""
    build = getattr(keras.applications, name)
    whole = built(build)
    side = whole.input_shape[1] or 224  # none where images of all sizes are taken
    others = variants(build, side)
    bare = built(build, include_top=False)
    body = {layer.name for layer in bare.layers}
    places = []
    for layer in whole.layers:
        tensors = sizes_of(layer)
        for what, by_layer in others:
            tensors = marked(what, tensors, by_layer.get(layer.name))
        part = [layer.name, type(layer).__name__, tensors, layer.name not in body]
        places.append(parts.setdefault(json.dumps(part), len(parts)))
    arguments = {key: parameter.default for key, parameter in inspect.signature(build).parameters.items()}
    print(f"{name}: {whole.count_params():,} parameters, without top {bare.count_params():,}", flush=True)
    add, by = reach(build, side)
    return {
        "arguments": {key: None if key in ASKED else value for key, value in arguments.items()},
        "side": side,
        "last map": [add, by, bare.output_shape[-1]],
        "layers": places,
    }


def main() -> None:
    """Write the file."""
    parts: dict[str, int] = {}
    networks = [f"{json.dumps(name)}: {json.dumps(described(name, parts))}" for name in NETWORKS]
    text = f'{{"keras": "{keras.__version__}",\n"parts": [\n' + ",\n".join(parts)
    FILE.write_text(text + '\n],\n"networks": {\n' + ",\n".join(networks) + "\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
