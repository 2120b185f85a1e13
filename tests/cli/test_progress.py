import io

from rich.console import Console

from reportgen.assignment.plan import Plan
from reportgen.cli.progress import watch
from reportgen.results.schema import EpochRecord

_RECORD = EpochRecord(
    epoch=1,
    learning_rate=1e-3,
    train_loss=0.25,
    train_accuracy=0.9,
    validation_loss=None,
    validation_accuracy=None,
    test_loss=0.2,
    test_accuracy=0.95,
    seconds=3.0,
)


def _show(plan: Plan, *, terminal: bool, quiet: bool = False) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, quiet=quiet, width=140)
    titles = {experiment.id: experiment.id.title() for experiment in plan.experiments}
    with watch(console, plan, titles) as reporter:
        reporter.on_step("experiment-1", 0.5)
        reporter.on_epoch("experiment-1", _RECORD)
    return stream.getvalue()


def test_elsewhere_than_on_a_terminal_there_are_plain_lines(plan: Plan) -> None:
    said = _show(plan, terminal=False)
    assert said == "Experiment-1: epoch 1 of 10: loss 0.2500, test accuracy 95.00 % (3 s)\n"


def test_a_terminal_shows_a_bar_for_each_experiment(plan: Plan) -> None:
    said = _show(plan, terminal=True)
    for experiment in plan.experiments:
        assert experiment.id.title() in said
    assert "epoch 1 of 10, loss 0.2500, test accuracy 95.00 %" in said
    assert "ETA" in said


def test_quiet_shows_nothing(plan: Plan) -> None:
    assert _show(plan, terminal=True, quiet=True) == ""
