import re
from pathlib import Path

import pytest

from reportgen.errors import TemplateError
from reportgen.files import bundled_templates
from reportgen.rendering.report import open_report_templates
from reportgen.rendering.templates import explained


def test_the_bundled_templates_are_found_and_parse() -> None:
    names = set(open_report_templates(None).list_templates())
    assert {"report.html", "report.css", "submission.py.jinja", "_experiment.html"} <= names
    assert (bundled_templates() / "report.html").is_file()


def test_an_override_replaces_one_template_only(tmp_path: Path) -> None:
    (tmp_path / "_closing.html").write_text("mine")
    templates = open_report_templates(tmp_path)
    assert templates.get_template("_closing.html").render() == "mine"
    assert "doctype" in Path(str(templates.get_template("report.html").filename)).read_text().lower()


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"no folder .*--templates"):
        open_report_templates(tmp_path / "none")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("one\ntwo\n{% if %}", r"_closing\.html, line 3: "),
        ("{{ x | nothing }}", r"line 1: No filter named 'nothing'"),
        ("\n{% for %}", r"line 2"),
    ],
)
def test_a_syntax_error_names_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "_closing.html").write_text(text)
    with pytest.raises(TemplateError, match=said):
        open_report_templates(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ ('%s' | attr('format')).__self__.__class__ }}",
    ],
)
def test_a_template_from_elsewhere_reaches_nothing_of_python(tmp_path: Path, text: str) -> None:
    (tmp_path / "_closing.html").write_text(text)
    with pytest.raises(TemplateError, match=r"unsafe|undefined"), explained():
        open_report_templates(tmp_path).get_template("_closing.html").render()


def test_a_template_that_is_not_text_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "_closing.html").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TemplateError, match="not UTF-8"):
        open_report_templates(tmp_path)


def test_lines_on_paper_keep_to_the_grid() -> None:
    style = (bundled_templates() / "report.css").read_text()
    heights = [float(height) for height in re.findall(r"line-height: ([\d.]+)pt", style)]
    assert len(heights) > 5
    assert all(height % 2.25 == 0 for height in heights)
