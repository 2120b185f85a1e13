"""Verifying files: the processes, the limits, the command and what it writes."""

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import pikepdf
import pytest
from typer.testing import CliRunner

import reportgen
from reportgen.cli.app import app
from reportgen.errors import UnreadableError, UsageError
from reportgen.pipelines.verify import Request, verify_all
from reportgen.sandbox.process import Limits
from reportgen.verification import exports
from reportgen.verification.ledger import Ledger, Verdict
from tests import HERE

CASES = HERE / "cases"
GOOD = CASES / "prose.md"
RUNNER = CliRunner()


BIASLESS = """
id = "biasless"
course = "C"
title = "T"
marks = 1
dataset = "mnist"
roll = { pattern = '[a-z]+[0-9]+', example = "a111" }
batch = { otherwise = 64 }
networks.n.layers = [{ type = "Flatten" }, { type = "Linear", out_features = "classes", bias = false }]
experiments = [{ id = "e", title = "E", short_title = "E", network = "n", training = { epochs = 1 } }]
rubric = [{ id = "r", part = "e", points = 1, text = "All." }]
"""


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "wrong.md"
    path.write_text(GOOD.read_text(encoding="utf-8").replace("= 3,208", "= 3,209"), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_network_without_biases(tmp_path: Path) -> None:
    assignment, page = tmp_path / "biasless.toml", tmp_path / "a111.md"
    assignment.write_text(BIASLESS, encoding="utf-8")
    page.write_text("The network has 7840 trainable parameters: 784*10 = 7840.", encoding="utf-8")
    ledger = reportgen.verify(page, assignment=str(assignment))
    assert ledger.claims
    assert all(claim.verdict is not Verdict.CONTRADICTED for claim in ledger.claims)


def test_python_call() -> None:
    ledger = reportgen.verify(GOOD)
    assert isinstance(ledger, Ledger)
    assert ledger.roll == "M23CS099"
    assert ledger.exit_code() == 0


def test_importing_reportgen_loads_nothing_heavy() -> None:
    heavy = ("torch", "matplotlib", "weasyprint")
    loaded = "import sys, reportgen, reportgen.pipelines.verify, reportgen.verification.judge"
    code = f"{loaded}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_there_is_no_other_attribute() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        reportgen.nothing  # noqa: B018


@pytest.mark.parametrize(("assignment", "roll"), [("no-such", None), ("csl7590-a1", "23")])
def test_usage(assignment: str, roll: str | None) -> None:
    with pytest.raises(UsageError):
        reportgen.verify(GOOD, assignment, roll)


@pytest.mark.slow
def test_one_bad_file_stops_no_other(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 broken")
    names = [str(GOOD), str(bad), str(tmp_path / "none.md"), str(GOOD)]
    outcomes = list(verify_all([Request(Path(name), name) for name in names], jobs=1))
    assert [outcome.source for outcome in outcomes] == names
    assert [outcome.ledger is not None for outcome in outcomes] == [True, False, False, True]
    assert all(isinstance(outcome.error, UnreadableError) for outcome in outcomes[1:3])


@pytest.mark.slow
def test_time_is_bounded_and_the_next_file_still_read(tmp_path: Path) -> None:
    slow = tmp_path / "slow.txt"
    slow.write_text("16*5 + 8 = 88 accuracy 97 % in experiment 1\n\n" * 40_000, encoding="utf-8")
    outcomes = list(verify_all([Request(slow, "slow.txt"), Request(GOOD, "good.md")], limits=Limits(seconds=3), jobs=1))
    assert "it took longer than 3 s" in str(outcomes[0].error)
    assert outcomes[1].ledger is not None


def test_memory_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "long.txt").write_text("word " * 2_000_000, encoding="utf-8")
    with pytest.raises(UnreadableError, match="memory"):
        reportgen.verify(tmp_path / "long.txt", limits=Limits(mebibytes=1))


def test_no_code_of_the_folder_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('ran')", encoding="utf-8")
    (tmp_path / "report.md").write_bytes(GOOD.read_bytes())
    monkeypatch.chdir(tmp_path)
    assert reportgen.verify("report.md").contradicted == ()


@pytest.mark.slow
def test_command(wrong: Path) -> None:
    good = RUNNER.invoke(app, ["verify", str(GOOD)])
    assert (good.exit_code, "0 contradicted" in good.output) == (0, True)
    bad = RUNNER.invoke(app, ["verify", str(wrong), "--all"])
    assert bad.exit_code == 1
    assert "3,209" in bad.output
    assert bad.output.index("contradicted") < bad.output.index("verified")
    assert RUNNER.invoke(app, ["verify", str(GOOD), "--strict"]).exit_code == 1
    assert RUNNER.invoke(app, ["verify", str(wrong), "nothing.pdf"]).exit_code == 3
    assert RUNNER.invoke(app, ["verify", str(GOOD), "--roll", "x"]).exit_code == 2
    assert RUNNER.invoke(app, ["verify", "-", "-"]).exit_code == 2


def test_standard_input_and_json() -> None:
    done = RUNNER.invoke(app, ["verify", "-", "--json"], input=GOOD.read_bytes())
    (document,) = json.loads(done.stdout)
    assert document["source"] == "standard input"
    assert Ledger.model_validate(document).contradicted == ()


def test_html_and_sarif(wrong: Path, tmp_path: Path) -> None:
    page, sarif = tmp_path / "out" / "ledger.html", tmp_path / "out" / "ledger.sarif"
    done = RUNNER.invoke(app, ["verify", str(wrong), "--html", str(page), "--sarif", str(sarif)])
    assert done.exit_code == 1
    text = page.read_text(encoding="utf-8")
    assert 'class="contradicted"' in text
    assert "http" not in text.replace("https://colab", "").replace("http-equiv", "")
    log = json.loads(sarif.read_text(encoding="utf-8"))
    errors = [result for result in log["runs"][0]["results"] if result["level"] == "error"]
    assert "3,209" in errors[0]["message"]["text"]
    assert errors[0]["locations"][0]["physicalLocation"]["region"]["startLine"] > 1


def test_what_a_document_says_is_escaped(tmp_path: Path) -> None:
    path = tmp_path / "evil.md"
    path.write_text("# Experiment 1\n\nTest accuracy <script>alert(1)</script> 1 + 1 = 3 [red]x[/]\n", encoding="utf-8")
    ledger = reportgen.verify(path)
    assert "<script>alert" not in exports.render_ledgers([ledger])
    assert RUNNER.invoke(app, ["verify", str(path)]).exit_code == 1


def test_the_schema_is_published() -> None:
    schema = exports.json_schema()
    assert {"claims", "missing", "notes", "problems"} <= schema["$defs"]["Ledger"]["properties"].keys()


def nested_bomb() -> bytes:
    """A PDF whose page is 400 MB of blanks, packed twice."""
    packed = zlib.compress(zlib.compress(b" " * 400_000_000, 9), 9)
    document = pikepdf.new()
    document.add_blank_page(page_size=(600, 800))
    stream = pikepdf.Stream(document, b"")
    stream.write(packed, filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]))
    document.pages[0].Contents = document.make_indirect(stream)
    content = io.BytesIO()
    document.save(content, compress_streams=False)
    return content.getvalue()


