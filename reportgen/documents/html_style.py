"""Which elements of HTML a person sees, as far as attributes and styles inside of the elements say so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

Colour = tuple[int, int, int]
_LEAST_CONTRAST = 16
"""Difference in the strongest of red, green and blue, of 255, that is still seen."""
_DECLARATION = re.compile(r"([a-z-]+)\s*:\s*([^;]{1,200})")
_NOTHING = re.compile(r"0*\.?0*(?:px|pt|em|rem|%|ex|ch|vw|vh)?")


@dataclass(frozen=True)
class Sight:
    """What an element hands down to those inside of it."""

    is_seen: bool = True
    ink: Colour = (0, 0, 0)
    ground: Colour = (255, 255, 255)

    @property
    def shows_text(self) -> bool:
        """Text at once inside of the element can be seen."""
        return self.is_seen and max(abs(a - b) for a, b in zip(self.ink, self.ground, strict=True)) >= _LEAST_CONTRAST


def inside(outer: Sight, tag: str, attributes: Mapping[str, str]) -> Sight:
    """Return what can be seen inside of an element that stands in ``outer``."""
    if not any(name in attributes for name in ("style", "hidden", "color", "bgcolor", "type")):
        return outer
    style = dict(_DECLARATION.findall(attributes.get("style", "")[:2000].lower().replace("!important", "")))
    gone = (
        "hidden" in attributes
        or (tag == "input" and attributes.get("type", "").lower() == "hidden")
        or style.get("display", "").strip() == "none"
        or style.get("visibility", "").strip() in {"hidden", "collapse"}
        or any(name in style and _NOTHING.fullmatch(style[name].strip()) for name in ("font-size", "opacity"))
    )
    ink = _colour(style.get("color") or (attributes.get("color", "") if tag == "font" else ""))
    ground = _colour(style.get("background-color") or style.get("background") or attributes.get("bgcolor", ""))
    return Sight(outer.is_seen and not gone, ink or outer.ink, ground or outer.ground)


def _colour(text: str) -> Colour | None:
    from PIL import ImageColor

    text = text.strip()
    if text == "transparent":
        return None
    try:
        return ImageColor.getrgb(text[:40])[:3] if text else None
    except ValueError:
        return None
