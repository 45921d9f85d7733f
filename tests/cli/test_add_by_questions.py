"""`notjustyou services add` on a terminal, where a user answers its questions."""

import asyncio
import os
import pty
import sys
from codecs import getincrementaldecoder
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.content.services import read_services
from bot.core.service import Service
from bot.exits import Exit
from tests.cli.test_add_service import show
from tests.patience import PATIENCE
from tests.status.providers.recordings import STATUSPAGE
from tests.status.servers import Site, reply

ROOT = Path(__file__).parents[2]
ASKED = (
    "Website [",
    "Where people reach its support [",
    "Which parts matter, with commas between (empty: all): ",
    "How people call it in messages, with commas between [",
)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    one = Site(b"")
    await one.open("127.0.0.1", None)
    assert STATUSPAGE.part is not None
    healthy = reply('{"ok": true}', "Content-Type: application/json")
    show(one, STATUSPAGE.part("up", "up"), **{"/health": healthy})
    yield one
    await one.close()


async def answer(folder: Path, url: str, answers: Sequence[tuple[str, str]]) -> str:
    """Run the command, and type each answer once its question is shown; gives all that was shown."""
    (folder / "mine").mkdir()
    terminal, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "services", "add", "Zetalia", "--url", url),
        cwd=folder,
        env={
            "PYTHONPATH": str(ROOT),
            "ALLOW_PRIVATE_STATUS_HOSTS": "true",
            "CONTROL_URLS": "off",
            "SERVICES_DIR": str(folder / "mine"),
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    shown, decoder = "", getincrementaldecoder("utf-8")()  # a read may end within a letter
    screen = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(screen), os.fdopen(terminal, "rb", buffering=0)
    )
    try:
        async with asyncio.timeout(PATIENCE):
            for question, typed in answers:
                before = len(shown)
                while question not in shown[before:]:
                    shown += decoder.decode(await screen.read(4096))
                os.write(terminal, f"{typed}\n".encode())
            while f"Wrote {folder}" not in shown or "loads it" not in shown:
                shown += decoder.decode(await screen.read(4096))
            assert await process.wait() == Exit.OK
    finally:
        os.close(theirs)  # only now: what was written last could not be read without it
        pipe.close()
        if process.returncode is None:
            process.kill()
            await process.wait()
    return shown


def added(folder: Path) -> Service:
    [service] = [one for one in read_services(folder / "mine") if one.id == "zetalia"]
    return service


async def test_enter_alone_takes_what_was_found(site: Site, tmp_path: Path) -> None:
    shown = await answer(tmp_path, site.url, [(question, "") for question in ASKED])
    service = added(tmp_path)
    official, probe = service.sources
    assert (official.kind, official.components, probe.url) == ("statuspage", (), f"{site.url}/health")
    assert (service.links.website, service.links.support, service.words) == (site.url, site.url, ("zetalia",))
    assert f"Website [{site.url}]: " in shown and "[zetalia]: " in shown


async def test_answers_count_and_a_wrong_one_is_asked_again(site: Site, tmp_path: Path) -> None:
    website, support, parts, words = ASKED
    shown = await answer(
        tmp_path,
        site.url,
        [
            (website, "zetalia"),
            (website, f"{site.url}/home"),
            (support, "https://help.example.org/"),
            (parts, "Chats"),
            (parts, "voices, Chat"),
            (words, "Zeta,  zetalia , zeta"),
        ],
    )
    service = added(tmp_path)
    assert (service.links.website, service.links.support) == (f"{site.url}/home", "https://help.example.org/")
    assert service.sources[0].components == ("Voices", "Chat") and service.words == ("zeta", "zetalia")
    assert "it should be a web address such as https://status.example.org, and 'zetalia' is not" in shown
    assert "it should be one of the page's parts (Chat, Voices), and 'Chats' is not" in shown
