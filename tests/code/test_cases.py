"""Real kinds of programs, each with what a careful reader counts. The folder is named by REPORTGEN_CASES."""

import os
from pathlib import Path

import pytest

from reportgen.code.networks import count
from reportgen.code.program import follow, networks_of
from reportgen.code.source import read_program

FOLDER = os.environ.get("REPORTGEN_CASES", "")
pytestmark = pytest.mark.skipif(not FOLDER, reason="REPORTGEN_CASES names no folder of cases")

Counts = list[tuple[int | None, int | None]]


def counted(name: str) -> Counts:
    """Parameters, and those that are trained at the end, of each network."""
    path = Path(FOLDER) / "code" / name
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    trace = follow(read_program({file.name: file.read_bytes() for file in files}))
    return [(one.parameters, one.trainable) for one in (count(made, trace.opened) for made in networks_of(trace))]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("01_lenet5_pad_transform.py", [(61_706, 61_706)]),
        ("02_modulelist_slice.py", [(11_070, 11_070)]),
        ("04_head_replaced.py", [(11_070, 11_070)]),
        ("06_freeze_by_name.py", [(11_070, 6_770)]),
        ("07_layers_in_plain_list.py", [(6_770, 6_770)]),
        ("08_keras_mlp_784.py", [(407_050, 407_050)]),
        ("a_m07", [(11_070, 11_070)]),
        ("a_m08", [(11_070, 0)]),
        ("a_m11", [(11_070, 11_070)]),
        ("b_m08", [(61_706, 61_706)]),
        ("b_m10", [(61_706, 61_706), (61_750, 61_750)]),
        ("b_m11", [(61_075, 61_075)]),
        ("changed_networks/p1.py", [(None, None)]),
        ("changed_networks/p3.py", [(None, None)]),
        ("changed_networks/p6.py", [(None, None)]),
        ("changed_networks/q_append_cond.py", [(None, None)]),
        ("changed_networks/q_hook.py", [(None, None)]),
        ("changed_networks/q_del_item.py", [(126_250, 126_250)]),
        ("changed_networks/q_insert.py", [(126_282, 126_282)]),
        ("changed_networks/q_setitem.py", [(125_610, 125_610)]),
        ("changed_networks/q_except_raise.py", [(125_610, 125_610)]),
    ],
)
def test_counts(name: str, wanted: Counts) -> None:
    assert counted(name) == wanted
