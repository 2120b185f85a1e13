"""Configuration files beside code, read as plain data with their lines."""

import json
from configparser import RawConfigParser
from io import StringIO

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reportgen.code.configuration import MAX_CHARACTERS, Configuration, Plain, read_configuration
from reportgen.errors import UnreadableError

KEYS = st.text(st.characters(codec="ascii", categories=["L"]), min_size=1, max_size=8)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**9), 10**9), st.floats(allow_nan=False, allow_infinity=False), KEYS
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
TABLES = st.dictionaries(KEYS, VALUES, max_size=5)


def read(text: str, name: str = "config.yaml") -> Configuration:
    return read_configuration(text.encode(), name)


def placed(configuration: Configuration) -> dict[str, tuple[object, int]]:
    return {setting.name: (setting.value, setting.line) for setting in configuration.settings}


def test_yaml() -> None:
    text = "# how it is trained\ntraining:\n  epochs: 30\n  rates: [0.1, 0.01]\nname: a\nday: 2024-01-02\n"
    assert placed(read(text)) == {
        "training.epochs": (30, 3),
        "training.rates.0": (0.1, 4),
        "training.rates.1": (0.01, 4),
        "name": ("a", 5),
        "day": ("2024-01-02", 6),
    }


def test_yaml_takes_what_is_merged_unless_it_says_otherwise() -> None:
    configuration = read("base: &b {lr: 0.1, epochs: 5}\nrun:\n  <<: *b\n  epochs: 9\n")
    assert configuration.data == {"base": {"lr": 0.1, "epochs": 5}, "run": {"lr": 0.1, "epochs": 9}}
    assert configuration.line(("run", "epochs")) == 4


def test_json() -> None:
    text = '{\n  "training": {"epochs": 30,\n    "sizes": [1,\n 2]},\n  "a": "b, {c}: \\"d\\"",\n "last": {"z": null}}'
    assert placed(read(text, "c.json")) == {
        "training.epochs": (30, 2),
        "training.sizes.0": (1, 3),
        "training.sizes.1": (2, 4),
        "a": ('b, {c}: "d"', 5),
        "last.z": (None, 6),
    }


def test_toml() -> None:
    text = 'seed = 1\n[train]\nepochs = 30\noptimizer.lr = 0.1\nnote = """\nseed = 9\n"""\n'
    text += "[[run]]\nn = 1\n[[run]]\nn = 2\n"
    assert placed(read(text, "c.toml")) == {
        "seed": (1, 1),
        "train.epochs": (30, 3),
        "train.optimizer.lr": (0.1, 4),
        "train.note": ("seed = 9\n", 5),
        "run.0.n": (1, 9),
        "run.1.n": (2, 11),
    }


def test_ini() -> None:
    text = "[train]\nEpochs = 30\nlr: 0.1\n# seed = 3\n[data]\nname = %(a)s\n"
    assert placed(read(text, "c.ini")) == {
        "train.Epochs": ("30", 2),
        "train.lr": ("0.1", 3),
        "data.name": ("%(a)s", 6),
    }


@given(TABLES)
def test_json_is_read_as_python_reads_it(table: dict[str, Plain]) -> None:
    configuration = read(json.dumps(table, indent=1), "c.json")
    assert configuration.data == table
    assert {setting.path for setting in configuration.settings} <= set(configuration.lines)


@given(TABLES)
def test_yaml_is_read_as_its_library_reads_it(table: dict[str, Plain]) -> None:
    text = yaml.safe_dump(table)
    configuration = read(text)
    assert configuration.data == yaml.safe_load(text)
    lines = text.splitlines()
    assert all(1 <= setting.line <= len(lines) for setting in configuration.settings)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, KEYS, max_size=4), max_size=4))
def test_each_entry_of_an_ini_file_has_its_line(table: dict[str, dict[str, str]]) -> None:
    parser = RawConfigParser()
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_dict(table)
    written = StringIO()
    parser.write(written)
    lines = written.getvalue().splitlines()
    for setting in read(written.getvalue(), "c.ini").settings:
        assert lines[setting.line - 1] == f"{setting.path[-1]} = {setting.value}"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.yaml", b"a: [1", "line 1"),
        ("a.yaml", b"a: !!python/object/apply:os.system ['ls']", "line 1.*no plain data"),
        ("a.yaml", b"a: &x [*x]", "nested deeper"),
        ("a.yaml", b"[" * 5000, "nested too deep"),
        ("a.yaml", b"\xff\xfe", "not UTF-8"),
        ("a.json", b"{'a': 1}", "double quotes"),
        ("a.json", b"[" * 100_000, "nested too deep"),
        ("a.json", b"[" * 60 + b"]" * 60, "nested deeper"),
        ("a.json", b"[" + b"1," * 30_000 + b"1]", "20,000 values"),
        ("a.json", b"[" + b"9" * 5000 + b"]", "digits"),
        ("a.toml", b"a = \nb = 1", "line 1"),
        ("a.ini", b"a = 1", "section"),
        ("a.yaml", b"a" * (MAX_CHARACTERS + 1), "characters"),
        ("a.txt", b"", ".yaml"),
    ],
)
def test_what_cannot_be_read_is_told(name: str, content: bytes, said: str) -> None:
    with pytest.raises(UnreadableError, match=f"(?s)^{name}: .*{said}"):
        read_configuration(content, name)


def test_aliases_of_aliases_are_counted_as_often_as_they_are_used() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(UnreadableError, match="more than 20,000 values"):
        read(bomb)


def test_an_empty_file_has_no_settings() -> None:
    assert not list(read("").settings)
