"""Reports that are rendered again from their results."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.rendering.report import Report
from reportgen.results import schema
from reportgen.training.experiment import Computed
from tests.cli import ROLL, run


@pytest.mark.slow
def test_render_needs_no_torch_and_repeats_the_bytes(tmp_path: Path, computed: Computed) -> None:
    (tmp_path / "results.json").write_bytes(schema.dump(computed.results))
    code = (
        "import sys; from reportgen.cli.app import app\n"
        "try: app(['render', sys.argv[1], '--quiet'])\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'torch', 'torchvision', 'sklearn'} & set(sys.modules)"
    )
    contents = []
    for _ in range(2):
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1706140800"}
        subprocess.run([sys.executable, "-c", code, str(tmp_path)], env=environment, check=True)
        contents.append({path.name: path.read_bytes() for path in tmp_path.glob(f"{ROLL}.*")})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {f"{ROLL}.pdf", f"{ROLL}.html", f"{ROLL}.py"}


def test_render_of_a_folder_without_results(tmp_path: Path) -> None:
    done = run("render", str(tmp_path))
    assert done.exit_code == 3
    assert "reportgen build" in done.stderr


def test_render_embeds_the_weights_that_are_as_they_were_written(
    tmp_path: Path, computed: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, bytes]] = []

    def render(_: object, __: object, ___: object, weights: dict[str, bytes]) -> Report:
        given.append(weights)
        return Report({f"{ROLL}.html": b"<!DOCTYPE html>"}, None)

    monkeypatch.setattr("reportgen.rendering.report.render_report", render)
    (tmp_path / "results.json").write_bytes(schema.dump(computed.results))
    assert run("render", str(tmp_path)).stderr == ""
    (tmp_path / "weights").mkdir()
    for name, content in computed.weights.items():
        (tmp_path / name).write_bytes(content)
    assert run("render", str(tmp_path)).stderr == ""
    (tmp_path / "weights" / "bonus.safetensors").write_bytes(b"altered")
    done = run("render", str(tmp_path), "--quiet")
    assert done.exit_code == 0
    assert done.stderr.count("reportgen: warning: ") == 1
    assert "bonus.safetensors was altered" in done.stderr
    assert [list(weights) for weights in given] == [[], list(computed.weights), list(computed.weights)[:2]]
