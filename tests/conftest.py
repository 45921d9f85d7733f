"""Shared by all tests: the check of every log line for secrets, and notes about what could not be tested here."""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.canaries import Watch
from tests.postgres import Server, shared

Figure = Callable[[str], None]
_HERE = Path(__file__).parent
_WATCH = pytest.StashKey[Watch]()
_LONGEST = (
    "demo/",
    "e2e/test_outage",
    "e2e/test_gateway",
    "e2e/test_cluster",
    "e2e/test_store_faults",
    "e2e/",
    "web/test_below",
)
"""These tests take long, mostly waiting, so they run first. Then the end of the run is not one long test."""


def pytest_configure(config: pytest.Config) -> None:
    """One watch for the whole run, where all log records pass."""
    # As in the bot, and before the encoder is loaded: beside other work, threads that wait for each other crawl.
    os.environ["OMP_NUM_THREADS"] = "1"
    # No test depends on the speed of the machine. A failed test prints how to repeat the failing example.
    hypothesis.settings.register_profile(
        "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True
    )
    hypothesis.settings.load_profile("any machine")
    watch = config.stash[_WATCH] = Watch()
    call_handlers = logging.Logger.callHandlers

    def heard(logger: logging.Logger, record: logging.LogRecord) -> None:
        watch.hear(record)
        call_handlers(logger, record)

    logging.Logger.callHandlers = heard  # type: ignore[method-assign]
    config.add_cleanup(lambda: setattr(logging.Logger, "callHandlers", call_handlers))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the longest tests first, and skip those that need root if there is no root."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix().removeprefix(f"{_HERE.as_posix()}/")
        return next((n for n, start in enumerate(_LONGEST) if path.startswith(start)), len(_LONGEST))

    items.sort(key=place)
    if os.geteuid() != 0:
        for item in items:
            for needs in item.iter_markers("root"):
                item.add_marker(pytest.mark.skip(reason=f"needs root: {needs.args[0]}"))


@pytest.fixture(autouse=True)
def log_watch(pytestconfig: pytest.Config) -> Iterator[Watch]:
    """Check that the log of each test, at DEBUG and as an operator would see it, holds no token and no key."""
    watch = pytestconfig.stash[_WATCH]
    watch.begin()
    yield watch
    assert not (found := watch.found()), "\n".join(["a secret is in the log:", *found])


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server for all tests of this run, in all workers. The first test that needs it starts it."""
    folder = tmp_path_factory.getbasetemp()
    with shared(folder.parent if hasattr(pytestconfig, "workerinput") else folder) as one:
        yield one


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """A migrated database for this test."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Records a figure, which is printed at the end of the run, in whichever worker it was measured."""
    return lambda measured: record_property("figure", measured)


def pytest_report_header() -> str:
    """Print whether requests are checked against Discord's OpenAPI document."""
    spec = os.environ.get("LOOPBACK_SPEC")
    if spec and Path(spec).is_file():
        return "Discord's OpenAPI document: every request of the bot is checked against it"
    return "Discord's OpenAPI document: LOOPBACK_SPEC is not set to a file, so requests are not checked against it"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the numbers of a worker to the main process."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        watch = session.config.stash[_WATCH]
        output["log_lines"] = watch.seen, watch.searched


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up the numbers of the workers."""
    watch = node.config.stash[_WATCH]
    seen, searched = getattr(node, "workeroutput", {}).get("log_lines", (0, 0))
    watch.seen += seen
    watch.searched += searched


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Print the figures."""
    figures = dict.fromkeys(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "figure" and getattr(report, "when", None) == "call"
    )
    for one in figures:
        terminalreporter.write_line(f"figure: {one}")
    watch = config.stash[_WATCH]
    terminalreporter.write_line(
        f"secrets: {len(watch.canaries)} canaries searched in {watch.searched} characters of {watch.seen} log records"
    )
