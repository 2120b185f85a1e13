"""Each pattern of the vocabulary finds its example and not its counter-example."""

import re
from typing import Any

import pytest

from reportgen.verification import vocabulary

ENTRIES = [(section, entry) for section, own in vocabulary.entries().items() for entry in own]


def pattern(section: str, entry: dict[str, Any]) -> re.Pattern[str]:
    if section == "silent":
        return re.compile(rf"(?<![^\W_])(?:{entry['pattern']})", re.I)
    return vocabulary.entry_pattern(entry)


@pytest.mark.parametrize(("section", "entry"), ENTRIES, ids=[f"{section}-{entry['id']}" for section, entry in ENTRIES])
def test_an_entry_finds_its_example_only(section: str, entry: dict[str, Any]) -> None:
    compiled = pattern(section, entry)
    assert compiled.search(entry["example"])
    assert not compiled.search(entry["counter"])


def test_every_word_is_found_by_the_characters_it_can_begin_with() -> None:
    """The walk over a text tries a word only where one of these stands."""
    for section, entry in ENTRIES:
        for text in (entry["example"], entry["counter"]) if "words" in entry else ():
            match = vocabulary.entry_pattern(entry).search(text)
            walked = (
                [one.start <= match.start() < one.end for one in vocabulary.find(section, text)] if match else [True]
            )
            assert any(walked), (section, entry["id"], text)


def test_ids_are_unique_in_their_section() -> None:
    for own in vocabulary.entries().values():
        assert len({entry["id"] for entry in own}) == len(own)
