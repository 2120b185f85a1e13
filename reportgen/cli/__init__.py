"""The command line, ``reportgen.cli:main``."""

import sys


def main() -> None:
    """Run the command line."""
    from reportgen.cli.streams import take_streams

    take_streams()
    if sys.argv[1:2] == ["verify"]:
        # what reads a document takes as long to load as typer and rich: loaded beside them, not after
        from reportgen.pipelines.verify import start_early

        start_early()
    from reportgen.cli.app import run

    run()


__all__ = ["main"]
