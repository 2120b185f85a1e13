"""LaTeX, Markdown and typographic notation unfolded into plain text that reads as printed."""

import re

_COMMANDS = {
    "times": "×",
    "cdot": "·",
    "ast": "*",
    "star": "*",
    "div": "÷",
    "pm": "±",
    "approx": "≈",
    "simeq": "≈",
    "sim": "~",
    "le": "≤",
    "leq": "≤",
    "ge": "≥",
    "geq": "≥",
    "neq": "≠",
    "ne": "≠",
    "equiv": "≡",
    "bmod": " mod ",
    "mod": " mod ",
    "to": "→",
    "rightarrow": "→",
    "Rightarrow": "⇒",
    "implies": "⇒",
    "therefore": "∴",
    "ldots": "…",
    "dots": "…",
    "cdots": "…",
    "quad": " ",
    "qquad": " ",
    "left": "",
    "right": "",
    "big": "",
    "Big": "",
    "displaystyle": "",
    "textstyle": "",
    "limits": "",
    "nonumber": "",
    "item": "\n",
    "hline": "",
    "midrule": "",
    "toprule": "",
    "bottomrule": "",
    "centering": "",
    "newline": "\n",
    "noindent": "",
    "colon": ":",
    "lbrace": "{",
    "rbrace": "}",
}
_WRAPPERS = (
    "text|textbf|textit|texttt|emph|underline|boxed|fbox|mathrm|mathbf|mathit|mathsf|mathtt|mathcal|operatorname|mbox"
)
_WRAPPER = re.compile(rf"\\(?:{_WRAPPERS})\*?\s?\{{([^{{}}]*)\}}")
_BRACED = re.compile(r"\\(?:under|over)brace\s?\{([^{}]*)\}\s?[_^]\s?\{[^{}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\s?\{([^{}]*)\}\s?\{([^{}]*)\}")
_PMOD = re.compile(r"\s?\\pmod\s?(?:\{([^{}]*)\}|(?=\d)(\d+))")
_SCRIPT = re.compile(r"\^\{([^{}]*)\}")
_SUBSCRIPT = re.compile(r"_\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?\s?")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!%&$~<>|=^\"'/:;?@])")
_SPACING = re.compile(r"\\[,;:!]|\\ ")
_DOLLARS = re.compile(r"\$\$?")
_INVISIBLE = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_NO_GROUP = re.compile(r"(?<!\d)[\u00a0\u2009\u202f]|[\u00a0\u2009\u202f](?!\d{3}(?!\d))")
_HYPHENS = re.compile("[\u2010-\u2012]")
_BEGIN_END = re.compile(r"\\(?:begin|end)\s?\{[^{}]*\}")
_CONTINUED = re.compile(r"&\s*(?=[=+−-])")
_PASSES = 6
"""Depth of nested LaTeX groups that is unfolded."""


def squeeze(text: str) -> str:
    """Fold white space, but keep the narrow and unbreakable spaces that group digits (``3\u2009208``)."""
    text = _HYPHENS.sub("-", _NO_GROUP.sub(" ", text))
    return re.sub(r"[^\S\u00a0\u2009\u202f]+", " ", text).strip()


def unfold_latex(text: str) -> str:
    r"""Return text with LaTeX commands and escapes replaced by what they print (``\times`` by ``×``)."""
    text = re.sub(r"(?<=\w)~(?=\w)", " ", _INVISIBLE.sub("", text))
    if any(mark in text for mark in ("\\", "$", "{,}", "^{")):
        text = text.replace("{,}", ",").replace("{.}", ".").replace("\\{", "\\lbrace ").replace("\\}", "\\rbrace ")
        # math delimiters and escaped brackets look alike; brackets around a whole equation do no harm
        text = _CONTINUED.sub("", _BEGIN_END.sub("\n", text.replace("\\\\", "\n")))
        text = _SPACING.sub("\u2009", text)
        text = text.replace("\\_", "_").replace("\\%", "%")
        for _ in range(_PASSES):
            before = text
            text = _BRACED.sub(r"\1", _WRAPPER.sub(r"\1", text))
            text = _FRACTION.sub(r"((\1)/(\2))", text)
            text = _PMOD.sub(lambda match: f" mod {match[1] or match[2]}", text)
            text = _SCRIPT.sub(r"^(\1)", text)
            text = _SUBSCRIPT.sub(r"_\1", text)
            if text == before:
                break
        text = _COMMAND.sub(lambda match: _COMMANDS.get(match[1], match[0]), text)
        text = _ESCAPED.sub(r"\1", text)
        text = _DOLLARS.sub("", text)
    return text
