"""Where a TOML file's raw content doesn't fit the specification's models: pydantic's errors in an author's words."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from reportgen.assignment.spec import Assignment

MistakePath = tuple[str | int, ...]
"""Keys and indices, from 0, that lead to what is wrong; empty for the whole file."""
_T = TypeVar("_T")
_NEEDS = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a table",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "model_attributes_type": "a table",
    "model_type": "a table",
    "string_type": "a text",
    "tuple_type": "a list",
}
"""What a key needs, by pydantic's type of error."""


def schema_mistakes(raw: Mapping[str, Any]) -> Iterator[tuple[MistakePath, str]]:
    """What the models refuse of a raw spec: a path each, and what is wrong there."""
    try:
        Assignment.model_validate(raw)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            yield _path_in(raw, detail["loc"], missing=detail["type"] == "missing"), _say(detail)


def _path_in(raw: Any, location: Sequence[str | int], *, missing: bool) -> MistakePath:
    """Drop what pydantic adds to a location (union tags, type names) and the raw content hasn't."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        if isinstance(raw, Mapping):
            inside = part in raw
        else:
            inside = isinstance(raw, list) and isinstance(part, int) and part < len(raw)
        if inside:
            raw = raw[part]
        elif not (missing and index == len(location) - 1):
            continue
        path.append(part)
    return tuple(path)


def _say(detail: Any) -> str:
    kind, got, context = detail["type"], detail["input"], detail.get("ctx", {})
    plain = {
        "missing": "is missing",
        "extra_forbidden": "unknown key",
        "too_short": f"needs {context.get('min_length')} or more entries, got {context.get('actual_length')}",
        "value_error": str(context.get("error")),
    }
    if kind in plain:
        return plain[kind]
    discriminator = str(context.get("discriminator")).strip("'")
    if kind == "union_tag_not_found":
        return f"needs a {discriminator!r}"
    if kind == "union_tag_invalid":
        return f"unknown {discriminator} {context['tag']!r}; known: {context['expected_tags'].replace(chr(39), '')}"
    text = f"needs {_NEEDS[kind]}" if kind in _NEEDS else re.sub("^(Input|String) ", "", detail["msg"])
    return f"{text}, got {got!r}"


def sound_part(model: type[_T], raw: Any) -> _T | None:
    """A part of a raw spec as its model; None where it is broken, so that nothing further can be said of it."""
    try:
        return TypeAdapter(model).validate_python(raw)
    except ValidationError:
        return None
