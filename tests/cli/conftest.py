from pathlib import Path

import pytest

from tests.cli import ROLL
from tests.cli.marked import BROKEN, CODE, OTHER


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two submissions, one of which can't be read, in the folder "class"; the command runs in the folder above."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "class"
    path.mkdir()
    (path / f"{ROLL}.py").write_text(CODE, encoding="utf-8")
    (path / f"{OTHER}.py").write_text(BROKEN, encoding="utf-8")
    return path
