"""Shared by all tests: the check of every log line for secrets, and a note about what could not be tested here."""

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
"""These wait much and take long, so they are begun first: nothing long is left for the end."""


def pytest_configure(config: pytest.Config) -> None:
    """One watch for the whole run, at the one door that all records come through."""
    # How fast a machine is decides no test; and one that fails says how to run what failed again.
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
    """The longest first; what needs root says so where there is none."""

    def place(item: pytest.Item) -> int:
        path = item.path.as_posix().removeprefix(f"{_HERE.as_posix()}/")
        return next((n for n, start in enumerate(_LONGEST) if path.startswith(start)), len(_LONGEST))

    items.sort(key=place)
    if os.geteuid() != 0:
        for item in items:
            for needs in item.iter_markers("root"):
                item.add_marker(pytest.mark.skip(reason=f"only root may do it: {needs.args[0]}"))


@pytest.fixture(autouse=True)
def log_watch(pytestconfig: pytest.Config) -> Iterator[Watch]:
    """No test's log holds a token or a key, at DEBUG, whoever wrote it: what an operator would see."""
    watch = pytestconfig.stash[_WATCH]
    watch.begin()
    yield watch
    assert not (found := watch.found()), "\n".join(["a secret is in the log:", *found])


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL server for all tests of this run, whichever worker does them; started by the first that wants it."""
    folder = tmp_path_factory.getbasetemp()
    with shared(folder.parent if hasattr(pytestconfig, "workerinput") else folder) as one:
        yield one


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """A database of this test's own, migrated."""
    url = postgres.fresh()
    yield url
    postgres.drop(url)


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Figure:
    """Tell what was measured, at the end of the run and whichever worker did it."""
    return lambda told: record_property("figure", told)


def pytest_report_header() -> str:
    """Say whether requests are held against Discord's OpenAPI document."""
    spec = os.environ.get("LOOPBACK_SPEC")
    if spec and Path(spec).is_file():
        return "Discord's OpenAPI document: every request of the bot is held against it"
    return "Discord's OpenAPI document: LOOPBACK_SPEC names none, so the contract check is left out"


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of many tells the one that reports."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        watch = session.config.stash[_WATCH]
        output["log_lines"] = watch.seen, watch.searched


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up what the workers saw."""
    watch = node.config.stash[_WATCH]
    seen, searched = getattr(node, "workeroutput", {}).get("log_lines", (0, 0))
    watch.seen += seen
    watch.searched += searched


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The figures."""
    told = dict.fromkeys(
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "figure" and getattr(report, "when", None) == "call"
    )
    for one in told:
        terminalreporter.write_line(f"figure: {one}")
    watch = config.stash[_WATCH]
    terminalreporter.write_line(
        f"secrets: {len(watch.canaries)} canaries searched in {watch.searched} characters of {watch.seen} log records"
    )
