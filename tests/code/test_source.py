import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reportgen.assignment.bundled import load_spec
from reportgen.code.program import follow
from reportgen.code.source import MAX_CHARACTERS, MAX_DEPTH, MAX_NODES, Source, read_source
from reportgen.errors import UnreadableError
from reportgen.grading.findings.code import check_code
from tests.coded import run, value


def read(text: str | bytes) -> Source:
    return read_source(text if isinstance(text, bytes) else text.encode(), "a.py")


def notebook(*cells: str | list[str], **more: object) -> bytes:
    entries: list[dict[str, object]] = [
        {"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells
    ]
    return json.dumps({"cells": [{"cell_type": "markdown", "source": "# Title"}, *entries], **more}).encode()


def strings(source: Source) -> object:
    scope: dict[str, object] = {}
    exec(compile(source.tree, "a.py", "exec"), scope)
    return scope["x"]


@pytest.mark.parametrize(
    "content",
    [
        "x = 'é'".encode(),
        b"\xef\xbb\xbf" + "x = 'é'".encode(),
        "# -*- coding: latin-1 -*-\nx = 'é'".encode("latin-1"),
        "x = 'é'".encode("utf-16"),
        "x = 'é'".encode("cp1252"),
        "x = 'é'\r\n".encode(),
        "# coding: no-such-encoding\nx = 'é'".encode("cp1252"),
    ],
)
def test_encodings(content: bytes) -> None:
    assert strings(read(content)) == "é"


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UnreadableError, match=r"a\.py: neither UTF-8 nor the encoding"):
        read(b"# coding: utf-8\nx = '\x81\x8d'")


def test_lines_are_counted_from_one() -> None:
    source = read("\nif 1:\n   x = 1\n")
    assert (source.line(3), source.line(0), source.line(9)) == ("x = 1", "", "")


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_characters_that_end_no_line_of_python(separator: str) -> None:
    assert strings(read(f"# a{separator}b c\nx = 'one{separator}two'\n")) == f"one{separator}two"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("x = 1\ny = = 2\n", "line 2: y = = 2"),
        ("def f(:\n    pass\n", "line 1: def f"),
        ("print 'hello'\n", "line 1: print 'hello'"),
        ("x = (\n", "line 1"),
        ("x = 1\x00", "a.py: not valid Python"),
    ],
)
def test_invalid_python(text: str, where: str) -> None:
    with pytest.raises(UnreadableError) as error:
        read(text)
    assert where in str(error.value)


def test_an_invalid_escape_is_no_mistake() -> None:
    assert strings(read("x = '\\d'")) == "\\d"


def test_too_long() -> None:
    with pytest.raises(UnreadableError, match="1,000,003 characters of code; at most 1,000,000 are read"):
        read("x =" + " " * (MAX_CHARACTERS - 1) + "1")


def test_too_many_elements() -> None:
    with pytest.raises(UnreadableError, match="more than 60,000 elements"):
        read("x = 1\n" * (MAX_NODES // 3))


def test_nested_too_deep() -> None:
    with pytest.raises(UnreadableError, match="nested deeper than 90"):
        read("x = " + "-" * MAX_DEPTH + "1")


@pytest.mark.parametrize(
    "text", ["(" * 5000 + ")" * 5000, "x" + ".x" * 20_000, "-" * 100_000 + "1", "x = " + "[" * 3000]
)
def test_deep_texts_do_not_crash_the_parser(text: str) -> None:
    with pytest.raises(UnreadableError):
        read(text)


def test_a_notebook_under_the_name_of_a_program() -> None:
    source = read(notebook("x = 1\n", ["y = 2\n", "z = x + y"]))
    assert source.notebook
    assert [line for line in source.lines if line] == ["x = 1", "y = 2", "z = x + y"]


def test_an_old_notebook() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "x = 1"}]}]}
    assert read(json.dumps(old).encode()).lines == ("x = 1",)


def test_a_notebook_with_a_byte_order_mark() -> None:
    assert read(b"\xef\xbb\xbf" + notebook("x = 1")).notebook


@pytest.mark.parametrize("content", [b'{"x": 1}', b'{"cells": 5}', b'{"cells": [5]}', b'{"worksheets": []}', b"{1, 2}"])
def test_what_starts_like_a_notebook_and_is_none(content: bytes) -> None:
    assert not read(content).notebook


def test_deep_json_is_no_notebook() -> None:
    with pytest.raises(UnreadableError):
        read(b'{"cells": ' + b"[" * 200_000)


@pytest.mark.parametrize(
    "magic",
    [
        "%matplotlib inline",
        "!pip install torch",
        "!ls 'data",
        "files = !ls",
        "t = %time f()",
        "  %cd /content",
        "model?",
        "model.fit??",
        "?print",
        "%%time",
        "%%capture",
    ],
)
def test_magics_are_named_and_left_out(magic: str) -> None:
    indent = "if True:\n    " if magic.startswith(" ") else ""
    text = f"{indent}{magic.strip()}\nx = 3\n" if indent else f"{magic}\nx = 3\n"
    source = read(text)
    assert strings(source) == 3
    assert source.magics == ((2 if indent else 1, magic.strip()),)


def test_magics_in_strings_are_text() -> None:
    text = '!pip install torch\nx = """\n%matplotlib inline\n!ls\n"""\n'
    source = read(text)
    assert strings(source) == "\n%matplotlib inline\n!ls\n"
    assert [line for line, _ in source.magics] == [1]


@pytest.mark.parametrize("text", ["x = 7\\\n% 4\n", "x = (7\n     % 4)\n", 'x = """\n!ls\n"""\n'])
def test_without_magics_nothing_is_taken_out(text: str) -> None:
    assert read(text).magics == ()


def test_a_remainder_on_a_line_of_its_own_beside_a_magic() -> None:
    assert strings(read("%matplotlib inline\nx = ('%d'\n     % 3)\n")) == "3"


def test_a_magic_line_that_goes_on() -> None:
    assert strings(read("!pip install \\\n    torch\nx = 1\n")) == 1


@pytest.mark.parametrize(
    "cell", ["%%bash\npip install torch -q\nls -la", "%%html\n<b>x</b>", "%%javascript\nvar x = 1;"]
)
def test_cells_of_another_language_in_a_notebook(cell: str) -> None:
    assert strings(read(notebook("x = 1", cell, "x += 1"))) == 2


def test_nothing_is_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "written"
    text = f"""
import os, sys, subprocess, pathlib
open({str(target)!r}, "w").write("x")
pathlib.Path({str(target)!r}).write_text("x")
os.system("touch {target}")
subprocess.run(["touch", {str(target)!r}])
exec("open({str(target)!r}, 'w')")
eval("open({str(target)!r}, 'w')")
__import__("os").mkdir({str(target)!r})
class Meta(type):
    def __new__(cls, *args):
        os.mkdir({str(target)!r})
        return super().__new__(cls, *args)
class Thing(metaclass=Meta): pass
sys.exit(3)
"""
    source = read(text)
    follow(source)
    check_code(source, load_spec("csl7590-a1"), "M23CSE023")
    assert list(tmp_path.iterdir()) == []


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        source = read(text)
    except UnreadableError as error:
        assert str(error).startswith("a.py: ")  # noqa: PT017 (either is right)
    else:
        assert follow(source).stopped == ""


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        assert isinstance(read(content), Source)
    except UnreadableError as error:
        assert str(error).startswith("a.py: ")  # noqa: PT017 (either is right)


def test_the_machine_reads_the_tree() -> None:
    assert value("x = 1 + 1") == 2
    assert set(run("y = 1")) == {"y"}
