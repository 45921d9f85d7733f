"""`notjustyou services check --live` as a real process, with sources on this machine."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.exits import Exit
from tests.cli.conftest import Serve
from tests.content.test_services import SERVICE, write
from tests.status.servers import Site, incident, reply, summary

ROOT = Path(__file__).parents[2]
SYMPTOMS = SERVICE[SERVICE.index("[symptoms]") :]


async def check(folder: Path, sources: str) -> tuple[int, list[str], str]:
    """The exit code, what is said of the operator's own service, and the faults."""
    write(folder, service=SERVICE[: SERVICE.index("[sources")] + sources + SYMPTOMS)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "services", "check", str(folder), "--live"),
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "ALLOW_PRIVATE_STATUS_HOSTS": "true", "CONTROL_URLS": "off"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    printed, wrong = await process.communicate()
    assert process.returncode is not None
    own = [line for line in printed.decode().splitlines() if line.startswith("examplia:")]
    return process.returncode, own, wrong.decode()


def official(site: Site, more: str = "") -> str:
    return f'[sources.official]\nurl = "{site.url}"\n{more}\n'


def probe(site: Site, more: str = "") -> str:
    return f'[sources.probe]\nurl = "{site.url}"\n{more}\n'


async def test_each_source_is_looked_at_and_told(serve: Serve, tmp_path: Path) -> None:
    page, health = await serve(reply(summary("minor", incidents=[incident()]))), await serve(reply({"ok": True}))

    code, printed, faults = await check(tmp_path, official(page) + probe(health, "expect = { ok = true }"))

    assert (code, faults) == (Exit.OK, "")
    assert printed == [
        f"examplia: official (statuspage) at {page.url}: degraded (All Systems Operational)",
        f"examplia: probe (http) at {health.url}: up (HTTP 200)",
    ]


@pytest.mark.parametrize(
    ("kind", "answer", "more", "wanted"),
    [
        (official, reply("", status="404 Not Found"), "", "sources.official.url: should be the address of a status"),
        (official, reply(summary()), 'components = ["Films"]', "sources.official.components: should name parts of"),
        (
            official,
            reply({"s": "odd"}),
            'kind = "json"\npointer = "/s"\nstates = { up = ["ok"] }',
            "sources.official.states: should say what 'odd' means",
        ),
        (
            official,
            reply({"s": "odd"}),
            'kind = "json"\npointer = "/t"\nstates = { up = ["ok"] }',
            "sources.official.pointer: should lead to a text, a number",
        ),
        (probe, reply({"ok": True}), "expect = { redis = 1 }", "sources.probe.expect: should name members of the"),
    ],
    ids=["gone", "part", "value", "pointer", "expect"],
)
async def test_what_answers_otherwise_than_the_file_says_is_a_fault_by_file_line_and_member(
    kind: Callable[[Site, str], str], answer: bytes, more: str, wanted: str, serve: Serve, tmp_path: Path
) -> None:
    code, _, faults = await check(tmp_path, kind(await serve(answer), more))

    assert code == Exit.CONFIGURATION
    [fault] = faults.splitlines()
    place, _, rest = fault.partition(": ")
    assert place.startswith(f"{tmp_path}/examplia/service.toml, line ") and rest.startswith(wanted)


async def test_a_page_that_cannot_be_read_just_now_is_no_fault_of_the_file(serve: Serve, tmp_path: Path) -> None:
    page = await serve(reply(json.dumps("no"), status="503 Service Unavailable"))

    code, printed, faults = await check(tmp_path, official(page))

    assert (code, faults) == (Exit.OK, "")
    assert printed == [f"examplia: official (statuspage) at {page.url}: unknown (server_error: HTTP 503)"]


async def test_a_page_of_another_kind_than_the_file_says_is_read_and_told(serve: Serve, tmp_path: Path) -> None:
    page = await serve(reply(summary()))

    code, printed, _ = await check(tmp_path, official(page, 'kind = "instatus"'))

    assert code == Exit.OK
    [line] = printed
    assert line.endswith(": up (All Systems Operational); the file says instatus, and it answers like statuspage")
