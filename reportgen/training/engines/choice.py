"""Which engine a build takes."""

from typing import Literal

from reportgen.errors import UsageError
from reportgen.training.engines import fast
from reportgen.training.engines.cuda_graph import CudaGraph
from reportgen.training.engines.engine import Engine
from reportgen.training.engines.plain import PLAIN

EngineChoice = Literal["auto", "plain", "fast"]


def choose_engine(asked: EngineChoice, device: str) -> tuple[Engine, str]:
    """The engine for a device, and why it is not the fast one where ``auto`` would have taken that.

    Raises:
        UsageError: the fast engine was asked for and can't work here.
    """
    if device != "cpu":
        if asked == "fast":
            raise UsageError("--engine fast trains on a CPU: give --device cpu too, or leave --engine out.")
        return (PLAIN if asked == "plain" else CudaGraph()), ""
    if asked == "plain":
        return PLAIN, ""
    try:
        return fast.prove(), ""
    except fast.UnfitError as error:
        if asked == "fast":
            raise UsageError(f"--engine fast can't work here: {error}. Leave --engine out, or give plain.") from error
        return PLAIN, str(error)
