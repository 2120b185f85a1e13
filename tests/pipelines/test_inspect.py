"""Inspecting files, folders and archives: which files are one program, and what a hostile one can do."""

import zipfile
from pathlib import Path

import pytest

from reportgen.errors import UnreadableError
from reportgen.grading.intake.archives import Entry
from reportgen.pipelines.inspect import Inspected, collect, inspect_all, programs

MODEL = "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
MODEL += "        self.one = nn.Linear({size}, 2)\n    def forward(self, x):\n        return self.one(x)\n"
MAIN = "from {module} import Net\nnet = Net()\n"


def told(*paths: Path) -> list[Inspected]:
    return list(inspect_all(collect(paths)))


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def sorted_names(files: dict[str, set[str]]) -> list[list[str]]:
    entries = [Entry(name, Path(name)) for name in files]
    asked = {name: frozenset(names) for name, names in files.items()}
    return [[entry.name for entry in program] for program in programs(entries, asked)]


def test_a_file_and_what_it_imports_are_one_program(tmp_path: Path) -> None:
    files = {
        "a/main.py": MAIN.format(module="model"),
        "a/model.py": MODEL.format(size=3),
        "b/main.py": MAIN.format(module="model"),
        "b/model.py": MODEL.format(size=5),
    }
    found = told(write(tmp_path, files))
    counts = {
        one.source.removeprefix(f"{tmp_path.as_posix()}/"): [network.parameters for network in one.inspection.networks]
        for one in found
        if one.inspection
    }
    assert counts == {"a/main.py": [8], "b/main.py": [12]}


def test_files_are_sorted_into_programs() -> None:
    assert sorted_names({"main.py": {"net", "torch"}, "net.py": {"parts.conv"}, "parts/conv.py": set()}) == [
        ["main.py", "net.py", "parts/conv.py"]
    ]
    assert sorted_names({"a.py": {"c"}, "b.py": {"c"}, "c.py": set()}) == [["a.py", "c.py"], ["b.py", "c.py"]]
    # two that import each other start with the first
    assert sorted_names({"a.py": {"b"}, "b.py": {"a"}}) == [["a.py", "b.py"]]
    # beside it before further out
    assert sorted_names({"x/a.py": {"net"}, "x/net.py": set(), "net.py": set()}) == [["x/a.py", "x/net.py"], ["net.py"]]


@pytest.mark.slow
def test_an_archive_and_one_file_are_read_alike(tmp_path: Path) -> None:
    source = tmp_path / "one.py"
    source.write_text(MODEL.format(size=3))
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(source, "one.py")
    alone, inside = (told(path)[0].inspection for path in (source, packed))
    assert alone is not None
    assert inside is not None
    assert [network.parameters for network in alone.networks] == [network.parameters for network in inside.networks]


def test_nothing_of_a_program_runs(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    source = tmp_path / "run.py"
    source.write_text(f"open({str(mark)!r}, 'w').write('x')\nimport os\nos.system('touch {mark}')\n")
    assert told(source)[0].error is None
    assert not mark.exists()


def test_what_is_no_program_stops_no_other(tmp_path: Path) -> None:
    folder = write(tmp_path, {"good.py": "x = 1\n", "bad.py": "x = (\n", "deep.py": "(" * 5000 + ")" * 5000})
    found = {Path(one.source).name: one for one in told(folder)}
    assert found["good.py"].error is None
    for name in ("bad.py", "deep.py"):
        assert isinstance(found[name].error, UnreadableError), name


@pytest.mark.parametrize("name", ["nowhere", "empty", "notes.txt"])
def test_paths_without_a_program(name: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x = 1\n")
    with pytest.raises(UnreadableError, match=name):
        collect([tmp_path / name])
