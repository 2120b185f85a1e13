"""What several test files share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from reportgen.assignment import bundled
from reportgen.assignment.plan import Options, Plan, resolve
from reportgen.assignment.spec import Assignment
from reportgen.results.schema import Student
from reportgen.training.cache import cache_folder

if TYPE_CHECKING:  # xdist's own process imports this file too, and runs no test: it needs neither torch nor WeasyPrint
    from playwright.sync_api import Browser

    from reportgen.rendering.report import Report
    from reportgen.training.experiment import Computed
    from reportgen.training.images import Images

# machine code outlives a run of the tests, whose own cache folder (below) does not; without a home it is compiled anew
with contextlib.suppress(OSError):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_folder()))
# how long an example takes says nothing where other work runs on the same cores; of CI's own profile the rest is kept
settings.register_profile("without a deadline", settings(), deadline=None)
settings.load_profile("without a deadline")
ROLL = "M23CSE023"
MOMENT = datetime(2024, 1, 25, tzinfo=UTC)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Send a file to one worker, and all that needs the trained experiments: what is made once a process is slow.

    Each worker would train and print the experiments for itself, and import torchvision, compile and draw what a file
    shares. Slow ones come first, so that no worker is left alone with them at the end.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        shared = "trained" if "computed" in getattr(item, "fixturenames", ()) else item.location[0]
        item.add_marker(pytest.mark.xdist_group(shared))


@pytest.fixture(scope="session")
def assignment() -> Assignment:
    """The bundled CSL7590 assignment."""
    return bundled.load_spec("csl7590-a1")


@pytest.fixture(scope="session")
def plan(assignment: Assignment) -> Plan:
    """The plan of M23CSE023 on real MNIST."""
    return resolve(assignment, ROLL, Options())


@pytest.fixture(scope="session")
def preview_plan(assignment: Assignment) -> Plan:
    """The plan of M23CSE023 on the embedded digits, two epochs."""
    return resolve(assignment, ROLL, Options(preview=True, epochs=2))


@pytest.fixture(scope="session")
def preview() -> Images:
    """The embedded digits, all 1,797."""
    from reportgen.training.images import embedded_digits

    return embedded_digits((1, 28, 28))


@pytest.fixture(scope="session")
def few(preview: Images) -> Images:
    """400 embedded digits to train on, and all that there are to test on."""
    return replace(preview, train_images=preview.train_images[:400], train_labels=preview.train_labels[:400])


@pytest.fixture(scope="session")
def tiny(preview: Images) -> Images:
    """150 embedded digits to train on and 60 to test on."""
    return replace(
        preview,
        train_images=preview.train_images[:150],
        train_labels=preview.train_labels[:150],
        test_images=preview.test_images[:60],
        test_labels=preview.test_labels[:60],
    )


@pytest.fixture(scope="session")
def computed(assignment: Assignment, preview_plan: Plan, few: Images) -> Iterator[Computed]:
    """All three experiments of the bundled assignment, two epochs on a few digits, in this process."""
    from reportgen.training import experiment

    student = Student(roll=ROLL, name="Asha Rao", date="21 February 2024", colab="https://colab.example/asha")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(experiment, "usable_cores", lambda: 1)
        yield experiment.run(assignment, preview_plan, few, student)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, as long as one file's tests last: two at a time can't be driven from one thread."""
    from tests import browsing

    with browsing.started() as browser:
        yield browser


@pytest.fixture(scope="session")
def report_html(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The HTML of `computed`."""
    path = tmp_path_factory.mktemp("html") / "M23CSE023.html"
    path.write_bytes(report.files["M23CSE023.html"])
    return path


@pytest.fixture(scope="session")
def report(computed: Computed) -> Report:
    """The rendered files of ``computed``, dated `MOMENT`."""
    from reportgen.rendering.report import open_report_templates, render_report

    return render_report(computed.results, open_report_templates(None), MOMENT)


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Networks this small are slower on several threads."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _no_data_by_accident(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads the user's data folder or cache unless it says so."""
    monkeypatch.delenv("REPORTGEN_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
