"""HTML parsed into a tree as browsers do (tinyhtml5), with the line of each element."""

import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser
from tinyhtml5.treebuilder import TreeBuilder

from reportgen.errors import UnreadableError

MAX_DEPTH = 400
"""Elements inside of each other; parsing costs time by the square of them."""
LINE = "reportgen-line"
_DATA = re.compile(r"(?i)\bdata:[\w/+.-]{0,80}(?:;[\w=.-]{1,40}){0,4},[^\s\"'<>)]{32,}")


class _Tree(TreeBuilder):  # type: ignore[misc]  # tinyhtml5 has no types
    """Writes into each element the line where its tag ends."""

    def __init__(self, parser: HTMLParser) -> None:
        super().__init__(False)
        self._parser = parser

    def create_element(self, token: dict[str, Any]) -> Any:
        return self._marked(super().create_element(token))

    def insert_element_normal(self, token: dict[str, Any]) -> Any:
        if len(self.open_elements) > MAX_DEPTH:
            raise UnreadableError(
                f"the HTML has elements inside of each other deeper than the {MAX_DEPTH} that are read. "
                "Save it anew from a browser, or give a PDF."
            )
        return self._marked(super().insert_element_normal(token))

    def _marked(self, element: Any) -> Any:
        element.attributes[LINE] = str(self._parser.tokenizer.stream.position()[0])
        return element


def without_data(text: str) -> str:
    """Return HTML or Markdown less the bytes that it carries inline (pictures, fonts)."""
    return _DATA.sub("data:,", text) if "data:" in text.lower() else text


def parse_tree(text: str) -> Element:
    """Parse HTML; the tags of the tree have no namespace.

    Raises:
        UnreadableError: elements stand inside of each other too deep.
    """
    parser = HTMLParser(namespace_html_elements=False)
    parser.tree = _Tree(parser)
    for phase in parser.phases.values():
        phase.tree = parser.tree
    root: Element = parser.parse(text)
    for element in root.iter():
        if isinstance(element.tag, str):  # formulas and drawings have a namespace
            element.tag = element.tag.rpartition("}")[2]
    return root


def events(root: Element) -> Iterator[tuple[str, Element, str]]:
    """Yield ("start" or "end", element, "") and ("text", element that it stands in, text), in reading order."""
    stack: list[tuple[str, Element, str]] = [("start", root, "")]
    while stack:
        event = stack.pop()
        yield event
        kind, element, _ = event
        if kind != "start":
            continue
        stack.append(("end", element, ""))
        for child in reversed(element):
            if child.tail:
                stack.append(("text", element, child.tail))
            if isinstance(child.tag, str):  # of comments it is a function
                stack.append(("start", child, ""))
        if element.text:
            stack.append(("text", element, element.text))
