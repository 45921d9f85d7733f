"""A failing Hypothesis test shows its cause, whatever warnings Hypothesis raises and however long the values are."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GIVEN = """
from hypothesis import given, strategies as st

@given(st.integers(0, 9), st.sampled_from(["y" * 200_000]))
def test_small(number, text):
    assert number < 5, "the cause"
"""
MACHINE = """
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

class Counter(RuleBasedStateMachine):
    total = 0

    @rule(number=st.integers(0, 3), text=st.sampled_from(["y" * 200_000]))
    def add(self, number, text):
        self.total += number
        assert self.total < 5, "the cause"

TestCounter = Counter.TestCase
"""


@pytest.mark.parametrize(("source", "step"), [(GIVEN, "number=5"), (MACHINE, "state.add(number=")])
def test_the_failing_example_is_shown_and_can_be_run_again(tmp_path: Path, source: str, step: str) -> None:
    (tmp_path / "test_failing.py").write_text(source)
    options = ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, tmp_path]
    run = subprocess.run(list(map(str, command)), check=False, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == pytest.ExitCode.TESTS_FAILED
    assert (
        "AssertionError: the cause" in run.stdout and "overly large" not in run.stdout.partition("warnings summary")[0]
    )
    assert step in run.stdout
    assert "@reproduce_failure" in run.stdout, "copied above the test, it fails the same way again"
