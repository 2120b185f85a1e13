"""Names of files that lead elsewhere, or nowhere."""

import csv
import io
import zipfile
from pathlib import Path

import pytest

from tests.cli.marked import CODE, FILES, OTHER, grade, said, written
from tests.coded import ROLL

NAMES = [
    ("line\nbreak.py", "a name with a line break"),
    ("..%2F..%2Fescaped.py", "a name with an encoded way out"),
    ("...py", "a name of dots"),
    ("con.py", "a name that Windows keeps for itself"),
    ("=cmd|'calc'!A0.py", "a name that is a formula"),
    ("<img src=x onerror=alert(1)>.py", "a name that is HTML"),
    ("[red]name[bold].py", "a name that is markup of the terminal"),
    ("x" * 250 + ".py", "a long name"),
    ("é" * 120 + ".py", "a long name of two bytes a letter"),
    ("-rf.py", "a name like an option"),
]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, _ in NAMES], ids=[what for _, what in NAMES])
def test_no_name_leads_out_of_the_output(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).write_text("x = 1\n", encoding="utf-8")
    result = grade("class", "--out", "out")
    assert result.exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "out"]
    assert len(list(folder.iterdir())) == 3
    for page in (tmp_path / "out" / "feedback").iterdir():
        assert "<img src=x" not in page.read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO((tmp_path / "out" / "gradebook.csv").read_text(encoding="utf-8-sig"))))
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../../escaped.py", "/escaped.py", "a/../../escaped.py", "C:\\escaped.py", "\U00010331" * 60 + ".py"]
)
def test_no_name_in_an_archive_leads_out_of_the_output(folder: Path, tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile("class.zip", "w") as archive:
        archive.writestr(f"{ROLL}.py", CODE)
        archive.writestr(name, "x = 1\n")
    result = grade("class.zip", "--out", "out")
    assert (result.exit_code, "Traceback" in result.output) == (0, False), said(result)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["class", "class.zip", "out"]
    assert not list(tmp_path.parent.glob("escaped*"))
    assert f"feedback/{ROLL}.html" in written(tmp_path / "out")


@pytest.mark.parametrize("name", ["caf\udce9.py", f"{OTHER} caf\udce9.py"], ids=["nobody's", "a student's"])
def test_a_name_that_is_no_text_stops_no_other(folder: Path, tmp_path: Path, name: str) -> None:
    (folder / name).write_text("x = 1\n", encoding="utf-8")
    result = grade("class", "--out", "out")
    assert (result.exit_code, f"feedback/{ROLL}.html" in written(tmp_path / "out")) == (0, True)
    assert "left over: caf" in said(result) or "caf" in (tmp_path / "out" / "gradebook.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_name_too_long_for_a_file_stops_no_other(folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile("class.zip", "w") as archive:
        archive.writestr("\U00010331" * 80 + ".py", "x = 1\n")
    assert grade("class.zip", "--out", "out").exit_code == 0
    assert len(written(tmp_path / "out")) == len(FILES) + 1
