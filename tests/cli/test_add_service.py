"""`notjustyou services add` as a real process: one command adds a service for each kind of page; and bad input."""

import asyncio
import sys
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bot.content.services import read_services
from bot.exits import Exit
from tests.conftest import Figure
from tests.status.providers.recordings import ALL, STATUSPAGE, Answers, Recording, body
from tests.status.servers import Site, reply

ROOT = Path(__file__).parents[2]
HTML = "Content-Type: text/html"
Add = Callable[..., Awaitable[tuple[int, str, str]]]


def show(site: Site, answers: Answers, **pages: bytes) -> None:
    """What a site answers by path, and raw pages by path; anything else is not found."""

    async def talk(head: str, writer: asyncio.StreamWriter) -> None:
        path = head.split(" ", 2)[1].partition("?")[0]
        if path in pages:
            writer.write(pages[path])
        elif path in answers:
            kind, content = body(answers[path])
            writer.write(reply(content, f"Content-Type: {kind}"))
        else:
            writer.write(reply("nothing here", status="404 Not Found"))
        await writer.drain()

    site.answer = talk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with AsyncExitStack() as stack:
        one = Site(b"")
        await one.open("127.0.0.1", None)
        stack.push_async_callback(one.close)
        show(one, {})
        yield one


@pytest.fixture
def add(tmp_path: Path) -> Add:
    """Runs the command in an empty folder: exit code, output, errors. May go to this machine unless told otherwise."""

    async def run(*arguments: str, **env: str) -> tuple[int, str, str]:
        allowed = {"ALLOW_PRIVATE_STATUS_HOSTS": "true", "CONTROL_URLS": "off", "SERVICES_DIR": str(tmp_path / "mine")}
        (tmp_path / "mine").mkdir(exist_ok=True)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "services", "add", *arguments),
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT), **allowed, **env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, wrong = await process.communicate()
        assert process.returncode is not None
        return process.returncode, printed.decode(), wrong.decode()

    return run


def flags(recorded: Recording) -> list[str]:
    """An unrecognisable state is reported."""
    arguments = [f"--pointer={recorded.extra['pointer']}"] if recorded.extra else []
    for state, words in recorded.extra.get("states", {}).items():
        arguments += [f"--state={state}={word}" for word in words]
    return arguments


@pytest.mark.parametrize("recorded", ALL, ids=lambda one: one.kind)
async def test_a_service_of_each_kind_of_page_is_added_by_one_command(
    recorded: Recording, site: Site, add: Add, tmp_path: Path, figure: Figure
) -> None:
    with_parts = recorded.kind not in {
        "incident.io",
        "google",
        "feed",
        "json",
    }  # those name what is in trouble, or none
    show(site, recorded.part("up", "up") if with_parts and recorded.part else recorded.well)
    began = asyncio.get_running_loop().time()
    code, printed, wrong = await add("Zetalia Chat", "--url", site.url + recorded.path, *flags(recorded))
    took = asyncio.get_running_loop().time() - began
    figure(f"a service with a page of the kind {recorded.kind} is added in {took:.1f} s")
    assert (code, wrong) == (Exit.OK, "")

    [service] = [one for one in read_services(tmp_path / "mine") if one.id == "zetalia-chat"]
    [source] = service.sources
    assert (source.kind, service.name, service.words) == (
        recorded.kind,
        "Zetalia Chat",
        ("zetalia chat", "zetaliachat"),
    )
    assert f"Page: {recorded.kind} at {source.url}, which says up" in printed
    assert ("its parts: Chat, Voices" in printed) == with_parts
    names = {symptom.names["en"] for symptom in service.symptoms}
    assert {"Server error (500)", "Cannot log in", "Something else"} <= names
    assert ({"Chat", "Voices"} <= names) == with_parts
    assert set(service.guides) == {"en", "de"}
    for card in ("/500", "/help", "/status", "/support", "/report", "Auto-reply in an outage", "Announcement"):
        assert f"── {card} ─" in printed
    assert "## Zetalia Chat: it's not just you" in printed and "[ I have this too ]" in printed
    assert "A running bot loads it within seconds" in printed


async def test_the_page_is_found_on_the_website_and_a_probe_beside_it(site: Site, add: Add, tmp_path: Path) -> None:
    home = reply('<html><a href="/about">Us</a> <a class="x" href="/our-status">Status</a></html>', HTML)
    healthy = reply('{"status": "ok", "version": "1.2"}', "Content-Type: application/json")
    page = {f"/our-status{path}": answer for path, answer in STATUSPAGE.well.items()}
    show(site, page, **{"/": home, "/health": healthy})
    code, printed, wrong = await add("Zetalia", "--url", site.url)
    assert (code, wrong) == (Exit.OK, "")
    [service] = [one for one in read_services(tmp_path / "mine") if one.id == "zetalia"]
    official, probe = service.sources
    assert (official.kind, official.url) == ("statuspage", f"{site.url}/our-status")
    assert (probe.url, dict(probe.expect)) == (f"{site.url}/health", {"status": "ok"})
    assert f"Probe: {site.url}/health" in printed