@pytest.mark.slow
def test_a_bomb_of_nested_streams_is_bounded(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.pdf"
    bomb.write_bytes(nested_bomb())
    assert bomb.stat().st_size < 100_000
    requests = [Request(bomb, "bomb.pdf"), Request(GOOD, "good.md")]
    outcomes = list(verify_all(requests, limits=Limits(seconds=3), jobs=1))
    assert outcomes[0].ledger is None or not outcomes[0].ledger.contradicted
    assert outcomes[1].ledger is not None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("9**9**9**9 = 1", id="tower"),
        pytest.param("1 / 0 = 1", id="zero"),
        *(
            pytest.param(text, id=kind, marks=pytest.mark.slow)
            for kind, text in (
                ("digits", "1" * 1_000_000 + " = 2"),
                ("brackets", "(" * 1_000_000 + "1" + ")" * 1_000_000 + " = 2"),
                ("sum", "1+" * 500_000 + "1 = 2"),
                ("labels", "0 6 1 7 2 3 8 5 4 9 " * 20_000),
                ("sizes", "980 1135 1032 1010 982 892 958 1028 974 1009 " * 5_000),
                ("terms", "800 + 3208 + 292 + 6770 + " * 20_000),
            )
        ),
    ],
)
def test_a_hostile_expression_is_bounded_and_accuses_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "hostile.txt"
    path.write_text(f"Test accuracy and parameters: {text}\n", encoding="utf-8")
    (outcome,) = verify_all([Request(path, "hostile.txt")], limits=Limits(seconds=3))
    assert outcome.ledger is None or not outcome.ledger.contradicted


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    loop = tmp_path / "loop.pdf"
    loop.symlink_to(loop)
    with pytest.raises(UnreadableError, match="Too many levels"):
        reportgen.verify(loop)
