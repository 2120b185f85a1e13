"""What tests need of the machine: where it is missing they are skipped and say so, but not in CI.

With ``REPORTGEN_NO_SKIPS`` set nothing is skipped for want of a program or library: the test fails.
"""

import os
import shutil
import subprocess

import pytest

from reportgen.errors import PdfError
from reportgen.rendering.typesetter import pango_version


def _pango() -> bool:
    try:
        return bool(pango_version())
    except (PdfError, ModuleNotFoundError):
        return False


def _namespaces() -> bool:
    """Tell whether folders can be mounted read-only for one process; containers often forbid it."""
    mounts = "mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp"
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mounts]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _needs(found: bool, what: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not found and not os.environ.get("REPORTGEN_NO_SKIPS"), reason=f"needs {what}")


CHROMIUM = os.environ.get("REPORTGEN_CHROMIUM") or shutil.which("chromium")
needs_chromium = _needs(CHROMIUM is not None, "chromium (apt-get install chromium)")
needs_pango = _needs(_pango(), "Pango (apt-get install libpango-1.0-0 libpangoft2-1.0-0)")
# skipped in CI too where a container forbids it, since nothing can be installed to help
needs_namespaces = pytest.mark.skipif(not _namespaces(), reason="needs user namespaces, which this machine forbids")