async def test_flags_say_what_matters(site: Site, add: Add, tmp_path: Path) -> None:
    assert STATUSPAGE.part is not None
    healthy = reply('{"ok": true, "n": 3}', "Content-Type: application/json")
    show(site, STATUSPAGE.part("up", "up"), **{"/alive": healthy})
    code, printed, wrong = await add(
        *("Ünit “Ñ” & Co", "--url", site.url, "--id", "unit", "--website", "https://example.org/a", "--word", "Unit1"),
        *(
            "--support",
            "https://example.org/help",
            "--part",
            "voices",
            "--probe",
            f"{site.url}/alive",
            "--word",
            "unit 1",
        ),
    )
    assert (code, wrong) == (Exit.OK, "")
    [service] = [one for one in read_services(tmp_path / "mine") if one.id == "unit"]
    official, probe = service.sources
    assert (service.name, service.words) == ("Ünit “Ñ” & Co", ("unit1", "unit 1"))
    assert (service.links.website, service.links.support) == ("https://example.org/a", "https://example.org/help")
    assert (official.components, dict(probe.expect)) == (("Voices",), {"ok": True})
    assert "Chat" not in {symptom.names["en"] for symptom in service.symptoms}
    assert "Ünit “Ñ” & Co: it's not just you" in printed


async def test_the_cards_show_what_the_page_says_of_the_parts_that_matter(site: Site, add: Add) -> None:
    assert STATUSPAGE.part is not None
    show(site, STATUSPAGE.part("degraded", "up"))
    _, whole, _ = await add("Yetalia", "--url", site.url)
    _, part, _ = await add("Zetalia", "--url", site.url, "--part", "Voices")
    first_cards = [printed.partition("── /help")[0] for printed in (whole, part)]
    assert ["reports problems" in card for card in first_cards] == [True, False]


async def test_a_service_without_a_page_can_be_added(site: Site, add: Add, tmp_path: Path) -> None:
    code, printed, wrong = await add("Zetalia", "--url", site.url, "--no-page")
    assert (code, wrong) == (Exit.OK, "")
    assert "Page: none" in printed
    file = tmp_path / "mine" / "zetalia" / "service.toml"
    assert "no official page" in file.read_text() and "sources" not in tomllib.loads(file.read_text())


@pytest.mark.parametrize(
    ("arguments", "named", "right"),
    [
        (["A\nb", "--url", "{url}"], "NAME", "words on one line"),
        (["x" * 41, "--url", "{url}"], "NAME", "1 to 40 letters"),
        (["日本", "--url", "{url}"], "--id", "at most 32 of a-z"),
        (["Zetalia", "--url", "{url}", "--id", "Not This"], "--id", "at most 32 of a-z"),
        (["Old", "--url", "{url}"], "--id", "already exists"),
        (["ChatGPT", "--url", "{url}"], "--id", "another id than chatgpt, which comes with the bot"),
        (["Zetalia", "--url", "status.example.org"], "--url", "a web address such as"),
        (["Zetalia", "--url", "http://127.0.0.1:1"], "--url", "an address that answers"),
        (["Zetalia", "--url", "{url}/nowhere"], "--url", "a status page"),
        (["Zetalia", "--url", "{url}", "--part", "Films"], "--part", "Chat, Voices"),
        (["Zetalia", "--url", "{url}", "--probe", "{url}/nothing"], "--probe", "an address that answers with data"),
        (["Zetalia", "--url", "{url}", "--probe", "nothing"], "--probe", "a web address such as"),
        (["Zetalia", "--url", "{url}", "--support", "mail us"], "--support", "a web address such as"),
        (["Zetalia", "--url", "{url}", "--pointer", "/a"], "--pointer and --state", "given together"),
        (["Zetalia", "--url", "{url}", "--pointer", "/a", "--state", "fine=ok"], "--state", "states are degraded"),
        (
            ["Zetalia", "--url", "{url}/api/v2/summary.json", "--pointer", "/no/where", "--state", "up=ok"],
            "--pointer",
            "where the JSON",
        ),
        (["Zetalia", "--url", "{url}", "--into", "{file}"], "--into", "a folder"),
    ],
)
async def test_bad_input_is_refused_by_name_and_writes_nothing(
    arguments: list[str], named: str, right: str, site: Site, add: Add, tmp_path: Path
) -> None:
    assert STATUSPAGE.part is not None
    show(site, STATUSPAGE.part("up", "up"))
    (tmp_path / "mine" / "old").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    filled: list[Any] = [one.format(url=site.url, file=tmp_path / "file") for one in arguments]
    code, _, wrong = await add(*filled)
    assert (code, wrong.partition(": should be ")[0]) == (Exit.USAGE, named), wrong
    assert right in wrong and "Traceback" not in wrong
    assert [one.name for one in (tmp_path / "mine").iterdir()] == ["old"]


async def test_without_a_folder_it_says_which_setting_names_one(site: Site, add: Add) -> None:
    code, _, wrong = await add("Zetalia", "--url", site.url, SERVICES_DIR="")
    assert (code, wrong) == (Exit.USAGE, "--into: should be the folder for your services, or set SERVICES_DIR\n")


async def test_a_page_that_is_hostile_is_shown_as_it_is_and_obeyed_in_nothing(
    site: Site, add: Add, tmp_path: Path
) -> None:
    part = {"id": "p", "name": '\x1b[31m"@everyone](x) [a]\n', "status": "operational"}
    summary = {"page": {"id": "x", "name": "Z"}, "status": {"indicator": "none", "description": "@everyone"}}
    show(site, {"/api/v2/summary.json": {**summary, "components": [part, {**part, "name": "ok\u202e"}]}})
    code, printed, wrong = await add("Zetalia", "--url", site.url)
    assert code == Exit.OK, wrong
    assert "\x1b" not in printed and "\u202e" not in printed
    [service] = [one for one in read_services(tmp_path / "mine") if one.id == "zetalia"]
    assert all("@everyone" not in symptom.names["en"] for symptom in service.symptoms)
