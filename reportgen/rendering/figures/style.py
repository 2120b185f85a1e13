"""How every figure of a report looks: colours, sizes and dashes. No heavy library."""

WIDTH = 476.0
"""Points across: the text of a page."""
TEXT, SMALL = 8.0, 7.0
"""Sizes of letters, points; nothing is smaller."""

INK, MUTED, RULE, GRID = "#1c2430", "#5b6675", "#c9d0d8", "#e6eaee"
TEST, TRAINING, VALIDATION = "#0b4f8a", "#b34a00", "#5b6675"
"""Dark blue and orange differ in lightness too, and every curve has its own dash: both survive grey printing."""
PAPER = "#ffffff"
BLUES = ("#dbe7f2", "#b9cfe3", "#8fb0d0")
"""Faces of a block: its front, its top and its side."""
GREYS = ("#eef1f4", "#dde2e8", "#c9d0d8")
TINTS = ("#fdf0e4", "#fbdfc6", "#f8cba1", "#f3b27a", "#ec9651")
"""Errors, from few to many; each is darker in grey too, and ink on the last has a contrast of 7:1."""

SOLID: tuple[float, ...] = ()
DASHED: tuple[float, ...] = (4, 1.6)
DOTTED: tuple[float, ...] = (1, 1.4)

_ADVANCES = (
    *(25, 32, 52, 64, 65, 100, 66, 33, 37, 37, 54, 67, 32, 47, 32, 38, 66, 42, 62, 64, 67, 61, 64, 58, 64, 64, 32, 33),
    *(67, 67, 67, 54, 100, 73, 66, 74, 72, 61, 59, 75, 75, 28, 58, 70, 57, 92, 76, 77, 65, 77, 65, 65, 66, 74, 73, 102),
    *(72, 71, 65, 37, 38, 37, 48, 47, 35, 57, 62, 58, 62, 59, 39, 63, 61, 26, 26, 57, 26, 90, 61, 61, 62, 62, 40, 55),
    *(35, 61, 59, 84, 57, 59, 57, 45, 36, 45, 67),
)
"""How far Inter SemiBold's letters from the space to the tilde go, hundredths of their size; Regular is narrower."""


def width(text: str, size: float = TEXT) -> float:
    """How wide a text is, points; a little more where it is not bold."""
    return size / 100 * sum(_ADVANCES[ord(letter) - 32] if " " <= letter <= "~" else 95 for letter in text)


def shorten(text: str, room: float, size: float = TEXT) -> str:
    """A text that fits into ``room`` points, cut at its end where it must be."""
    if width(text, size) <= room:
        return text
    kept = text
    while len(kept) > 1 and width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def wrap(text: str, room: float, size: float = TEXT, lines: int = 3) -> list[str]:
    """A text broken between its words into as few lines of ``room`` points as it needs, as even as can be.

    What goes beyond ``lines`` is cut.
    """
    broken = _broken(text, room, size)
    if len(broken) > lines:
        return [shorten(line, room, size) for line in [*broken[: lines - 1], " ".join(broken[lines - 1 :])]]
    narrowest = min(
        (room * part / 16 for part in range(1, 17) if len(_broken(text, room * part / 16, size)) == len(broken)),
        default=room,
    )
    return [shorten(line, room, size) for line in _broken(text, narrowest, size)]


def _broken(text: str, room: float, size: float) -> list[str]:
    broken: list[str] = []
    for word in text.split():
        if broken and width(f"{broken[-1]} {word}", size) <= room:
            broken[-1] += f" {word}"
        else:
            broken.append(word)
    return broken
