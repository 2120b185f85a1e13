"""Where machine code is kept: a folder for each state of what it depends on, and none that can't be written."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest

from reportgen import files
from reportgen.training.engines.vectorized import batch_rows, machine_code
from tests import HERE

PATH = os.pathsep.join([str(HERE.parent), *filter(None, sys.path)])


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], Path]:
    """Finds the folder anew, below one of the test's own."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(machine_code, "_given", [])
    return machine_code._find.__wrapped__


def test_the_folder_is_named_for_all_that_the_code_depends_on(
    place: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [place()]
    assert found[0].parent == tmp_path
    assert place() == found[0]
    monkeypatch.setattr(machine_code, "LANES", batch_rows.LANES * 2)
    found.append(place())
    monkeypatch.setenv("NUMBA_BOUNDSCHECK", "1")
    found.append(place())
    monkeypatch.setattr(machine_code, "version", lambda name: metadata.version(name) + ".post1")
    found.append(place())
    assert len(set(found)) == 4


def test_a_change_of_the_text_for_llvm_reaches_the_machine_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "reportgen"
    shutil.copytree(files.PACKAGE / "training", package / "training", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(files, "PACKAGE", package)
    before = machine_code._fingerprint()
    assert machine_code._fingerprint() == before
    text = package / "training" / "engines" / "vectorized" / "llvm.py"
    stamp = text.stat()
    content = text.read_text()
    assert "builder.fadd(parts[0], parts[1])" in content
    text.write_text(content.replace("builder.fadd(parts[0], parts[1])", "builder.fadd(parts[1], parts[0])"))
    os.utime(text, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert machine_code._fingerprint() != before


@pytest.mark.parametrize("unwritable", ["a file", "no home"])
@pytest.mark.slow
def test_where_no_folder_can_be_made_there_is_one_until_the_process_ends(unwritable: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code = """
from reportgen.training.engines.vectorized import loops, machine_code
folder = machine_code.folder()
assert folder.is_dir() and loops.total._cache.cache_path.startswith(str(folder))
print(folder)
"""
    settings = {"NUMBA_CACHE_DIR": str(tmp_path / "file" / "below")}
    if unwritable == "no home":  # as a user has it of whom the system knows no home
        settings = {"NUMBA_CACHE_DIR": "", "XDG_CACHE_HOME": "~/.cache"}
        code = (
            "import platformdirs\nfrom pathlib import Path\nplatformdirs.user_cache_path = lambda _: Path('~/x')\n"
            + code
        )
    environment = {**os.environ, "PYTHONPATH": PATH, "TMPDIR": str(tmp_path), **settings}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path
    assert not folder.exists()
    assert not (tmp_path / "~").exists()
