"""Commands that operators run beside the bot: `doctor` and `sync`, as processes with our own Discord."""

import asyncio
import json
import os
import pty
import stat
import sys
from codecs import getincrementaldecoder
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def operate(town: Town, *args: str, cwd: str = str(ROOT), **env: str) -> tuple[int, str]:
    """Run a command of the bot's; gives its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *args),
        cwd=cwd,
        env={
            **town.env,
            "PYTHONPATH": str(ROOT),
            "DISCORD_API_URL": town.world.api_url,
            "DISCORD_TOKEN": town.world.token,
            **env,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_doctor_asks_discord_and_prints_the_invite_link(bare_town: Town) -> None:
    code, said = await operate(bare_town, "doctor", "--json")
    findings: dict[str, Any] = {f["subject"]: f for f in json.loads(said)}
    assert code == 0
    assert findings["token"]["state"] == findings["message content"]["state"] == "ok"
    assert f"client_id={bare_town.world.bot.id}" in findings["invite"]["told"]
    assert bare_town.world.token not in said


async def test_doctor_tells_a_missing_intent_and_a_refused_token(bare_town: Town) -> None:
    bare_town.world.gateway.privileged = 0
    code, said = await operate(bare_town, "doctor")
    assert code == 0 and "! message content: not granted" in said
    code, said = await operate(bare_town, "doctor", DISCORD_TOKEN="AAAA.wrong.CCCC")
    assert code == 78 and "✗ token: Discord refuses it" in said
    assert "AAAA.wrong" not in said


async def test_init_asks_for_the_token_and_starts_a_bot_that_runs(bare_town: Town) -> None:
    """On a real terminal: what is typed is not shown, and `.env` then has it, for this user alone."""
    town, world = bare_town, bare_town.world
    (town.folder / ".env").write_text("LOG_LEVEL=INFO\n")
    terminal, theirs = pty.openpty()
    init = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "init"),
        cwd=town.folder,
        env={**os.environ, **town.env, "PYTHONPATH": str(ROOT), "DISCORD_API_URL": world.api_url},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown, read, decoder = "", 0, getincrementaldecoder("utf-8")()  # a read may end within a letter
    screen = asyncio.StreamReader()
    pipe, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(screen), os.fdopen(terminal, "rb", buffering=0)
    )

    async def until(text: str) -> None:
        """Read on, to the end of this text."""
        nonlocal shown, read
        while text not in shown[read:]:
            shown += decoder.decode(await screen.read(4096))
        read = shown.index(text, read) + len(text)

    try:
        async with asyncio.timeout(PATIENCE):
            await until("not shown")
            os.write(terminal, b"AAAA.wrong.CCCC\n")
            await until("Discord refused the token")
            await until("not shown")
            os.write(terminal, f"{world.token}\n".encode())
            await until("Start the bot now?")
            assert f"client_id={world.bot.id}" in shown and "Message Content Intent is on" in shown
            os.write(terminal, b"y\n")
            await until("connected, in 0 servers")
            init.terminate()
            await until("stopped")
            assert await init.wait() == 0
    finally:
        pipe.close()
        if init.returncode is None:
            init.kill()
            await init.wait()
    file = town.folder / ".env"
    assert file.read_text() == f"LOG_LEVEL=INFO\nDISCORD_TOKEN={world.token}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert world.token not in shown and "AAAA.wrong" not in shown


async def test_init_without_a_terminal_takes_the_token_from_a_file(bare_town: Town) -> None:
    world, given = bare_town.world, bare_town.folder / "given"
    world.gateway.privileged = 0
    given.write_text(world.token)
    code, said = await operate(
        bare_town, "init", "--token-file", str(given), DISCORD_TOKEN="", cwd=str(bare_town.folder)
    )
    assert code == 0 and "Message Content Intent is off" in said and f"client_id={world.bot.id}" in said
    assert (bare_town.folder / ".env").read_text() == f"DISCORD_TOKEN={world.token}\n"
    assert world.token not in said
    given.write_text("AAAA.wrong.CCCC")
    code, said = await operate(
        bare_town, "init", "--token-file", str(given), "--replace", DISCORD_TOKEN="", cwd=str(bare_town.folder)
    )
    assert code == 77 and "Discord refused the token" in said
    code, said = await operate(bare_town, "init", cwd=str(bare_town.folder))
    assert code == 0 and "already set" in said and "DISCORD_TOKEN is also set in the environment" in said
    assert world.token in (bare_town.folder / ".env").read_text()


async def test_sync_tells_discord_the_commands_now(bare_town: Town) -> None:
    for _ in range(2):
        code, said = await operate(bare_town, "sync")
        assert (
            code == 0
            and "Synced: 500, help, support, status, report, privacy, outages, back, setup, Is it just them?" in said
        )
    assert len(bare_town.world.command_syncs) == 2
    bare_town.world.assert_clean()
