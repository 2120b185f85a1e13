"""Who may import whom."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import reportgen
from reportgen.training import checkpoints

PACKAGE = Path(reportgen.__file__).parent
TREES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name != "__init__.py"
}
HEAVY = {
    "torch",
    "torchvision",
    "torchinfo",
    "sklearn",
    "scipy",
    "numpy",
    "matplotlib",
    "weasyprint",
    "joblib",
    "PIL",
    "numba",
    "llvmlite",
}
TORCH = {"torch", "torchvision", "torchinfo", "safetensors"}
LIGHT = {"errors", "files", "layers", "spec", "plan", "counting", "datasets", "mistakes", "catalog", "grading.checks"}
COMPUTING = {
    *("data", "batches", "model", "planes", "kernels", "blocks", "convolutions", "units"),
    *("image_units", "fast", "gpu", "optimizers", "train", "checkpoints", "workers"),
    *("metrics", "samples", "crosscheck", "experiment", "reevaluation"),
}
TOP = {"__main__", "cli", "build", "doctor", "progress", "commands_verify", "commands_grade", "grade", "audit"}
RENDERING = set(TREES) - LIGHT - COMPUTING - TOP - {"results"}
"""All the rest: what works from results, or checks documents."""


def imports(module: str, *, inside_functions: bool = True) -> set[str]:
    """Names of the modules that a module imports, in full."""
    found: set[str] = set()
    todo: list[ast.AST] = [TREES[module]]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
        if inside_functions or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += ast.iter_child_nodes(node)
    return found


def libraries(module: str, *, inside_functions: bool = True) -> set[str]:
    """Top-level names of what a module imports."""
    return {name.split(".")[0] for name in imports(module, inside_functions=inside_functions)}


def ours(module: str, *, inside_functions: bool = True) -> set[str]:
    """The modules of reportgen that a module imports."""
    names = imports(module, inside_functions=inside_functions)
    return {other for other in TREES if f"reportgen.{other}" in names}


def test_the_modules_that_these_rules_are_about_exist() -> None:
    assert set(TREES) >= LIGHT | COMPUTING | {"results"}


def test_errors_imports_nothing_of_reportgen() -> None:
    assert not any(name.startswith("reportgen") for name in imports("errors"))


def test_a_checkpoint_is_named_for_every_module_that_computes() -> None:
    reached, todo = set(), ["train"]
    while todo:
        module = todo.pop()
        if module not in reached:
            reached.add(module)
            todo += [name for name in TREES if f"reportgen.{name}" in imports(module) and name in COMPUTING]
    named = set(checkpoints._COMPUTING)
    assert named == reached - {"data"} | {"checkpoints", "layers"}  # the data have a digest of their own


@pytest.mark.parametrize("module", sorted(LIGHT | {"results"}))
def test_what_is_asked_needs_no_heavy_library(module: str) -> None:
    assert not libraries(module) & HEAVY
    assert ours(module) <= LIGHT


@pytest.mark.parametrize("module", sorted(set(TREES) - COMPUTING))
def test_torch_lives_in_the_computing_half_only(module: str) -> None:
    assert not libraries(module, inside_functions=False) & (TORCH | {"sklearn"})


@pytest.mark.parametrize("module", sorted(COMPUTING))
def test_the_computing_half_knows_nothing_of_rendering(module: str) -> None:
    assert ours(module) <= LIGHT | COMPUTING | {"results"}
    assert not libraries(module) & {"matplotlib", "weasyprint", "jinja2", "typer", "rich"}


@pytest.mark.parametrize("module", sorted(RENDERING))
def test_the_rendering_half_needs_no_torch_and_meets_computing_only_in_results(module: str) -> None:
    assert not libraries(module) & (TORCH | {"sklearn", "joblib"})
    assert ours(module) <= LIGHT | RENDERING | {"results"}


def test_no_module_imports_itself_in_a_circle() -> None:
    order = list(TopologicalSorter({module: ours(module) for module in TREES}).static_order())
    assert sorted(order) == sorted(TREES)


@pytest.mark.parametrize("module", sorted(set(TREES) - {"cli", "commands_verify", "commands_grade", "__main__"}))
def test_only_the_command_line_interface_knows_typer(module: str) -> None:
    assert "typer" not in libraries(module)


def loaded_by(module: str) -> set[str]:
    """Top-level names of all modules that importing one loads, in a fresh interpreter."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(run.stdout.split())


@pytest.mark.skipif("cli" not in TREES, reason="there is no reportgen.cli.app yet")
def test_importing_the_command_line_interface_loads_no_heavy_library() -> None:
    assert not loaded_by("reportgen.cli.app") & (HEAVY | TORCH)


def test_counting_a_network_loads_no_heavy_library() -> None:
    assert not loaded_by("reportgen.assignment.bundled") & (HEAVY | TORCH)


def test_importing_the_rendering_half_loads_no_torch() -> None:
    modules = ", ".join(f"reportgen.{module}" for module in sorted(RENDERING))
    assert not loaded_by(modules) & (TORCH | {"sklearn"})
