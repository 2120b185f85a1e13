"""What the report looks like, on screen and on paper, against accepted pictures: ``make accept-pictures`` accepts."""

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from reportgen.files import bundled_templates
from tests import pictures
from tests.needed import needs_chromium

_ACCEPTED = {path.stem: path for path in sorted(pictures.GOLDEN.glob("*.png"))}


def _accepted(name: str) -> Image.Image:
    with Image.open(_ACCEPTED[name]) as golden:
        return golden.convert("RGB")


@pytest.fixture(scope="module")
def now() -> dict[str, Image.Image]:
    return dict(pictures.current())


@needs_chromium
@pytest.mark.slow
def test_key_screens_and_pages_look_as_they_were_accepted(now: dict[str, Image.Image], tmp_path: Path) -> None:
    assert now.keys() == _ACCEPTED.keys()
    changed = {}
    for name, picture in now.items():
        if said := pictures.difference(picture, _accepted(name)):
            picture.save(tmp_path / f"{name}.png")
            changed[name] = said
    assert changed == {}, f"new pictures are in {tmp_path}; `make accept-pictures` accepts them"


@needs_chromium
@pytest.mark.slow
def test_a_colour_or_a_place_that_changes_is_seen(tmp_path: Path, now: dict[str, Image.Image]) -> None:
    templates = tmp_path / "templates"
    changes = {
        "--accent: #0b4f8a;": "--accent: #0b6f4a;",
        ".matrix { display: flex;": ".matrix { padding-top: 9px; display: flex;",
    }
    for name in ("report.css", "screen.css"):
        text = (bundled_templates() / name).read_text()
        templates.mkdir(exist_ok=True)
        (templates / name).write_text(text)
    for old, new in changes.items():
        path = next(path for path in templates.iterdir() if old in path.read_text())
        path.write_text(path.read_text().replace(old, new))
    rendered = pictures.files(templates=templates)
    html = tmp_path / "report.html"
    html.write_bytes(rendered["html"])
    differing = {
        name
        for name, picture in [*pictures.screens(html), *pictures.pages(rendered["pdf"])]
        if name in now and pictures.difference(picture, now[name])
    }
    assert {"cover-light-1280", "contents-light-320", "matrix-light-1280", "matrix-dark-320", "page-01"} <= differing


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda picture: picture, False),
        (lambda picture: ImageChops.offset(picture, 0, 1), False),  # what another browser's rounding does
        (lambda picture: ImageChops.offset(picture, 0, 3), True),
        (lambda picture: ImageChops.offset(picture, 3, 0), True),
        (lambda picture: picture.resize((picture.width, picture.height + 1)), True),
    ],
)
def test_the_tolerance(change: object, seen: bool) -> None:
    golden = _accepted("page-02")
    assert callable(change)
    assert bool(pictures.difference(change(golden), golden)) == seen


def test_accepting_leaves_only_what_there_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = Image.new("RGB", (16, 16), "#0b4f8a")
    monkeypatch.setattr(pictures, "current", lambda: iter([("one", picture)]))
    folder = tmp_path / "golden"
    pictures.accept(folder)
    shutil.copy(folder / "one.png", folder / "stale.png")
    pictures.accept(folder)
    assert [path.name for path in folder.iterdir()] == ["one.png"]
    with Image.open(folder / "one.png") as kept:
        assert pictures.difference(kept.convert("RGB"), picture) == ""


def test_the_pictures_are_small() -> None:
    assert sum(path.stat().st_size for path in pictures.GOLDEN.iterdir()) < 1_500_000
