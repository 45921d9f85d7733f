"""`/privacy`: show, export, delete."""

import json

from tests.discord_ui.conftest import Stage, text_of


async def test_shows_exports_and_deletes_what_is_kept(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "report", symptom="login")
    await stage.bob.slash(stage.channel, "report")
    shown = await stage.ann.slash(stage.channel, "privacy")
    exported = await stage.ann.click(shown.response, label="Export mine")
    deleted = await stage.ann.click(shown.response, label="Delete mine")
    assert "1 report of yours is kept" in text_of(shown.response)
    [file] = exported.response.attachments
    assert [c["file"]["url"] for c in exported.response.components if c["type"] == 13] == [file.url]
    document = json.loads(await file.read())
    assert [r["symptom"] for r in document["reports"]] == ["login"]
    assert "Deleted: 1 report" in text_of(deleted.response)
    tally = stage.app.board.tally("character-ai", stage.env.now().timestamp(), None)
    assert tally.everywhere.quarter == 1
    kept = [r async for chunk in stage.app.stores.reports.since(0) for r in chunk]
    assert len(kept) == 1


async def test_a_moderators_id_is_shown_exported_and_taken_out_of_the_change_log(stage: Stage) -> None:
    await stage.turn_replies_on()
    shown = await stage.mod.slash(stage.channel, "privacy")
    assert "1 change of settings names you" in text_of(shown.response)
    document = (await stage.app.privacy.show(stage.mod.id)).document
    assert [c["setting"] for c in document["changes_as_moderator"]] == ["channels"]
    await stage.mod.click(shown.response, label="Delete mine")
    assert [e.moderator_id for e in await stage.app.configure.log(stage.guild.id)] == [0]
    log = await stage.mod.click((await stage.mod.slash(stage.channel, "setup")).response, label="Changes")
    assert "—: **channels**" in text_of(log.response)


async def test_auto_replies_can_be_turned_off_and_on_again(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "privacy")
    await stage.ann.click(shown.response, label="Don't reply to me")
    assert (await stage.app.privacy.show(stage.ann.id)).opted_out
    again = await stage.ann.slash(stage.channel, "privacy")
    assert "You get no auto-replies" in text_of(again.response)
    await stage.ann.click(again.response, label="Reply to me again")
    assert not (await stage.app.privacy.show(stage.ann.id)).opted_out
