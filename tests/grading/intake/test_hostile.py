"""A folder of submissions that nobody should hand in, beside two good ones."""

import io
import json
import os
import zipfile
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner, Result

from reportgen.cli.app import app
from reportgen.pipelines import grade as grading
from reportgen.sandbox.process import Limits
from tests.coded import ROLL, SECOND, SUBMISSION
from tests.printed import printed

RUNNER = CliRunner()
CODE = SUBMISSION + SECOND
OTHER = "M23CSE029"


def run(*arguments: str) -> Result:
    return RUNNER.invoke(app, ["grade", *arguments])


def zipped(*members: tuple[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members:
            archive.writestr(name, member)
    return content.getvalue()


def pdf(text: str, password: str = "") -> bytes:
    content = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed(text))) as document:
        document.save(content, encryption=pikepdf.Encryption(owner="a", user=password) if password else None)
    return content.getvalue()


def huge_picture() -> bytes:
    """A page with a picture of 40,000 × 40,000 pixels."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 800))
    stream = pikepdf.Stream(document, bytes(5_000 * 40_000))
    stream.Type, stream.Subtype, stream.ColorSpace = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DeviceGray
    stream.Width, stream.Height, stream.BitsPerComponent = 40_000, 40_000, 1
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=document.make_indirect(stream)))
    document.pages[0].Contents = document.make_stream(b"q 500 0 0 500 50 50 cm /Im Do Q")
    content = io.BytesIO()
    document.save(content, recompress_flate=True)
    return content.getvalue()


def write_hostile(folder: Path, ran: Path) -> None:
    """Submissions that nobody should hand in, M23CSE100 and on; ``ran`` is what they write if they run."""
    nested = zipped(("M23CSE101.py", "x = 1"))
    for _ in range(4):
        nested = zipped(("inner.zip", nested))
    small = pdf("<h1>Assignment 1</h1><p>Batch size: 20</p>")
    log = {"output_type": "stream", "name": "stdout", "text": "Epoch 1: loss 0.5\n" * 2_900_000}
    cell: dict[str, object] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "source": "x = 1",
        "outputs": [log],
    }
    effects = f"open({str(ran)!r}, 'w').write('ran')\n__import__('os').system('touch {ran}')\nexec('import nothing')\n"
    contents: list[tuple[str, str | bytes]] = [
        ("zip", zipped(("M23CSE100.py", bytes(200_000_000)))),
        ("zip", nested),
        ("zip", zipped(("../../M23CSE102.py", "x = 1"), ("/M23CSE102.pdf", small))),
        ("zip", b"PK\x03\x04 no archive"),
        ("pdf", pdf("secret", "password")),
        ("pdf", small[: len(small) // 2]),
        ("pdf", huge_picture()),
        ("pdf", b"%PDF-1.7\n" + bytes(range(256)) * 400),
        ("pdf", b""),
        ("py", "x = " + "(" * 100_000 + "1" + ")" * 100_000),
        ("py", "x = " + "-" * 100_000 + "1"),
        ("py", "x = " + "+".join(["1"] * 100_000)),
        ("py", effects),
        ("py", CODE.encode("utf-16")),
        ("py", CODE.replace("import torch", "import torch\0", 1)),
        ("py", "while True:\n    x = 1\n"),
        ("py", "x = " + "9" * 1_000_001),
        ("py", "x = 9**9**9**9\ny = [0] * 10**12\nz = 'a' * 10**12\n"),
        ("py", "def f(n):\n    return f(n - 1) + f(n - 1)\n\n\nf(10**9)\nfor i in range(10**15):\n    pass\n"),
        ("py", "class A(A):\n    pass\n\n\ndef f():\n    return f()\n\n\nf()\n"),
        ("ipynb", json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]})),
        ("ipynb", "[" * 100_000),
        ("ipynb", '{"cells": 5}'),
        ("html", "<div>" * 100_000 + f"<script>{effects}</script><iframe src='file:///etc/passwd'>"),
        ("md", "[[" * 200_000 + "|" * 500_000),
    ]
    for number, (suffix, content) in enumerate(contents, 100):
        data = content if isinstance(content, bytes) else content.encode()
        (folder / f"M23CSE{number}.{suffix}").write_bytes(data)
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "M23CSE130.py").write_text(CODE, encoding="utf-8")
    (folder / "M23CSE130.py").symlink_to(outside / "M23CSE130.py")
    (folder / "M23CSE131.py").symlink_to(folder / "M23CSE131.py")
    (folder / "out").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    (folder / "M23CSE132\n.py").write_text(effects, encoding="utf-8")
    os.mkfifo(folder / "M23CSE133.py")


WHY = {
    100: "which no honest file does",
    101: "this kind of file is not read",
    102: "its name leads out of the archive",
    103: "not a zip archive",
    104: "it is encrypted",
    105: "cannot read M23CSE105.pdf",
    106: "40,000 × 40,000 pixels",
    107: "cannot read M23CSE107.pdf",
    108: "cannot read M23CSE108.pdf",
    109: "M23CSE109.py",
    110: "M23CSE110.py",
    111: "M23CSE111.py",
    114: "null bytes",
    116: "at most 1,000,000 are read",
    120: "M23CSE120.ipynb",
    121: "M23CSE121.ipynb",
    122: "M23CSE122.ipynb",
    123: "deeper than the 400 that are read",
    124: "",  # it takes too long on most machines
    130: "leads out of the folder",
    131: "a link that leads nowhere",
    132: "its name holds signs that can't be printed",
    133: "it is no regular file",
}
"""What is said of those in which something can't be read, by number."""
READ = {112, 113, 115, 117, 118, 119}
"""Numbers of those that can be read; nothing in them runs."""


@pytest.mark.slow
def test_a_hostile_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grading, "_LIMITS", Limits(seconds=15, mebibytes=1536))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "class"
    folder.mkdir()
    for roll in (ROLL, OTHER):
        (folder / f"{roll}.py").write_text(CODE, encoding="utf-8")
    alone = {one["roll"]: one for one in json.loads(run("class", "--out", "alone", "--json").stdout)}
    write_hostile(folder, tmp_path / "ran")
    before = sorted((path, path.lstat().st_mtime_ns) for path in tmp_path.rglob("*"))
    result = run("class", "--out", "grades", "--json")
    assert result.exit_code == 0
    marks = {one["roll"]: one for one in json.loads(result.stdout)}
    assert {roll: marks[roll] for roll in (ROLL, OTHER)} == alone
    assert set(marks) == {ROLL, OTHER, *(f"M23CSE{number}" for number in {*WHY, *READ})}
    for number, why in WHY.items():
        problems = " ".join(marks[f"M23CSE{number}"]["problems"])
        assert why in problems, (number, problems)
    for number in READ:
        assert marks[f"M23CSE{number}"]["problems"] == [], number
    shown = (tmp_path / "grades" / "class.html").read_text(encoding="utf-8")
    assert all(f"M23CSE{number}" in shown for number in {*WHY, *READ})
    assert "a link that leads out of the folder; it was not followed" in shown
    after = (path for path in tmp_path.rglob("*") if tmp_path / "grades" not in (path, *path.parents))
    assert sorted((path, path.lstat().st_mtime_ns) for path in after) == before
    pages = sorted(path.name for path in (tmp_path / "grades" / "feedback").iterdir())
    assert pages == sorted(f"{roll}.html" for roll in marks)
