"""`/privacy`: show, export, delete."""

import json

from bot.core.privacy import ReporterKey
from tests.discord_ui.conftest import Stage, text_of


async def test_shows_exports_and_deletes_what_is_kept(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "report", symptom="login")
    await stage.bob.slash(stage.channel, "report")
    shown = await stage.ann.slash(stage.channel, "privacy")
    assert "I have 1 report from you" in text_of(shown.response)
    exported = await stage.ann.click(shown.response, label="Export mine")
    await stage.ann.click(shown.response, label="Delete mine")
    await stage.ann.click(shown.response, label="Delete it")
    [file] = exported.response.attachments
    assert [c["file"]["url"] for c in exported.response.components if c["type"] == 13] == [file.url]
    document = json.loads(await file.read())
    assert [r["symptom"] for r in document["reports"]] == ["login"]
    card = text_of(shown.response)
    assert "I have no reports from you" in card and "Deleted: 1 report of yours. Nothing else about you" in card
    tally = stage.app.base.board.tally("character-ai", stage.env.now().timestamp(), None)
    assert tally.everywhere.quarter == 1
    kept = [r async for chunk in stage.app.base.stores.reports.back_to(0) for r in chunk]
    assert len(kept) == 1


async def test_a_moderators_id_is_shown_exported_and_taken_out_of_the_change_log(stage: Stage) -> None:
    await stage.turn_replies_on()
    shown = await stage.mod.slash(stage.channel, "privacy")
    assert "You changed a setting 1 time" in text_of(shown.response)
    document = (await stage.app.upkeep.privacy.show(stage.mod.id)).document
    assert [c["setting"] for c in document["changes_as_moderator"]] == ["channels"]
    await stage.mod.click(shown.response, label="Delete mine")
    await stage.mod.click(shown.response, label="Delete it")
    assert [e.moderator_id for e in await stage.app.setup.configure.log(stage.guild.id)] == [0]
    log = await stage.press((await stage.mod.slash(stage.channel, "setup")).response, "Changes")
    assert "—: **Channels with auto-replies**" in text_of(log.response)


async def test_auto_replies_can_be_turned_off_and_on_again(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "privacy")
    await stage.ann.click(shown.response, label="Don't reply to me")
    assert (await stage.app.upkeep.privacy.show(stage.ann.id)).opted_out
    again = await stage.ann.slash(stage.channel, "privacy")
    assert "You get no auto-replies" in text_of(again.response)
    await stage.ann.click(again.response, label="Reply to me again")
    assert not (await stage.app.upkeep.privacy.show(stage.ann.id)).opted_out


async def test_whoever_moderators_told_us_to_leave_alone_sees_so_and_that_it_stays(stage: Stage) -> None:
    listed = ReporterKey(b"\xab" * 32).listed(stage.ann.id)
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"ignored": [str(listed)]})
    shown = await stage.ann.slash(stage.channel, "privacy")
    assert "The moderators of 1 server told me to ignore you." in text_of(shown.response)
    document = (await stage.app.upkeep.privacy.show(stage.ann.id)).document
    assert document["left_alone_in_servers"] == [str(stage.guild.id)]
    await stage.ann.click(shown.response, label="Delete mine")
    await stage.ann.click(shown.response, label="Delete it")
    assert "Only moderators can change what they set, so it stays." in text_of(shown.response)
    assert listed in stage.app.setup.configure._cache.get(stage.guild.id).ignored


async def test_deleting_takes_back_that_one_talked_of_trouble(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    talk, now = stage.app.outages.watch._sources.talk["character-ai"], stage.env.now().timestamp()
    assert talk.people(now) == 1
    await stage.app.upkeep.privacy.delete(stage.ann.id)
    assert talk.people(now) == 0
