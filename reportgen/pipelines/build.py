"""The whole way from a roll number to a submission's files."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import jinja2

from reportgen.assignment.datasets import DATASETS
from reportgen.assignment.plan import Options, Plan, resolve
from reportgen.assignment.spec import Assignment
from reportgen.errors import PdfError
from reportgen.files import hold, prepare_folder, write_files
from reportgen.rendering.report import open_report_templates, render_report
from reportgen.results.schema import FILE_NAME, Results, Student, dump
from reportgen.training import experiment
from reportgen.training.engines.choice import EngineChoice, choose_engine
from reportgen.training.engines.engine import Engine
from reportgen.training.images import Choice, Images, find_images
from reportgen.training.schedule import OnEpoch, OnStep, Tell


@dataclass(frozen=True)
class Order:
    """What a user wants built."""

    assignment: Assignment
    student: Student
    folder: Path
    dataset: Choice
    data_dir: Path | None
    options: Options
    templates: Path | None
    device: Literal["auto", "cpu", "cuda"]
    engine: EngineChoice
    fresh: bool
    """Forget what earlier builds trained."""


@dataclass(frozen=True)
class Prepared:
    """An order with everything checked that can be checked before training."""

    order: Order
    plan: Plan
    images: Images
    templates: jinja2.Environment
    device: str
    engine: Engine
    engine_reason: str
    """Why it is not the fast one; empty where it is, or another one was asked for."""
    preview_reason: str
    """Why there is only a preview; empty where the real data set is used."""


@dataclass(frozen=True)
class Built:
    """A submission on disk."""

    results: Results
    paths: list[Path]
    pdf_error: PdfError | None


def prepare(order: Order) -> Prepared:
    """Check the roll number, the templates and the output folder; find and read the data.

    Raises:
        UsageError: the roll number does not fit, or a device or an engine was asked for that is not there.
        TemplateError: a template has a syntax error.
        OutputError: the folder can't be written.
        DataError: a data set is damaged or incomplete, or there is none and only the real one will do.
    """
    resolve(order.assignment, order.student.roll, order.options)
    device = experiment.choose_device(order.device)
    templates = open_report_templates(order.templates)
    prepare_folder(order.folder)
    images, preview_reason = find_images(DATASETS[order.assignment.dataset], order.dataset, order.data_dir)
    options = order.options.model_copy(update={"preview": bool(preview_reason)})
    plan = resolve(order.assignment, order.student.roll, options)
    engine, engine_reason = choose_engine(order.engine, device)
    return Prepared(order, plan, images, templates, device, engine, engine_reason, preview_reason)


def build(
    prepared: Prepared,
    moment: datetime,
    *,
    timed: bool,
    on_epoch: OnEpoch = lambda *_: None,
    on_step: OnStep = lambda *_: None,
    tell: Tell = lambda *_: None,
) -> Built:
    """Train, score, render and write. What was computed is kept even where rendering fails.

    Every epoch is saved as it ends: a build that was killed goes on after the last one, and a training that is
    complete is used again where nothing changed that its numbers depend on.

    Raises:
        BusyError: another build works in the folder; nothing was done.
        CountMismatchError, TrainingError: no report was written.
        TemplateError: results and weights were written, no report.
        OutputError: the files can't be written.
    """
    order = prepared.order
    with hold(order.folder):
        computed = experiment.run(
            order.assignment,
            prepared.plan,
            prepared.images,
            order.student,
            folder=order.folder,
            fresh=order.fresh,
            device=prepared.device,
            engine=prepared.engine,
            timed=timed,
            on_epoch=on_epoch,
            on_step=on_step,
            tell=tell,
        )
        kept = {**computed.weights, FILE_NAME: dump(computed.results)}
        try:
            report = render_report(computed.results, prepared.templates, moment, computed.weights)
        except BaseException:
            write_files(order.folder, kept)
            raise
        paths = write_files(order.folder, {**report.files, **kept})
    return Built(computed.results, paths, report.pdf_error)
