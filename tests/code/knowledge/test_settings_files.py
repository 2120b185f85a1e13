"""Programs that take their sizes from a configuration file beside them, against Python with the same files."""

import json

import pytest

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_program

SETTINGS = {"model": {"hidden": 12, "layers": [4, 8], "dropout": None}, "classes": 7, "name": "mlp"}
HEAD = "import json, os, yaml\nfrom pathlib import Path\nfrom types import SimpleNamespace\nfrom torch import nn\n"
BUILD = "\nnet = nn.Sequential(nn.Linear(5, {hidden}), nn.Linear({hidden}, {classes}))\n"
OPENED = [
    "c = json.load(open('settings.json'))",
    "with open('settings.json', 'r') as f:\n    c = json.load(f)",
    "with open('configs/settings.yaml') as f:\n    c = yaml.safe_load(f)",
    "with open('configs/settings.yaml') as f:\n    c = yaml.load(f, Loader=yaml.FullLoader)",
    "c = json.loads(Path('settings.json').read_text())",
    "c = json.loads(open('settings.json').read())",
    "with open(os.path.join(os.path.dirname(__file__), 'settings.json')) as f:\n    c = json.load(f)",
    "with (Path(__file__).parent / 'configs' / 'settings.yaml').open() as f:\n    c = yaml.safe_load(f)",
    "def load(path):\n    with open(path) as f:\n        return yaml.safe_load(f)\nc = load('configs/settings.yaml')",
    "import argparse\np = argparse.ArgumentParser()\np.add_argument('--config', default='settings.json')\n"
    "c = json.load(open(p.parse_args([]).config))",
]
USED = [
    ("", "c['model']['hidden']", "c['classes']"),
    ("\nn = SimpleNamespace(**c)", "c['model'].get('hidden', 99)", "n.classes"),
    ("\nm = c['model']\nh, k = sum(m['layers']), c.get('classes')", "h", "k"),
]


def read(text: str, files: dict[str, bytes]) -> int | None:
    trace = follow(read_program({"main.py": text.encode(), **files}))
    (network,) = networks_of(trace)
    return count(network, trace.opened).parameters


@pytest.fixture
def files() -> dict[str, bytes]:
    text = json.dumps(SETTINGS).encode()
    return {"settings.json": text, "configs/settings.yaml": text, "package.json": b'{"classes": 1}', "notes.md": b"# ="}


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize(("first", "hidden", "classes"), USED)
def test_sizes_from_a_file(opened: str, first: str, hidden: str, classes: str, files: dict[str, bytes]) -> None:
    assert read(HEAD + opened + first + BUILD.format(hidden=hidden, classes=classes), files) == 5 * 12 + 12 + 12 * 7 + 7


@pytest.mark.parametrize(
    "opened",
    [
        "c = json.load(open('other.json'))",
        "c = json.load(open(input()))",
        "c = json.load(open('settings.json'))\nc.update(json.load(open(input())))",
        "c = json.load(open('settings.json'))\nc['classes'] = int(input())",
    ],
)
def test_what_is_in_no_file_is_not_known(opened: str, files: dict[str, bytes]) -> None:
    assert read(HEAD + opened + BUILD.format(hidden="12", classes="c['classes']"), files) is None


def test_of_two_files_of_one_name_none_is_guessed() -> None:
    two = {"a/settings.json": b'{"classes": 3}', "b/settings.json": b'{"classes": 4}'}
    text = HEAD + "c = json.load(open({!r}))" + BUILD.format(hidden="12", classes="c['classes']").replace("{", "{{")
    assert read(text.format("settings.json"), two) is None
    assert read(text.format("b/settings.json"), two) == 5 * 12 + 12 + 12 * 4 + 4


def test_a_broken_file_is_a_problem_and_ends_nothing() -> None:
    program = read_program({"main.py": b"x = 1\n", "settings.yaml": b"a: [1"})
    assert len(program.problems) == 1
    assert "settings.yaml" in program.problems[0]
    assert [source.name for source in program.started] == ["main.py"]
