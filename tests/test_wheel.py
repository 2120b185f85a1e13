"""An installed wheel holds templates, fonts and assignments and works away from the checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from reportgen.results import schema
from reportgen.training.experiment import Computed

_ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_a_wheel_renders_a_report(tmp_path: Path, computed: Computed) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(_ROOT)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "results.json").write_bytes(schema.dump(computed.results))
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r}); import reportgen; "
        f"assert reportgen.__file__.startswith({str(site)!r}); from reportgen.cli.app import app; app()"
    )
    for command in (["render", "work"], ["assignments"], ["params"]):
        done = subprocess.run(
            [sys.executable, "-I", "-c", code, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "work" / "M23CSE023.pdf").is_file()
