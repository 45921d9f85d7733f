"""Edge cases: presses from elsewhere, unexpected errors, a refused intent, forged settings."""

import pytest
import simcord
from discord import ui

from bot.core.shards import Shards
from bot.discord_ui.render.ids import pack
from bot.discord_ui.render.layout import note
from tests.discord_ui.conftest import Stage, text_of


async def _button(stage: Stage, custom_id: str) -> object:
    """A message of ours with any button, as an older version or a forger might have it."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.ActionRow(ui.Button(label="Old", custom_id=custom_id)))
    view.stop()
    channel = stage.env.bot.get_channel(stage.channel.id)
    return await channel.send(view=view)


@pytest.mark.parametrize("custom_id", ["n0:too:character-ai", "n1:nothing", "n1", "panel:metoo", "n1:too:a b", "n1::"])
async def test_buttons_of_other_versions_are_answered_kindly(stage: Stage, custom_id: str) -> None:
    message = await _button(stage, custom_id)
    answer = await stage.ann.click(message, label="Old")
    assert answer.ephemeral and "another version" in text_of(answer.response)


async def test_a_button_of_a_service_that_is_gone_says_so(stage: Stage) -> None:
    message = await _button(stage, pack("too", "old-service"))
    answer = await stage.ann.click(message, label="Old")
    assert "I don't know a service called old" in text_of(answer.response)


async def test_forged_setup_presses_by_members_change_nothing(stage: Stage) -> None:
    before = stage.app.setup.configure.export(stage.guild.id)
    for action in ("setlog", "setexport", "setpreview", "setimportform", "setform.reactions.what"):
        answer = await stage.ann.click(await _button(stage, pack(*action.split("."))), label="Old")
        assert "needs the *Manage Server* permission" in text_of(answer.response), action
    assert stage.app.setup.configure.export(stage.guild.id) == before


async def test_an_unforeseen_failure_gives_a_reference_code_that_the_log_has(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret detail")

    card = await stage.ann.slash(stage.channel, "500")
    monkeypatch.setattr("bot.discord_ui.commands.help.why_card", broken)
    answer = await stage.ann.click(card.response, label="More help")
    [failure] = stage.app.base.failures.unexpected
    assert f"Reference: `{failure.code}`" in text_of(answer.response)
    assert "secret detail" not in text_of(answer.response)
    assert failure.kind == "ZeroDivisionError" and "in broken\n" in failure.trace
    assert "secret detail" not in failure.trace.replace('raise ZeroDivisionError("a secret detail")', "")
    stage.app.base.failures.unexpected.clear()


async def test_a_failing_autocomplete_offers_nothing_and_is_logged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("bot.discord_ui.answering.context.Context.suggest", broken)
    assert await stage.ann.autocomplete(stage.channel, "500", "service", "c") == []
    assert [failure.kind for failure in stage.app.base.failures.unexpected] == ["ZeroDivisionError"]
    stage.app.base.failures.unexpected.clear()


async def test_a_failing_listener_is_logged_and_the_next_message_is_heard(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.turn_replies_on()
    with monkeypatch.context() as broken:
        broken.setattr("bot.discord_ui.listeners.messages.auto_reply", None)
        await stage.ann.send(stage.channel, "is cai down for anyone?")
    assert [failure.kind for failure in stage.app.base.failures.unexpected] == ["TypeError"]
    stage.app.base.failures.unexpected.clear()
    await stage.env.advance_time(3600)
    await stage.ann.send(stage.channel, "is cai down for anyone?")
    assert len(stage.replies()) == 1


async def test_a_failing_reaction_is_logged_and_the_next_one_counts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, "is cai down for anyone?")
    [reply] = stage.replies()
    with monkeypatch.context() as broken:
        broken.setattr("bot.usecases.reports.count_reactions.CountReactions.added", None)
        await stage.bob.react(reply, "👍")
        await stage.until(lambda: bool(stage.app.base.failures.unexpected))
    assert [failure.kind for failure in stage.app.base.failures.unexpected] == ["TypeError"]
    stage.app.base.failures.unexpected.clear()
    await stage.mod.react(reply, "👍")
    await stage.until(lambda: stage.people() == 1)


async def test_cards_leave_no_views_behind(stage: Stage) -> None:
    for _ in range(3):
        card = await stage.ann.slash(stage.channel, "500")
        await stage.ann.click(card.response, label="Broken for me")
    store = stage.env.bot._connection._view_store
    assert not store._views and not store._modals


async def test_nothing_the_bot_says_can_ping(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, "is cai down for anyone? @everyone")
    await stage.ann.slash(stage.channel, "500")
    for request in stage.env.http_requests:
        body = request.json.get("data", request.json) if isinstance(request.json, dict) else {}
        if "components" in body and request.method == "POST":
            assert body["allowed_mentions"]["parse"] == [], request.path


class TestWithoutMessageContent:
    @pytest.fixture
    def message_content(self) -> bool:
        return False

    async def test_mentions_of_the_bot_are_heard_and_setup_says_what_is(self, stage: Stage) -> None:
        await stage.turn_replies_on()
        await stage.ann.send(stage.channel, "is cai down for anyone else?")
        assert stage.replies() == []
        await stage.ann.send(stage.channel, f"<@{stage.env.bot.user.id}> is cai down for anyone else?")
        assert len(stage.replies()) == 1
        panel = await stage.mod.slash(stage.channel, "setup")
        assert "I can't read message text" in text_of(panel.response)


async def test_a_note_is_never_longer_than_discord_takes() -> None:
    view = note("x" * 5000)
    assert view.content_length() == 4000


async def test_commands_are_told_once_and_again_when_they_change(stage: Stage) -> None:
    assert _syncs(stage.env) == 1
    await stage.env.restart_bot(stage.app.client(message_content=True, shards=Shards((0,), 1)))
    assert _syncs(stage.env) == 1
    await stage.app.base.stores.meta.put("commands", "older")
    await stage.env.restart_bot(stage.app.client(message_content=True, shards=Shards((0,), 1)))
    assert _syncs(stage.env) == 2


def _syncs(env: simcord.Env) -> int:
    return sum(1 for r in env.http_requests if r.method == "PUT" and r.path.endswith("/commands"))
