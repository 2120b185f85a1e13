"""What a stranger once handed in and steered something with: inputs of the folder of cases, through the commands."""

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from reportgen.cli.app import app
from tests.cases_folder import case


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def test_a_second_file_replaces_nobodys_report(tmp_path: Path) -> None:
    result = run("grade", case("hostile/01-canvas-takeover"), "--out", tmp_path / "grades", "--json")
    victim, mallory = json.loads(result.stdout)
    assert (victim["id"], mallory["id"]) == ("M23CSE101", "M23CSE102")
    assert "mallory_1002 handed in a file with this roll number" in victim["problems"][0]
    assert "which is victim_1001's: a person decides" in mallory["problems"][0]
    assert "99,999" not in (tmp_path / "grades" / "feedback" / "M23CSE101.html").read_text(encoding="utf-8")


def test_an_archive_of_many_files_is_opened_once_and_bounded(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    shutil.copy(case("hostile/08-zip-stall/M23CSE103.zip"), folder)
    result = run("grade", folder, "--out", tmp_path / "grades", "--json")
    (mark,) = json.loads(result.stdout)
    assert any("more than 200 files" in problem for problem in mark["problems"])


@pytest.mark.parametrize(
    ("name", "said"),
    [("10-render-70-f1", "is not valid"), ("11-render-flipped-byte", "does not follow from its predictions")],
)
def test_a_damaged_results_file_is_not_printed(name: str, said: str, tmp_path: Path) -> None:
    shutil.copy(case(f"hostile/{name}") / "results.json", tmp_path)
    result = run("render", tmp_path)
    assert (result.exit_code, said in result.output) == (3, True)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".reportgen", "results.json"]


def test_a_number_of_5000_digits_is_a_mistake_of_the_file() -> None:
    result = run("assignments", "check", case("hostile/12-bigint.toml"))
    assert (result.exit_code, "not TOML" in result.output) == (3, True)


def test_names_with_backslashes_are_folders(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    shutil.copy(case("documents/g8_backslash.zip"), folder)
    (mark,) = json.loads(run("grade", folder, "--out", tmp_path / "grades", "--json").stdout)
    assert mark["id"] == "M23CSE011"
    assert not any("out of the archive" in problem for problem in mark["problems"])


@pytest.mark.parametrize("option", ["--html", "--sarif"])
def test_the_report_itself_is_not_written_over(option: str, tmp_path: Path) -> None:
    report = tmp_path / "r.md"
    report.write_text("# Report\n", encoding="utf-8")
    assert run("verify", report, option, report).exit_code == 2
    assert report.read_text(encoding="utf-8") == "# Report\n"


def ledger_of(name: str) -> tuple[int, dict[str, int]]:
    """The exit code of `verify`, and how many claims there are of each verdict."""
    result = run("verify", case(f"hostile/{name}"), "--json")
    (ledger,) = json.loads(result.stdout)
    return result.exit_code, Counter(claim["verdict"] for claim in ledger["claims"])


@pytest.mark.slow
def test_forged_predictions_prove_no_measured_number() -> None:
    code, verdicts = ledger_of("06-forged-M23CSE023.html")
    assert (code, verdicts["contradicted"]) == (0, 0)
    assert verdicts["unverifiable"] >= 3  # one of each experiment, and what an older version worded otherwise


@pytest.mark.slow
@pytest.mark.parametrize("name", ["07a-altered.html", "07b-altered-and-version.html"])
def test_a_carried_version_hides_no_altered_number(name: str) -> None:
    code, verdicts = ledger_of(name)
    assert (code, verdicts["contradicted"] > 0) == (1, True)


def test_an_invisible_line_takes_nothing_back() -> None:
    plain, hidden = ledger_of("05a-data.pdf"), ledger_of("05b-data-not-mnist-hidden.pdf")
    assert plain == hidden
    assert plain[1]["unverifiable"] == 4


def test_invisible_text_earns_nothing_and_is_told(tmp_path: Path) -> None:
    (mark,) = json.loads(run("grade", case("hostile/03-hidden"), "--out", tmp_path / "grades", "--json").stdout)
    assert any("text that nobody sees" in problem for problem in mark["problems"])
    assert sum(criterion["least"] for criterion in mark["criteria"]) == 0


def test_a_notebook_of_over_two_million_characters_is_read() -> None:
    result = run("verify", case("hostile/09-over-2M-characters.ipynb"))
    assert "it is no Jupyter notebook" not in result.output
    assert "99,999" in result.output
