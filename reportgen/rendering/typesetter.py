"""WeasyPrint, imported here and nowhere else, for the product and for its tests.

Its import looks for C libraries, warns where HarfBuzz-Subset is missing, and raises where Pango is. A test that met the
warning as an error left half of the package behind, and every later import failed with ``KeyError: 'weasyprint'``.
"""

import contextlib
import importlib
import io
import sys
import warnings
from types import ModuleType

from reportgen.errors import PdfError

INSTALL_PANGO = (
    "install Pango: `apt-get install libpango-1.0-0 libpangoft2-1.0-0` (Debian, Ubuntu), "
    "`dnf install pango` (Fedora), `brew install pango` (macOS), or see https://doc.courtbouillon.org/weasyprint"
)


def load_weasyprint(module: str = "weasyprint") -> ModuleType:
    """Import WeasyPrint, or a module of it, whole or not at all.

    Raises:
        PdfError: Pango is missing; says what to install.
        ModuleNotFoundError: WeasyPrint itself is not installed.
    """
    before = set(sys.modules)
    try:
        # it prints how to install what is missing, which is no part of a command's output
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            # without HarfBuzz-Subset fontTools cuts the fonts down: slower, and the PDF is as good
            warnings.filterwarnings("ignore", message="HarfBuzz-Subset will be required")
            return importlib.import_module(module)
    except BaseException as error:
        for name in set(sys.modules) - before:
            if name.partition(".")[0] == "weasyprint":
                del sys.modules[name]
        if not isinstance(error, OSError):
            raise
        first_line = str(error).strip().splitlines()[0]
        raise PdfError(f"WeasyPrint can't load Pango ({first_line}); {INSTALL_PANGO}") from None


def pango_version() -> str:
    """Version of Pango that WeasyPrint finds.

    Raises:
        PdfError: the library is missing; says what to install.
    """
    number = load_weasyprint("weasyprint.text.ffi").pango.pango_version()
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def subsets_with_harfbuzz() -> bool:
    """Tell whether WeasyPrint finds HarfBuzz-Subset.

    Raises:
        PdfError: Pango is missing.
    """
    return bool(load_weasyprint("weasyprint.text.ffi").harfbuzz_subset)
