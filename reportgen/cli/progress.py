"""What a build shows while it runs: bars on a terminal, plain lines elsewhere, nothing where silence is asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from reportgen.assignment.plan import Plan
from reportgen.rendering.wording import loss, percent
from reportgen.results.schema import EpochRecord


@dataclass(frozen=True)
class Reporter:
    """Shows the epochs of experiments as they come."""

    console: Console
    titles: dict[str, str]
    epochs: dict[str, int]
    bars: Progress | None
    tasks: dict[str, TaskID]

    def on_epoch(self, experiment_id: str, record: EpochRecord) -> None:
        """Show an epoch that is done."""
        said = f"loss {loss(record.train_loss)}, test accuracy {percent(record.test_accuracy)}"
        if self.bars is None:
            seconds = "" if record.seconds is None else f" ({record.seconds:.0f} s)"
            title = self.titles[experiment_id]
            self.console.print(f"{title}: epoch {record.epoch} of {self.epochs[experiment_id]}: {said}{seconds}")
        else:
            epoch = f"epoch {record.epoch} of {self.epochs[experiment_id]}"
            self.bars.update(self.tasks[experiment_id], completed=record.epoch, said=f"{epoch}, {said}")

    def on_step(self, experiment_id: str, epochs: float) -> None:
        """Show how many epochs are done."""
        if self.bars is not None:
            self.bars.update(self.tasks[experiment_id], completed=epochs)


@contextmanager
def watch(console: Console, plan: Plan, titles: dict[str, str]) -> Iterator[Reporter]:
    """Show the experiments of a plan while they run; bars where ``console`` is a terminal."""
    epochs = {experiment.id: experiment.training.epochs for experiment in plan.experiments}
    if not console.is_terminal or console.quiet:
        yield Reporter(console, titles, epochs, None, {})
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
        TextColumn("ETA"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, speed_estimate_period=600) as bars:
        tasks = {key: bars.add_task(titles[key], total=total, said="") for key, total in epochs.items()}
        yield Reporter(console, titles, epochs, bars, tasks)
