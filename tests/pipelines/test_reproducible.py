"""Two builds of one plan."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reportgen.files import WORK_FOLDER


@pytest.mark.slow
def test_two_builds_with_source_date_epoch_give_the_same_bytes(tmp_path: Path) -> None:
    contents = []
    for name in ("first", "second"):
        folder = tmp_path / name
        command = f"build --roll M23CSE023 --dataset digits --epochs 2 --quiet --out {folder}"
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1706140800"}
        subprocess.run([sys.executable, "-m", "reportgen", *command.split()], env=environment, check=True)
        paths = [path for path in folder.rglob("*.*") if path.is_file() and WORK_FOLDER not in path.parts]
        contents.append({str(path.relative_to(folder)): path.read_bytes() for path in paths})
    assert contents[0] == contents[1]
    assert {"results.json", "M23CSE023.pdf", "M23CSE023.html", "weights/bonus.safetensors"} <= contents[0].keys()
