"""How layers follow each other: activations that are missing or too many, dropout where it does harm, sizes."""

from collections.abc import Iterator

from reportgen.code.registration import unregistered, walk
from reportgen.code.values import Layer, Step
from reportgen.inspection.outputs import called, is_followed, plainly_linear
from reportgen.inspection.remarks import FindingKind, Remark
from reportgen.inspection.trainings import Training

_PASSING = frozenset(
    {"Dropout", "Dropout1d", "Dropout2d", "BatchNorm1d", "BatchNorm2d", "Flatten", "Identity", "ZeroPad2d"}
    | {f"{kind}Pool{n}d" for kind in ("Avg", "AdaptiveAvg", "GlobalAvg") for n in (1, 2, 3)}
)
"""Layers that leave a linear map linear, as they work in evaluation."""
_SATURATING = 3
"""Hidden sigmoids in a row from which a gradient, a quarter at most at each, hardly reaches the first layers."""


def find_layers(one: Training) -> Iterator[Remark]:
    """Remark how the layers of one network follow each other."""
    if one.structure_lost:
        return
    for layer in unregistered(one.model):
        reason = f"{layer.type} stands in a plain list or dictionary: it is not registered, and so never trained"
        usual = "nn.ModuleList, nn.ModuleDict or nn.Sequential"
        yield Remark("unregistered-layer", reason, layer.line, one.model, FindingKind.FAULT, usual)
    yield from _frozen(one)
    if not is_followed(one) or one.unapplied:  # a part of a network ends where another one goes on
        return
    known = one.input_shape is not None and None not in one.input_shape[1:]
    for line, reason in impossible(one.steps) if known and not one.lost else ():
        yield Remark("sizes", reason, line, one.model, FindingKind.FAULT, "sizes that follow from the layer before")
    yield from _missing(one)
    yield from _dropped(one)
    yield from _saturating(one)


def impossible(steps: tuple[Step, ...]) -> Iterator[tuple[int, str]]:
    """Yield the layers that can't take their input: such a program stops with an error."""
    for step in steps:
        for given, made in (("given_channels", "in_channels"), ("given_features", "in_features")):
            actual, declared = step.setting(given), step.setting(made)
            if isinstance(actual, int) and isinstance(declared, int) and actual != declared:
                yield (
                    step.line,
                    f"{step.type} is made for {declared} inputs and gets {actual}: the program would stop here",
                )


def _weighted(step: Step) -> bool:
    return step.type == "Linear" or (step.type.startswith("Conv") and "Transpose" not in step.type)


def _missing(one: Training) -> Iterator[Remark]:
    """Two linear maps one after the other, which are one linear map."""
    before: Step | None = None
    pooled = False
    seen: set[int] = set()
    for step in one.steps:
        if _weighted(step):
            found = before is not None and _linear_pair(before, step, pooled=pooled)
            if found and before is not None and before.line not in seen:
                seen.add(before.line)
                reason = f"no activation stands between {called(before)} and {called(step)}"
                reason += " but max-pooling" if pooled else ": together they are one linear map"
                yield Remark("missing-activation", reason, before.line, one.model, FindingKind.NOTE, "ReLU after it")
            before, pooled = (step, False) if plainly_linear(step) else (None, False)
        elif step.type.startswith(("MaxPool", "AdaptiveMaxPool")):
            pooled = True
        elif step.type not in _PASSING or (step.layer is not None and not plainly_linear(step)):
            before, pooled = None, False


def _linear_pair(before: Step, after: Step, *, pooled: bool) -> bool:
    """Whether an activation is usual between two layers: not in a bottleneck, not in a convolution in two parts."""
    if before.type.startswith("Conv"):
        groups = {step.setting("groups") for step in (before, after)} - {1, None}
        kernel = before.setting("kernel_size")
        apart = {getattr(step.layer, "keras", "")[:5] for step in (before, after)} & {"Depth", "Separ"}
        return not groups and not apart and kernel not in {1, (1, 1), None} and after.setting("kernel_size") != 1
    narrow, given, wide = (
        before.setting("out_features"),
        before.setting("given_features") or before.setting("in_features"),
        after.setting("out_features"),
    )
    if not isinstance(narrow, int) or not isinstance(wide, int):
        return False
    return not pooled and (narrow >= wide or (isinstance(given, int) and narrow >= given))


def _dropped(one: Training) -> Iterator[Remark]:
    """Dropout between the last weights and the outputs."""
    last = max((at for at, step in enumerate(one.steps) if _weighted(step)), default=None)
    if last is None or one.steps[last].type != "Linear":
        return
    for step in one.steps[last + 1 :]:
        if step.type == "Dropout" and step.setting("p") not in {0, None}:
            reason = "dropout on the outputs: in training a class is left out at random, and its loss means nothing"
            yield Remark(
                "dropout-on-outputs", reason, step.line, one.model, FindingKind.NOTE, "dropout before the last layer"
            )
            return


def _saturating(one: Training) -> Iterator[Remark]:
    weighted = [at for at, step in enumerate(one.steps) if _weighted(step)]
    hidden = [step for step in one.steps[: weighted[-1]] if step.type == "Sigmoid"] if weighted else []
    others = [step for step in one.steps if step.type in {"ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "SELU"}]
    normed = any(step.type.startswith(("BatchNorm", "LayerNorm")) for step in one.steps)
    if len(hidden) >= _SATURATING and not others and not normed:
        reason = f"{len(hidden)} hidden layers with sigmoid: each passes a quarter of the gradient at most"
        yield Remark(
            "saturating-activations", reason, hidden[0].line, one.model, FindingKind.NOTE, "ReLU in hidden layers"
        )


def _frozen(one: Training) -> Iterator[Remark]:
    """A layer that is made frozen, and so stays as random as it is made."""
    for _, part in walk(one.model):
        if not isinstance(part, Layer) or not part.keras or "trainable" not in part.settings or not part.weights:
            continue
        own = [weight for weight in part.weights.values() if not weight.buffer]
        if own and all(weight.trainable is False for weight in own):
            reason = f"{part.keras} is made with trainable=False: it keeps the random numbers that it is made with"
            yield Remark(
                "frozen-layer",
                reason,
                part.line,
                one.model,
                FindingKind.NOTE,
                "trainable layers, or weights that are loaded",
            )
            return
