"""The places of tests: each module with code has its own test file, and `make mutants` finds a room's tests."""

import ast
from pathlib import Path

import pytest

from benchmarks.mutants.rooms import ROOMS, further, modules, nearest

ROOT = Path(__file__).parent.parent


def does_something(module: Path) -> bool:
    """Whether there is a function in it: modules of plain values have nothing to test."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) for node in ast.walk(ast.parse(module.read_text()))
    )


def own_tests(module: Path) -> Path:
    inside = module.relative_to("bot")
    return Path("tests") / inside.with_name(f"test_{inside.name}")


@pytest.mark.parametrize("room", ["core", "usecases"])
def test_each_module_has_tests_of_its_name(room: str) -> None:
    wanted = [own_tests(module) for module in modules(ROOT, room) if does_something(ROOT / module)]
    assert wanted
    assert [str(one) for one in wanted if not (ROOT / one).is_file()] == []


def test_tests_that_a_change_is_run_against_are_there() -> None:
    asked = {test for room in ROOMS for module in modules(ROOT, room) for test in further(ROOT, module)}
    assert [test for test in sorted(asked) if not (ROOT / test).exists()] == []
    assert nearest(ROOT, Path("bot/core/alarm_threshold.py")) == ["tests/core/test_alarm_threshold.py"]
