"""matplotlib's SVG made fit to stand inside an HTML page and a PDF."""

import re
import xml.etree.ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_LINKS = ("href", f"{{{_XLINK}}}href")
_URL = re.compile(r"url\(#([^)]+)\)")
HOOKS = "hooks:"
"""An id that begins so is a list of ``name=value``, separated by semicolons: what `tidy` makes ``data-`` attributes."""


def tidy(svg: bytes, name: str, alt: str) -> bytes:
    """Rewrite an SVG document: styles become attributes, ids are unique to ``name``, ``alt`` becomes its title.

    Groups that a script is to find get their ``data-`` attributes, as `HOOKS` says. Inline in a page a ``style`` would
    be read as CSS of the page, and ids of two figures would clash.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{_SVG}}}metadata", f"{{{_SVG}}}style"):
                parent.remove(child)
    # what matplotlib's own style element says of everything
    root.set("stroke-linejoin", "round")
    root.set("stroke-linecap", "butt")
    for element in root.iter():
        _spell_out(element)
    used = {target for element in root.iter() for target in _references(element)}
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key in _LINKS:
                element.set(key, value.replace("#", f"#{name}-", 1) if value.startswith("#") else value)
            else:
                element.set(key, _URL.sub(rf"url(#{name}-\1)", value))
    _unwrap(root)
    title = ET.Element(f"{{{_SVG}}}title", id=f"{name}-title")
    title.text = alt
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    content: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


def _spell_out(element: ET.Element) -> None:
    """Make attributes of an element's style and of its hooks, and leave out what changes nothing."""
    for key, value in _declarations(element).items():
        element.set(key, value)
    element.attrib.pop("style", None)
    element.attrib.pop("image-rendering", None)  # pixels of uneven size are uglier than smoothed ones
    if element.get("transform", "").startswith("rotate(-0 "):
        del element.attrib["transform"]
    for key, value in _hooks(element):
        element.set(f"data-{key}", value)


def _unwrap(parent: ET.Element) -> None:
    """Take out the groups that say nothing, and the space between elements."""
    kept: list[ET.Element] = []
    for child in parent:
        _unwrap(child)
        kept.extend([child] if child.attrib or child.tag != f"{{{_SVG}}}g" else list(child))
    parent[:] = kept
    for element in (parent, *kept):
        element.tail = None
    if not (parent.text or "").strip():
        parent.text = None


def _hooks(element: ET.Element) -> list[tuple[str, str]]:
    named = element.get("id", "")
    pairs = named.removeprefix(HOOKS).split(";") if named.startswith(HOOKS) else []
    return [(key, value) for key, equals, value in (pair.partition("=") for pair in pairs) if equals]


def _references(element: ET.Element) -> list[str]:
    links = [element.get(key, "") for key in _LINKS]
    inside = [target for value in element.attrib.values() for target in _URL.findall(value)]
    return [*(link[1:] for link in links if link.startswith("#")), *inside]


def _declarations(element: ET.Element) -> dict[str, str]:
    style = element.get("style", "")
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return {key.strip(): value.strip().replace("'", "") for key, value in pairs}
