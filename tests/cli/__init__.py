"""The command line, called in this process."""

from typer.testing import CliRunner, Result

from reportgen.cli.app import app

ROLL = "M23CSE023"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))
