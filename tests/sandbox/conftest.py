"""A reading process that does as it is told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reportgen.sandbox.process import Limits, ReadingProcess

MODULE = """
import ctypes, os, pathlib, socket, subprocess, sys, threading, time
from reportgen.errors import UsageError
from reportgen.sandbox.serve import serve

count = 0


def deep(level):
    return deep(level + 1)


def answer(request, said):
    global count
    count += 1
    match request.get("do"):
        case "refuse":
            raise UsageError("not like this")
        case "fail":
            raise ZeroDivisionError
        case "die":
            os._exit(1)
        case "die when used":
            if count > 1:
                os._exit(1)
        case "half":
            os.write(3, b'{"half": ')
            os._exit(0)
        case "burn":
            while True:
                pass
        case "burn when used":
            while count > 1:
                pass
        case "try":
            try:
                return {"done": repr(eval(request["what"]))}
            except OSError as error:
                return {"refused": type(error).__name__}
        case "sleep":
            time.sleep(60)
        case "nest":
            deep(0)
        case "fill":
            bytes(2**31)
        case "chatter":
            print("to be or not")
            sys.stdout.flush()
            os.write(1, b"not to be")
            os.write(2, b"is no question")
    return {"echo": request, "count": count, "pid": os.getpid(), "setup": said}


serve(dict, answer)
"""
Start = Callable[..., ReadingProcess]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Makes reading processes of the module above; ends them."""
    (tmp_path / "answering.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    made: list[ReadingProcess] = []

    def make(seconds: float = 20, mebibytes: int = 512, module: str = "answering") -> ReadingProcess:
        made.append(ReadingProcess(module, lambda: {"setup": "ready"}, Limits(seconds, mebibytes)))
        return made[-1]

    yield make
    for process in made:
        process.close()
