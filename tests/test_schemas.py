import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from reportgen.assignment.spec import Assignment
from reportgen.inspection import report
from reportgen.inspection.report import SCHEMA_VERSION as INSPECTION_VERSION
from reportgen.results.schema import SCHEMA_VERSION, Results
from reportgen.verification import exports
from reportgen.verification.ledger import SCHEMA_VERSION as LEDGER_VERSION

_FOLDER = Path(__file__).parent.parent / "schemas"


@pytest.mark.parametrize(
    ("name", "model"), [("assignment.schema.json", Assignment), (f"results-{SCHEMA_VERSION}.schema.json", Results)]
)
def test_the_published_schema_is_that_of_the_model(name: str, model: type[BaseModel]) -> None:
    assert json.loads((_FOLDER / name).read_text()) == model.model_json_schema()


def test_the_published_schema_of_a_ledger_is_that_of_its_model() -> None:
    assert json.loads((_FOLDER / f"ledger-{LEDGER_VERSION}.schema.json").read_text()) == exports.json_schema()


def test_the_published_schema_of_an_inspection_is_that_of_its_model() -> None:
    assert json.loads((_FOLDER / f"inspection-{INSPECTION_VERSION}.schema.json").read_text()) == report.json_schema()


def test_every_field_of_a_layer_is_described() -> None:
    definitions = Assignment.model_json_schema()["$defs"]
    fields = {
        f"{name}.{field}": described.get("description", "")
        for name in ("Conv2d", "Linear", "BatchNorm2d", "MaxPool2d", "RandomAffine")
        for field, described in definitions[name]["properties"].items()
        if field not in {"type", "name"}
    }
    assert len(fields) > 20
    assert not [name for name, text in fields.items() if not text]
