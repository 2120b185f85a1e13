"""The arithmetic of the networks in the page, held against torch."""

import base64
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from numpy.typing import NDArray
from playwright.sync_api import Error, Page
from pydantic import TypeAdapter
from safetensors.torch import load, save

from reportgen.assignment.counting import Shape, complete
from reportgen.assignment.layers import AnyLayer, AvgPool2d, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d
from reportgen.files import bundled_templates
from reportgen.results.weights import encode
from reportgen.training.batches import normalize
from reportgen.training.experiment import Computed
from reportgen.training.images import Images
from reportgen.training.modules import build_model, logits_of
from tests.browsing import started
from tests.needed import needs_chromium
from tests.networks import Network, networks, torch_says

pytestmark = [
    needs_chromium,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths"),
]

_LAYERS: TypeAdapter[tuple[AnyLayer, ...]] = TypeAdapter(tuple[AnyLayer, ...])
_SCRIPTS = bundled_templates() / "screen"
_SCRIPT = "".join((_SCRIPTS / name).read_text(encoding="utf-8") for name in ("_page.js", "network.js"))
_ANSWER = """([id, images]) => images.map((pixels) => {
  const { logits, probabilities } = window.reportgen.predict(id, pixels);
  return [[...logits], [...probabilities]];
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with started() as browser:
        yield browser.new_page()


def _show(page: Page, results: object, weights: dict[str, str]) -> None:
    """A page with nothing in it but results, weights and the script."""
    blocks = [("results", results), ("weights", weights)]
    data = [f'<script type="application/json" id="{key}">{json.dumps(value)}</script>' for key, value in blocks]
    page.goto("about:blank")
    page.set_content(f"{''.join(data)}<script>{_SCRIPT}</script>")


def _answers(page: Page, experiment: str, images: NDArray[np.uint8]) -> Any:
    """Logits and probabilities, (N, 2, K)."""
    return np.array(page.evaluate(_ANSWER, [experiment, images.reshape(len(images), -1).tolist()]))


def test_the_page_answers_as_torch_does(page: Page, computed: Computed, preview: Images) -> None:
    results = computed.results
    _show(page, results.model_dump(mode="json"), encode(results, computed.weights))
    images = preview.test_images[:100]
    for experiment, result in zip(results.plan.experiments, results.experiments, strict=True):
        model = build_model(experiment.layers).eval()
        model.load_state_dict(load(computed.weights[result.weights]))
        with torch.no_grad():
            logits = logits_of(model)(normalize(torch.tensor(images), results.data.mean, results.data.std))
        answers = _answers(page, experiment.id, images)
        assert answers.shape == (100, 2, len(experiment.classes))
        assert np.abs(answers[:, 0] - logits.numpy()).max() < 1e-4
        assert np.abs(answers[:, 1] - logits.softmax(1).numpy()).max() < 1e-4
        assert (answers[:, 1].argmax(1) == np.array(result.predictions[:100])).all()


def _compare(page: Page, shape: Shape, layers: Sequence[AnyLayer], seed: int) -> None:
    """One network with random weights on two random images. Torch counts in double precision: it is the truth here."""
    completed = complete(layers, shape)
    generator = torch.Generator().manual_seed(seed)
    model = build_model(completed).eval()
    state = {
        name: torch.rand(value.shape, generator=generator) - 0.5 + name.endswith("running_var")
        for name, value in model.state_dict().items()
        if value.is_floating_point()
    }
    model.load_state_dict(state, strict=False)
    images = torch.randint(0, 256, (2, *shape), dtype=torch.uint8, generator=generator)
    with torch.no_grad():
        inputs = (images.double() / 255 - 0.3) / 0.4
        wanted = torch.stack([logits_of(model.double())(image[None])[0] for image in inputs]).flatten(1).numpy()
    plan = {"input_shape": shape, "experiments": [{"id": "x", "layers": _LAYERS.dump_python(completed, mode="json")}]}
    content = base64.b64encode(save(state)).decode()
    _show(page, {"plan": plan, "data": {"mean": 0.3, "std": 0.4}}, {"x": content})
    logits = _answers(page, "x", images.numpy())[:, 0]
    assert logits.shape == wanted.shape
    assert np.abs(logits - wanted).max() <= 1e-4 * max(1, np.abs(wanted).max())


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(network=networks())
def test_random_networks_give_what_torch_gives(page: Page, network: Network) -> None:
    shape, layers = network
    assume(torch_says(layers, shape, "cpu")[1] is None)
    _compare(page, shape, layers, len(layers))


@pytest.mark.parametrize(
    "layers",
    [
        [Conv2d(out_channels=6, kernel_size=(3, 2), stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)],
        [Conv2d(out_channels=3, kernel_size=(4, 3), padding="same", dilation=(1, 2), bias=False)],
        [AvgPool2d(kernel_size=(3, 4), stride=(2, 3), padding=(1, 2), ceil_mode=True)],
        [AvgPool2d(kernel_size=(2, 2), stride=(4, 3), padding=(1, 1), ceil_mode=True)],
        [MaxPool2d(kernel_size=(3, 2), stride=(2, 2), padding=(1, 1), dilation=(2, 3), ceil_mode=True)],
        [BatchNorm2d(eps=0.5)],
        [BatchNorm2d(affine=False, track_running_stats=False)],
        [Linear(out_features=5), Flatten(), Linear(out_features=26, bias=False)],
    ],
    ids=lambda layers: layers[0].type,
)
def test_settings_that_networks_seldom_have(page: Page, layers: list[AnyLayer]) -> None:
    _compare(page, (4, 10, 11), layers, 1)


def test_an_experiment_without_weights_is_an_error(page: Page, computed: Computed) -> None:
    weights = encode(computed.results, computed.weights)
    del weights["bonus"]
    _show(page, computed.results.model_dump(mode="json"), weights)
    with pytest.raises(Error, match="no weights of bonus"):
        _answers(page, "bonus", np.zeros((1, 1, 28, 28), np.uint8))


def test_the_script_says_nothing_where_there_are_no_weights(page: Page) -> None:
    page.goto("about:blank")
    page.set_content(f"<script>{_SCRIPT}</script>")
    assert page.evaluate("window.reportgen") is None
