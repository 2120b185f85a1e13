"""The tests, in the rooms of the packages that they are about."""

from pathlib import Path

HERE = Path(__file__).parent
