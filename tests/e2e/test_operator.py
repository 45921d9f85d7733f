"""What operators run beside the bot: `doctor` and `sync`, as processes against a Discord of our own."""

import asyncio
import json
import sys
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def operate(town: Town, *args: str, **env: str) -> tuple[int, str]:
    """Run a command of the bot's; gives its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *args),
        cwd=ROOT,
        env={**town.env, "DISCORD_API_URL": town.world.api_url, "DISCORD_TOKEN": town.world.token, **env},
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


async def test_sync_tells_discord_the_commands_now(bare_town: Town) -> None:
    for _ in range(2):
        code, said = await operate(bare_town, "sync")
        assert (
            code == 0
            and "Synced: 500, help, support, status, report, privacy, outages, back, setup, Is it just them?" in said
        )
    assert len(bare_town.world.command_syncs) == 2
    bare_town.world.assert_clean()
