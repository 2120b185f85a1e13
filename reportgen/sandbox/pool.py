"""As many reading processes as there are cores, side by side."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from reportgen.sandbox.process import Limits, ReadingProcess

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class ReadingPool:
    """Reading processes, each for one thread; end them by leaving the ``with`` statement.

    Args:
        module: what each process runs.
        setup: gives the first message of each.
        limits: what one request may use.
    """

    def __init__(self, module: str, setup: Callable[[], dict[str, Any]], limits: Limits) -> None:
        self._asked = (module, setup, limits)
        self._local = threading.local()
        self._started: list[ReadingProcess] = []
        self._pool = ThreadPoolExecutor(max(1, os.cpu_count() or 1))

    def __enter__(self) -> "ReadingPool":
        return self

    def __exit__(self, *exception: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        for reader in self._started:
            reader.close()

    def map(self, function: Callable[[_Item], _Result], items: Sequence[_Item]) -> Iterator[_Result]:
        """Call a function for each item, side by side; give the results in the order of the items."""
        return self._pool.map(function, items)

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        """Ask the process of this thread; see `ReadingProcess.ask` for what may be raised."""
        if not hasattr(self._local, "reader"):
            self._local.reader = ReadingProcess(*self._asked)
            self._started.append(self._local.reader)
        reader: ReadingProcess = self._local.reader
        return reader.ask(message)
