import pytest

from reportgen.assignment.bundled import bundled_ids, load_spec, parse_spec
from reportgen.assignment.checks import CHECKS
from reportgen.assignment.spec import Assignment
from reportgen.errors import SpecError

LENET = b'id = "network"\npart = "lenet5"\npoints = 8\nchecks = ["network", "layer-counts", "total-parameters"]'


def lenet(checks: bytes) -> bytes:
    from importlib import resources

    content = (resources.files("reportgen.assignment") / "lenet5.toml").read_bytes()
    assert LENET in content
    return content.replace(b'checks = ["network", "layer-counts", "total-parameters"]', checks)


def test_every_bundled_criterion_names_checks() -> None:
    for name in bundled_ids():
        assert all(criterion.checks for criterion in load_spec(name).rubric)


def test_softmax_before_the_loss_takes_no_points_of_csl7590() -> None:
    named = {check for criterion in load_spec("csl7590-a1").rubric for check in criterion.checks}
    assert "softmax-before-loss" not in named
    assert {"network", "curves", "techniques"} <= named


def test_the_parts_of_csl7590_keep_their_marks() -> None:
    totals: dict[str, float] = {}
    for criterion in load_spec("csl7590-a1").rubric:
        totals[criterion.part] = totals.get(criterion.part, 0) + criterion.points
    assert totals == {"experiment-1": 50, "experiment-2": 30, "report": 10, "bonus": 10}


def test_unknown_checks_are_mistakes_with_their_path() -> None:
    with pytest.raises(SpecError) as error:
        parse_spec(lenet(b'checks = ["network", "layers", "totals"]'), "lab.toml")
    assert [mistake.split(";")[0] for mistake in error.value.mistakes] == [
        "rubric[0].checks[1]: unknown check 'layers'",
        "rubric[0].checks[2]: unknown check 'totals'",
    ]
    assert "total-parameters" in error.value.mistakes[0]


@pytest.mark.parametrize(
    ("rule", "path"),
    [(b'[submission]\nfiles = ["py"]', "submission.files[0]"), (b"[submission]\nfiles = []", "submission.files")],
)
def test_a_broken_rule_of_files_is_a_mistake(rule: bytes, path: str) -> None:
    with pytest.raises(SpecError) as error:
        parse_spec(lenet(b'checks = ["network"]') + b"\n" + rule, "lab.toml")
    assert [mistake.partition(":")[0] for mistake in error.value.mistakes] == [path]


def test_the_schema_lists_the_checks() -> None:
    schema = Assignment.model_json_schema()
    assert schema["$defs"]["Criterion"]["properties"]["checks"]["items"]["enum"] == list(CHECKS)
