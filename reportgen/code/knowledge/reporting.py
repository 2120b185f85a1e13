"""What submissions report with: scikit-learn's metrics, matplotlib, seaborn."""

from reportgen.code import registry
from reportgen.code.arguments import Arguments
from reportgen.code.host import Host, origins_of, plain
from reportgen.code.trace import Confused, Network, Plotted
from reportgen.code.values import (
    Instance,
    Items,
    Known,
    Layer,
    Library,
    Table,
    Tensor,
    Unit,
    Unknown,
    Value,
    only,
)

_METRICS = (
    *("confusion_matrix", "classification_report", "accuracy_score", "precision_score", "recall_score", "f1_score"),
    *("precision_recall_fscore_support", "ConfusionMatrixDisplay.from_predictions"),
)


@registry.library(*(f"sklearn.metrics.{name}" for name in _METRICS), "tensorflow.math.confusion_matrix")
def _metric(host: Host, given: Arguments) -> Value:
    truth, predicted = (*given.all, Unknown(""), Unknown(""))[:2]
    origins = predicted.origins | origins_of(predicted, truth)
    model = model_of(predicted)
    host.emit(Confused, given.node, name=given.path.rpartition(".")[2], origins=origins, model=model)
    unit = Unit("share", only(origins)) if given.path.endswith("accuracy_score") else None
    return Unknown("", unit, origins=origins)


def model_of(value: Value) -> Network | None:
    """The network that numbers come from."""
    if isinstance(value, Tensor):
        return value.model if isinstance(value.model, Instance | Layer) else None
    inner = (
        value.items if isinstance(value, Items) else list(value.entries.values()) if isinstance(value, Table) else []
    )
    return next((found for item in inner[:20] if (found := model_of(item)) is not None), None)


@registry.library("matplotlib.pyplot.subplots")
def _subplots(host: Host, given: Arguments) -> Value:
    return Items([Library("matplotlib.figure"), Library("matplotlib.axes")], "tuple")


@registry.library(
    "matplotlib.pyplot.subplot", "matplotlib.pyplot.gca", "matplotlib.pyplot.axes", "matplotlib.figure.add_subplot"
)
def _axes(host: Host, given: Arguments) -> Value:
    return Library("matplotlib.axes")


@registry.library("matplotlib.pyplot.figure", "matplotlib.pyplot.gcf")
def _figure(host: Host, given: Arguments) -> Value:
    return Library("matplotlib.figure")


@registry.library("matplotlib.pyplot.plot", "matplotlib.axes.plot", "seaborn.lineplot", "matplotlib.pyplot.semilogy")
def _plot(host: Host, given: Arguments) -> Value:
    curves = [value for value in given.args if not (isinstance(value, Known) and isinstance(value.value, str))]
    drawn = given.kwargs.get("y") or (curves[-1] if curves else None)
    if isinstance(drawn, Items):
        literal = _is_literal(drawn)
        label = given.value("label", None, "")
        host.emit(Plotted, given.node, literal=literal, length=len(drawn.items), label=str(label))
    return Unknown("")


def _is_literal(values: Items) -> bool:
    numbers = [plain(item) for item in values.items]
    written = (
        values.literal and not values.many and all(isinstance(item, Known) and item.literal for item in values.items)
    )
    return written and len(set(numbers)) > 2 and any(isinstance(number, float) for number in numbers)


@registry.library("matplotlib.axes.", "matplotlib.figure.")
def _drawing(host: Host, given: Arguments) -> Value:
    name = given.path.rpartition(".")[2]
    return Library("matplotlib.axes") if name in {"flatten", "ravel", "flat", "twinx"} else Unknown("")


@registry.library("sklearn.metrics.ConfusionMatrixDisplay", "seaborn.heatmap", "matplotlib.pyplot.imshow")
def _shown(host: Host, given: Arguments) -> Value:
    return Unknown("a figure", origins=origins_of(*given.all))
