"""Which room of the house may import which, and what each may load. The plan is drawn in docs/house.md."""

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import TopologicalSorter

import pytest

from reportgen.files import PACKAGE
from tests import HERE

MAY_IMPORT = {
    "errors": "",
    "files": "errors",
    "sarif": "",
    "sandbox": "errors files",
    "assignment": "errors files",
    "documents": "errors",
    "code": "errors",
    "inspection": "sarif assignment code",
    "results": "errors files assignment",
    "training": "errors files assignment results",
    "rendering": "errors files assignment results",
    "verification": "errors files sarif assignment documents code",
    "own_reports": "errors files assignment documents code results rendering verification",
    "grading": "errors files assignment documents code inspection rendering verification own_reports",
    "pipelines": "errors files sandbox assignment documents code inspection results training rendering verification"
    " own_reports grading",
    "cli": "errors files sarif assignment documents inspection results training rendering verification own_reports"
    " grading pipelines",
    "__init__": "pipelines",
    "__main__": "cli",
}
"""For each room, the rooms that it may import; what stands lower imports nothing that stands higher."""
LIGHT = {"numpy", "PIL", "pypdfium2", "nbformat", "markdown_it", "tinyhtml5", "jinja2", "pydantic"}
TRAINING = {"torch", "torchvision", "torchinfo", "sklearn", "scipy", "safetensors", "joblib", "numba", "llvmlite"}
MAY_LOAD = {
    "errors": set(),
    "files": set(),
    "sarif": set(),
    "sandbox": set(),
    "assignment": {"pydantic"},
    "code": {"nbformat"},
    "inspection": {"pydantic"},
    "results": LIGHT,
    "documents": LIGHT,
    "verification": LIGHT,
    "own_reports": LIGHT,
    "grading": LIGHT | {"fontTools"},
    "rendering": LIGHT | {"matplotlib", "weasyprint", "pydyf", "fontTools"},
    "training": LIGHT | TRAINING,
    "pipelines": LIGHT,
    "cli": LIGHT | TRAINING | {"typer", "rich", "weasyprint"},
    "__init__": set(),
    "__main__": set(),
}
"""For each room, the libraries that it may import; those of the standard library and small ones aside."""
HEAVY = set().union(*MAY_LOAD.values()) - {"pydantic", "typer", "rich"}
TREES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
LONG = {
    "reportgen/code/calls.py": "issue 15 builds code/ anew",
    "reportgen/code/containers.py": "issue 15 builds code/ anew",
    "reportgen/code/expressions.py": "issue 15 builds code/ anew",
    "reportgen/code/operations.py": "issue 15 builds code/ anew",
    "reportgen/code/statements.py": "issue 15 builds code/ anew",
    "reportgen/code/values.py": "issue 15 builds code/ anew",
    "reportgen/code/instances.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/functional.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/keras.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/weights.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/creation.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/images.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/keras_training.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/modules.py": "issue 15 builds code/ anew",
    "reportgen/code/knowledge/tensors.py": "issue 15 builds code/ anew",
}
"""Python files of more than 300 lines, each with its reason."""


@cache
def imports(module: str) -> set[str]:
    """Names of what a module imports, in full, inside of its functions too."""
    found: set[str] = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return found


def room(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("name", sorted({room(module) for module in TREES}))
def test_a_room_imports_what_stands_below_it(name: str) -> None:
    allowed = {name, *MAY_IMPORT[name].split()}
    for module in (module for module in TREES if room(module) == name):
        asked = {found.split(".")[1] for found in imports(module) if found.startswith("reportgen.")}
        assert asked - {"__version__"} <= allowed, module


@pytest.mark.parametrize("name", sorted({room(module) for module in TREES}))
def test_a_room_loads_the_libraries_that_it_needs(name: str) -> None:
    for module in (module for module in TREES if room(module) == name):
        asked = {found.split(".")[0] for found in imports(module)} & (HEAVY | {"typer", "rich", "pydantic"})
        assert asked - {"pydantic"} <= MAY_LOAD[name], module


def test_nothing_imports_upwards() -> None:
    order = list(MAY_IMPORT)
    for name, allowed in MAY_IMPORT.items():
        for other in allowed.split():
            assert order.index(other) < order.index(name) or name == "__init__"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {
        module: {other for other in TREES if f"reportgen.{other}" in imports(module) and other != module}
        for module in TREES
    }
    assert sorted(TopologicalSorter(graph).static_order()) == sorted(TREES)


def test_files_are_short() -> None:
    long = {
        path.relative_to(HERE.parent).as_posix()
        for folder in (PACKAGE, HERE.parent / "benchmarks", HERE)
        for path in folder.rglob("*.py")
        if len(path.read_text(encoding="utf-8").splitlines()) > 300
    }
    assert long == set(LONG)


def test_the_plan_of_the_house_names_each_room() -> None:
    drawn = (HERE.parent / "docs" / "house.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\s*([a-z_]+)/ ", drawn, re.M))
    folders = {path.parent.relative_to(PACKAGE) for path in PACKAGE.rglob("__init__.py")}
    assert named == {folder.name for folder in folders if folder.name}


def loaded_by(code: str) -> set[str]:
    """Top-level names of all modules that some code loads, in a fresh interpreter."""
    code = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(run.stdout.split("\n")[-2].split())


def test_importing_the_command_line_interface_loads_no_heavy_library() -> None:
    assert not loaded_by("import reportgen.cli") & HEAVY


def test_counting_a_network_loads_no_heavy_library() -> None:
    assert not loaded_by("import reportgen.assignment.bundled, reportgen.assignment.counting") & HEAVY


def test_reading_and_marking_load_neither_torch_nor_matplotlib_nor_weasyprint() -> None:
    modules = ", ".join(
        f"reportgen.{module}"
        for module in TREES
        if room(module) in {"documents", "code", "inspection", "verification", "sandbox"}
    )
    loaded = loaded_by(
        f"import {modules}, reportgen.pipelines.verify, reportgen.pipelines.inspect, reportgen.pipelines.grade".replace(
            ".__init__", ""
        )
    )
    assert not loaded & (TRAINING | {"matplotlib", "weasyprint"})
