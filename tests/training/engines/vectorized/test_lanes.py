"""The whole engine as each width of vector registers has it, compiled, and in NumPy with every access checked.

What this processor lacks LLVM makes of what it has, so all widths run anywhere. The width is a constant of the code:
each runs in a process of its own.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import HERE

FOLDER = Path(__file__).parent
_LANES = """
import sys
from reportgen.training.engines.vectorized import batch_rows
batch_rows.LANES = int(sys.argv[1])
"""
_PYTEST = """
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[2:]]))
"""
_TWINS = """
import torch
from reportgen.training.engines.vectorized import convolution, loops
from tests.training.engines.vectorized import twins
for module in (loops, convolution):
    for name in ("convolve_block", "correlate_block", "pool_block", "unpool_block"):
        if hasattr(module, name):
            setattr(module, name, getattr(twins, name))
from reportgen.assignment.counting import complete
from reportgen.assignment.layers import BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, ReLU, AvgPool2d
from tests.training.engines.vectorized.test_fused import check
sliding, dense = MaxPool2d(kernel_size=(2, 2), stride=(1, 1)), (Flatten(), Linear(out_features=3))
def conv(channels, *kernel, **settings):
    return Conv2d(out_channels=channels, kernel_size=kernel, **settings)
for layers in (
    (conv(9, 3, 3, padding=(1, 1)), sliding, ReLU(), conv(3, 4, 3, padding=(2, 1)), BatchNorm2d(), ReLU()),
    (conv(5, 5, 5, padding=(2, 2)), sliding, sliding, ReLU(), conv(2, 2, 6, padding=(0, 3)), ReLU()),
    (sliding, conv(4, 1, 7, padding=(0, 6)), AvgPool2d(kernel_size=(2, 2)), ReLU(), conv(2, 3, 1)),
    (conv(3, 2, 2), MaxPool2d(kernel_size=(2, 2)), BatchNorm2d(), ReLU(), conv(17, 3, 3, padding=(1, 1))),
):
    for batch in (1, 3, 5):
        check(complete((*layers, *dense), (2, 7, 8)), (2, 7, 8), batch)
print("checked", batch_rows.LANES)
"""


def run(code: str, *arguments: str, **settings: str) -> str:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), *filter(None, sys.path)]), **settings}
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command, env=environment, cwd=HERE.parent, capture_output=True, text=True, timeout=900, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("lanes", ["4", "8", "16"])
def test_the_compiled_engine_at_each_width(lanes: str) -> None:
    said = run(_LANES + _PYTEST, lanes, str(FOLDER), "--ignore", str(Path(__file__)))
    assert "passed" in said
    assert "skipped" not in said


@pytest.mark.slow
def test_the_compiled_engine_with_the_bounds_of_its_loops_checked() -> None:
    paths = [str(FOLDER / name) for name in ("test_loops.py", "test_convolution.py", "test_stages.py")]
    assert "passed" in run(_LANES + _PYTEST, "8", *paths, NUMBA_BOUNDSCHECK="1")


@pytest.mark.slow
@pytest.mark.parametrize("lanes", ["4", "8", "16"])
def test_no_block_reads_or_writes_outside_of_the_memory_that_its_margins_promise(lanes: str) -> None:
    assert f"checked {lanes}" in run(_LANES + _TWINS, lanes, NUMBA_DISABLE_JIT="1")


@pytest.mark.slow
def test_a_margin_that_is_too_narrow_is_found() -> None:
    shrink = """
zeros = batch_rows.Planes.zeros.__func__
def without_slack(cls, shape, margin=0):
    import torch
    whole = zeros(cls, shape, margin)
    return cls(torch.from_numpy(whole.rows.copy()).numpy(), whole.count, whole.width, whole.lead)
batch_rows.Planes.zeros = classmethod(without_slack)
"""
    with pytest.raises(AssertionError, match=r"AssertionError: \d+…\d+ of \d+"):
        run(_LANES + shrink + _TWINS, "8", NUMBA_DISABLE_JIT="1")
