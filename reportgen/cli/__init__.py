"""The command line, ``reportgen.cli:main``."""

from reportgen.cli.app import main

__all__ = ["main"]
