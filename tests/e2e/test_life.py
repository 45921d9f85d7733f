"""The bot's life as a process: how it starts, ends, comes back, and works without what it is refused."""

import asyncio
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.web.serving import serving
from tests.e2e.conftest import (
    KEY,
    MENTION,
    ROOT,
    RUN,
    Town,
    found_town,
    labels,
    others,
    override,
    preset,
    reporter,
    settings,
)
from tests.loopback import Message, Perm
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")

COMMANDS = {
    "500",
    "help",
    "status",
    "report",
    "support",
    "privacy",
    "outages",
    "back",
    "setup",
    "Is it just them?",
    "Why no reply?",
}


async def test_commands_are_told_to_discord_once_and_again_only_when_they_changed(bare_town: Town) -> None:
    world = bare_town.world
    await bare_town.start()
    assert world.command_syncs == [(None, len(COMMANDS))]
    assert set(world.registered_commands()) == COMMANDS
    await bare_town.stop()

    await bare_town.start()
    await bare_town.answers()
    await bare_town.stop()
    assert world.command_syncs == [(None, len(COMMANDS))]

    with closing(sqlite3.connect(bare_town.folder / "bot.db")) as database, database:
        changed = database.execute("UPDATE meta SET value = 'of another version' WHERE key = 'commands'").rowcount
    assert changed == 1
    await bare_town.start()
    assert world.command_syncs == [(None, len(COMMANDS))] * 2


async def test_when_it_works_it_says_so_and_how_to_invite_it(bare_town: Town) -> None:
    world = bare_town.world
    bare_town.guild()
    bot = await bare_town.start()
    await world.until(lambda: "connected, in 1 server " in bot.output(), what="it to say so", poll=0.05)
    [line] = [line for line in bot.output().splitlines() if "connected, in " in line]
    assert f"https://discord.com/oauth2/authorize?client_id={world.bot.id}&" in line and "message_content=True" in line


async def test_a_newer_release_is_told_once_and_only_to_who_wants_to_hear_of_it(bare_town: Town) -> None:
    asked: list[str] = []

    async def newest(request: web.Request) -> web.Response:
        asked.append(request.headers["User-Agent"])
        return web.json_response({"tag_name": "v99.1.0"})

    releases = web.Application()
    releases.add_routes([web.get("/latest", newest)])
    async with serving(releases) as port:
        url = {"UPDATE_URL": f"http://127.0.0.1:{port}/latest"}
        await bare_town.start(**url)
        await bare_town.answers()
        await bare_town.stop()
        assert not asked, "as the settings of all these tests say"
        line = "NotJustYou 99.1.0 is out; this is "
        bot = await bare_town.start(**url, UPDATE_CHECK="true")
        await bare_town.world.until(lambda: line in bot.output(), what="it to be told", poll=0.05)
        await bare_town.stop()
        bot = await bare_town.start(**url, UPDATE_CHECK="true")
        await bare_town.answers()
        await bare_town.stop()
    assert len(asked) == 1 and line not in bot.output()


async def test_old_messages_work_after_a_restart(bare_town: Town) -> None:
    town = bare_town
    ann, bob, cleo, dan = (town.user() for _ in range(4))
    await town.start()
    channel, _, reply = await town.asked()
    guild = channel.guild
    owner: Any = guild.owner
    card = await ann.slash(guild.channel("cards"), "500")
    status = await ann.slash(ann.dm(), "status")
    await status.wait_response()
    counted = await ann.click(card, "Broken for me")
    privacy = await ann.slash(channel, "privacy")
    support = await ann.slash(channel, "support")
    form = await ann.click(support, "Write the report for me")
    panel = await owner.slash(channel, "setup")
    await bob.react(reply, "👍")
    await town.reports_become(bob, [(guild.id, None)])

    await town.stop()
    await town.start()

    # Buttons, menus and an open form of the time before.
    assert (await ann.click(card, "Broken for me")).text.startswith("You're already counted")
    assert (await ann.select(counted, None, ["login"])).text.startswith("Thanks: *")
    assert town.reports(ann) == [(guild.id, "login")]
    more = await ann.click(await ann.click(status, "What helps?"), "More help")
    assert "## Cannot log in" in more.text, "what they reported is chosen"
    assert "Contact Character.AI's support" in (await ann.click(more, "Contact support")).text
    assert "reports" in (await ann.click(privacy, "Export mine")).response.files["notjustyou-my-data.json"].decode()
    assert "I typed this before." in (await ann.submit_modal(form, {"happened": "I typed this before."})).text
    assert f"are on in <#{channel.id}>" in panel.text
    assert preset(await town.choose(owner, panel, "language", ["en"]), "language") == ["en"]
    # The old auto-reply: its buttons, reactions on it, and reactions taken back.
    assert (await cleo.click(reply, labels(reply)[0])).text.startswith("Counted.")
    await dan.react(reply, "✋")
    await town.reports_become(dan, [(guild.id, None)])
    await bob.unreact(reply, "👍")
    await town.reports_become(bob, [])

    async def others_seen() -> int:
        return others(await cleo.slash(channel, "report"))

    await town.told_of(2, others_seen)
    await town.world.until(lambda: "3 people" in reply.text, what=f"3 people in {reply.text!r}", poll=0.05)
    # Settings are those of before; so a new mention is answered.
    mention = await town.user().say(channel, MENTION)
    assert (await town.world.next_message(channel, after=mention)).reply_to == mention.id


