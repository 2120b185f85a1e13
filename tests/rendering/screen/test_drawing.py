"""What the networks see of a drawing."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser
from safetensors.torch import save

from reportgen.files import bundled_templates
from reportgen.training.experiment import Computed
from tests.browsing import started
from tests.needed import needs_chromium
from tests.pad import ONE, SEEN, answers_of, seen_on, stroke, write_page

pytestmark = [needs_chromium, pytest.mark.slow]

_TEMPLATES = bundled_templates()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.mark.parametrize("points", [ONE, [(0.7, 0.6), (0.72, 0.72)], [(0.02, 0.1), (0.9, 0.3), (0.2, 0.9)]])
def test_a_drawing_is_brought_to_the_size_and_place_of_the_digits(
    browser: Browser, computed: Computed, tmp_path: Path, points: list[tuple[float, float]]
) -> None:
    """Of MNIST, that is: a box of 20 pixels in 28, the centre of mass in the middle."""
    results = computed.results
    real = results.model_copy(update={"plan": results.plan.model_copy(update={"preview": False})})
    page = browser.new_page()
    page.goto(write_page(tmp_path / "real.html", real, computed.weights).as_uri())
    stroke(page, points)
    seen = seen_on(page)
    rows, columns = np.nonzero(seen)
    extents = (np.ptp(rows) + 1, np.ptp(columns) + 1)
    assert 18 <= max(extents) <= 20 or points[0][0] == 0.7  # that one is small, and stays so
    assert max(extents) <= 20
    middle = [(axis.ravel() * seen.ravel()).sum() / seen.sum() + 0.5 for axis in np.indices(seen.shape)]
    assert np.abs(np.array(middle) - 14).max() <= 0.75
    assert seen.max() == 255
    assert len(np.unique(seen)) > 5  # its edges are grey
    page.close()


def test_digits_of_the_preview_are_drawn_as_coarse_as_those_trained_on(
    browser: Browser, computed: Computed, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(write_page(tmp_path / "preview.html", computed.results, computed.weights).as_uri())
    stroke(page, ONE)
    seen = seen_on(page)
    assert seen[4:24, 4:24].sum() == seen.sum()
    assert np.count_nonzero(seen.max(1)) == 20
    assert len(np.unique(seen)) > 50


def test_small_coloured_images_of_many_classes_and_no_mistakes(browser: Browser) -> None:
    """Another data set: the page shows what there is, and three channels take the same drawing."""
    letters = [chr(ord("a") + index) for index in range(26)]
    layers = [{"type": "Flatten"}, {"type": "Linear", "in_features": 192, "out_features": 26, "bias": True}]
    state = {"1.weight": torch.zeros(26, 192), "1.bias": torch.zeros(26)}
    state["1.weight"][7, 64:] = 0.01  # looks at the last two channels
    results = {
        "assignment": {"experiments": [{"id": "x", "short_title": "Letters"}]},
        "plan": {
            "input_shape": [3, 8, 8],
            "preview": False,
            "experiments": [{"id": "x", "classes": letters, "label_to_class": list(range(26)), "layers": layers}],
        },
        "data": {"mean": 0, "std": 1, "test_labels": ""},
        "experiments": [{"mistaken": []}],
    }
    weights = {"x": base64.b64encode(save(state)).decode()}
    blocks = [
        f'<script type="application/json" id="{key}">{json.dumps(value)}</script>'
        for key, value in (("results", results), ("weights", weights))
    ]
    scripts = [
        (_TEMPLATES / "screen" / f"{name}.js").read_text(encoding="utf-8") for name in ("_page", "network", "pad")
    ]
    section = (_TEMPLATES / "_try.html").read_text(encoding="utf-8")
    page = browser.new_page()
    page.set_content(
        f"<style>.try-pad {{ width: 200px; height: 200px }}</style><i id=try-entry></i>{section}{''.join(blocks)}"
        f"<script>{''.join(scripts)}</script>"
    )
    stroke(page, ONE)
    ink = page.locator("#try-seen").evaluate(SEEN)
    assert len(ink) == 64
    assert answers_of(page) == ["Answer: h"]
    power = np.exp(0.02 * sum(ink) / 255)
    bar = page.locator(".try-best .try-bar").evaluate("bar => Number(bar.style.getPropertyValue('--share'))")
    assert bar == pytest.approx(power / (power + 25), abs=1e-5)
    assert not page.locator("#try-samples").is_visible()
    page.close()
