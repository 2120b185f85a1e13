from pathlib import Path
from typing import Any

import pytest

from reportgen.grading.reading import read_submission, told_text
from reportgen.pipelines import grade as module
from reportgen.pipelines.submission_reader import unpacked
from reportgen.sandbox.process import ReadingProcess, UnansweredError
from tests.coded import ASSIGNMENT
from tests.pipelines.graded import CODE, ROLLS, Asked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Code of three students."""
    path = tmp_path / "class"
    path.mkdir()
    for roll in ROLLS:
        (path / f"{roll}.py").write_text(f"# {roll}\n{CODE}", encoding="utf-8")
    return path


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for reportgen's own code, whose changes make readings stale."""
    path = tmp_path / "package" / "__init__.py"
    path.parent.mkdir()
    path.write_text("1\n", encoding="utf-8")
    monkeypatch.setattr(module, "code_digest", path.read_text)
    return path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What reading processes are asked from now on; this process answers in their place, as they would."""
    questions: Asked = []

    def answer(reader: ReadingProcess, message: dict[str, Any]) -> dict[str, Any]:
        questions.append(message)
        submission = unpacked({"id": "", "roll": None, "extra": [], "files": [message.get("text")], **message})
        if any("too long" in entry.read().decode() for entry in submission.files):
            raise UnansweredError("it took longer than 60 s")
        if "text" in message:
            return {"text": told_text(submission.files[0])}
        return {"dossier": read_submission(submission, ASSIGNMENT).dossier.model_dump(mode="json"), "crops": {}}

    monkeypatch.setattr(ReadingProcess, "ask", answer)
    return questions