async def test_sigterm_and_sigint_end_it_with_code_0(tmp_path: Path) -> None:
    async def live_and_end(folder: Path, sig: int) -> None:
        async with found_town(folder) as town:
            await town.start()
            await town.answers()
            await town.stop(sig)
            assert "stopped" in town.bot.output()
            assert list(town.world.gateway.closes) == [1000], "it says goodbye, so that it is shown offline at once"
            assert town.rows("PRAGMA integrity_check") == [("ok",)]
            town.assert_clean()

    await asyncio.gather(live_and_end(tmp_path / "term", signal.SIGTERM), live_and_end(tmp_path / "int", signal.SIGINT))


async def test_whose_report_is_being_written_when_it_is_told_to_stop_is_answered(bare_town: Town) -> None:
    await bare_town.start()
    with closing(sqlite3.connect(bare_town.folder / "bot.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        asked = [asyncio.create_task(bare_town.user().slash(bare_town.channel(), "report")) for _ in range(5)]
        await asyncio.sleep(0.3)
        stopping = asyncio.create_task(bare_town.stop())
        await bare_town.world.until(
            lambda: "stopping" in bare_town.bot.output(), what="the stop to be heard", poll=0.02
        )
        other.execute("ROLLBACK")
    answers = await asyncio.gather(*asked)
    assert all(answer.acked and "Counted" in answer.text for answer in answers), [answer.text for answer in answers]
    await stopping
    assert bare_town.rows("SELECT count(*) FROM report") == [(5,)]


async def test_sigterm_while_discord_does_not_answer_ends_it_in_time_too(bare_town: Town) -> None:
    slow = bare_town.world.faults.slow("GET /users/@me", delay=10 * PATIENCE)
    bot = await bare_town.start(ready=False)
    await bare_town.world.until(lambda: slow.hits, what="the bot's first request", poll=0.02)
    await bare_town.stop()
    assert "stopped" in bot.output()


async def test_discord_is_asked_again_when_it_fails_at_the_start(bare_town: Town) -> None:
    failed = bare_town.world.faults.error("GET /gateway/bot", 502, times=1)
    await bare_town.start()
    assert len(failed.hits) == 1
    await bare_town.answers()


async def test_readyz_says_whether_discord_is_there(bare_town: Town) -> None:
    world = bare_town.world
    slow = world.faults.slow("GET /users/@me", delay=1, times=1)
    bot = await bare_town.start(ready=False)
    await world.until(lambda: slow.hits, what="the bot's first request", poll=0.02)
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{bare_town.health}/healthz") as answer:
            assert answer.status == 200
        async with session.get(f"{bare_town.health}/readyz") as answer:
            document = await answer.json()
            assert (answer.status, document["ok"]) == (503, False)
            assert document["checks"]["discord"]["why"] == "not connected to Discord (yet, or any more)"
            assert document["checks"]["database"] == {"ok": True}
        await world.until(
            lambda: "connected, in 0 servers" in bot.output(), what="it to say that it is connected", poll=0.02
        )
        async with session.get(f"{bare_town.health}/readyz") as answer:
            document = await answer.json()
            assert (answer.status, document["ok"]) == (200, True)
            assert document["checks"]["writer"] == {"ok": True, "waiting": 0}
        async with session.get(f"{bare_town.health}/healthz") as answer:
            checks = (await answer.json())["checks"]
            assert checks["gateway"]["last_event_age"] < 60
            assert checks["character-ai probe"]["state"] == "up" and checks["character-ai probe"]["age"] is not None


async def test_the_log_tells_nothing_of_members_however_much_is_logged(bare_town: Town) -> None:
    town = bare_town
    bot = await town.start(LOG_LEVEL="DEBUG")
    channel, said, reply = await town.asked()
    ann = town.user()
    await ann.react(reply, "👍")
    await town.reports_become(ann, [(channel.guild_id, None)])
    card = await ann.slash(channel, "500")
    await ann.click(await ann.click(reply, "More"), "Don't reply to me")
    await ann.click(await ann.slash(channel, "privacy"), "Export mine")
    form = await ann.click(await ann.slash(channel, "support"), "Write the report for me")
    await ann.submit_modal(form, {"happened": "My secret story."})
    await town.stop()
    output = bot.output()
    private = (said.content, "My secret story.", str(ann.id), str(reporter(ann)), card.token, KEY, town.world.token)
    assert [hidden for hidden in private if hidden in output] == []


async def test_bad_tokens_end_it_with_a_sentence_and_a_code_that_no_supervisor_restarts(bare_town: Town) -> None:
    secret = "S3cretS3cretS3cret"
    wrong = f"{secret}.{secret}.{secret}"

    async def run(folder: Path, token: str) -> tuple[int | None, str]:
        # In a folder of its own: nobody's .env gives the token that is left out here.
        env = settings(folder, override(folder, "http://127.0.0.1:9"))
        env |= {"DISCORD_TOKEN": token, "PYTHONPATH": str(ROOT)}
        bot = await bare_town.world.spawn(RUN, str(folder), env, log=str(folder / "log"))
        return await asyncio.wait_for(bot.process.wait(), PATIENCE), bot.output()

    refused, missing, malformed = await asyncio.gather(
        run(bare_town.folder / "wrong", wrong),
        run(bare_town.folder / "missing", ""),
        run(bare_town.folder / "malformed", f'"{secret}"'),
    )
    assert refused[0] == 77 and "Discord refused the token" in refused[1]
    assert missing[0] == 78 and missing[1].startswith("DISCORD_TOKEN is not set")
    assert malformed[0] == 78 and malformed[1].startswith("DISCORD_TOKEN (20 characters given): should be three parts")
    for _, errors in (refused, missing, malformed):
        assert secret not in errors and KEY not in errors
    assert not bare_town.world.gateway.identifies


async def test_without_the_message_content_intent_it_says_so_and_does_what_it_can(bare_town: Town) -> None:
    town = bare_town
    town.world.gateway.privileged = 0
    await town.start()
    # The loopback notes the first identify as what it is: asking for something that is not granted.
    ((where, what),) = town.world.violations
    assert where == "gateway" and what.startswith("closed with 4014")
    town.world.violations.clear()
    assert "the message content intent is not granted" in town.bot.output()
    assert "Developer Portal > Bot > Message Content Intent" in town.bot.output()

    await town.answers()
    channel = town.channel()
    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    assert "can't read message text" in panel.text, "moderators are told, too"
    ears = await town.page(owner, panel, "What I can read")
    assert "**Message text**: Discord hasn't granted it" in ears and "✅ **Mentions of me" in ears
    await owner.click(panel, "Back")
    await town.turn_on(channel.guild, channel)
    await town.user().say(channel, MENTION)
    called = await town.user().say(channel, f"{town.world.bot.mention} {MENTION}")
    await town.heard_out(channel)
    (reply,) = town.said(channel)
    assert reply.reply_to == called.id and reply.pings == []
    ann = town.user()
    await ann.react(reply, "😭")
    await town.reports_become(ann, [(channel.guild_id, None)])


async def test_without_message_text_an_automod_rule_is_an_ear(bare_town: Town) -> None:
    town = bare_town
    town.world.gateway.privileged = 0
    await town.start()
    town.world.violations.clear()
    channel = town.channel()
    guild, alerts = channel.guild, channel.guild.channel("general")
    owner: Any = guild.owner
    await town.turn_on(guild, channel)
    panel = await owner.slash(channel, "setup")
    assert "I need the *Manage Server* permission" in await town.page(owner, panel, "What I can read")

    guild.bot_role.permissions |= Perm.MANAGE_GUILD
    town.world.gateway.emit(
        "GUILD_ROLE_UPDATE", {"guild_id": str(guild.id), "role": guild.bot_role.payload()}, guild.id
    )
    await town.heard_out()
    await owner.click(panel, "Back")
    await town.page(owner, panel, "What I can read")
    await owner.select(panel, "n1:setautomod", [alerts])
    await town.world.until(lambda: "alerts go to" in panel.text, what="the rule", poll=0.02)
    (rule,) = guild.automod.values()
    assert rule["enabled"] and rule["actions"] == [{"type": 2, "metadata": {"channel_id": str(alerts.id)}}]

    ann = town.user()
    town.world.automod(channel, ann, "bad words", "darn", action=2)
    await town.heard_out()
    assert town.said(channel) == [], "another rule is not ours"
    town.world.automod(channel, ann, "is cai down?", "is cai down", action=2, rule_id=int(rule["id"]))
    town.world.automod(channel, ann, "is cai down?", "is cai down", action=2, rule_id=int(rule["id"]))
    await town.heard_out(channel)
    (reply,) = town.said(channel)
    assert "Character.AI" in reply.text and reply.pings == []
    await owner.click(panel, "Remove AutoMod rule")
    await town.world.until(lambda: not guild.automod, what="the end of the rule", poll=0.02)


async def next_reply(town: Town) -> Message:
    """A mention in a fresh server is answered."""
    return (await town.asked())[2]


async def test_a_dropped_gateway_is_resumed_and_nothing_said_meanwhile_is_lost(bare_town: Town) -> None:
    town = bare_town
    gateway = town.world.gateway
    await town.start()
    for code in (4000, None):
        channel = town.channel()
        await town.turn_on(channel.guild, channel)
        resumed = len(gateway.resumes)
        await gateway.drop(code)
        said = await town.user().say(channel, MENTION)
        assert (await town.world.next_message(channel, after=said)).reply_to == said.id
        assert len(gateway.resumes) == resumed + 1 and len(gateway.identifies) == 1
        await town.heard_out(channel)
        assert len(town.said(channel)) == 1, "answered once, although the session was replayed"
    gateway.reconnect()  # op 7
    await town.world.until(lambda: len(gateway.resumes) == 3, what="the third resume", poll=0.02)
    await town.world.ready()
    await town.answers()


async def test_after_a_lost_session_the_bot_comes_back_and_answers_and_counts(bare_town: Town) -> None:
    town = bare_town
    gateway = town.world.gateway
    await town.start()
    channel, _, reply = await town.asked()
    gateway.identify_interval = 5.0
    gateway.invalidate(resumable=False)  # op 9
    await town.world.ready()
    assert len(gateway.identifies) == 2
    await town.answers()
    ann = town.user()
    await ann.react(reply, "👍")
    await town.reports_become(ann, [(channel.guild_id, None)])
    await next_reply(town)
    assert len(town.world.command_syncs) == 1


async def test_an_outage_of_discord_is_waited_out(bare_town: Town) -> None:
    town = bare_town
    town.tracebacks_expected = True
    bot = await town.start()
    await town.world.stop_server(forget_sessions=True)
    await town.world.until(lambda: "Attempting a reconnect" in bot.output(), what="the bot to notice", poll=0.05)
    await town.world.start_server()
    await town.world.ready()
    assert bot.alive
    await town.answers()
    await next_reply(town)


async def test_sigterm_during_an_outage_of_discord_ends_it_in_time_too(bare_town: Town) -> None:
    town = bare_town
    town.tracebacks_expected = True
    bot = await town.start()
    await town.world.stop_server(forget_sessions=True)
    await town.world.until(lambda: "Attempting a reconnect" in bot.output(), what="the bot to notice", poll=0.05)
    await town.stop()


@pytest.mark.parametrize("after_work", [False, True], ids=["before it came", "after it came"])
async def test_an_answer_that_is_cut_off_is_no_failure_of_ours(bare_town: Town, after_work: bool) -> None:
    world = bare_town.world
    await bare_town.start()
    card = await bare_town.user().slash(bare_town.channel(), "500")
    cut = world.faults.reset("POST /interactions/*", times=4, after_work=after_work)
    await bare_town.user().slash(card.channel, "report", wait=False)
    await bare_town.user().click(card, "Broken for me", wait=False)
    await world.until(lambda: len(cut.hits) >= 2, what="two cut answers", poll=0.02)
    world.faults.clear()
    await bare_town.heard_out()
    await bare_town.stop()
    # Whoever loses an answer to their answer may try again; Discord then says that it has it.
    world.violations[:] = [what for what in world.violations if "40060" not in what[1]]


async def test_an_answer_that_discord_took_but_did_not_confirm_is_no_failure_of_ours(bare_town: Town) -> None:
    world = bare_town.world
    await bare_town.start()
    lost = world.faults.error("POST /interactions/*", 502, times=1, after_work=True)
    answer = await bare_town.user().slash(bare_town.channel(), "report")
    assert answer.text.startswith("Counted.")
    # discord.py asks once more, and Discord says that it has the answer; nothing else is asked after that.
    await world.until(lambda: world.violations, what="the second try", poll=0.02)
    await bare_town.heard_out()
    assert len(lost.hits) == len(world.violations) == 1 and "40060" in world.violations[0][1]
    world.violations.clear()
