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
    document = json.loads(await file.read())
    assert [r["symptom"] for r in document["reports"]] == ["login"]
    assert "Deleted: 1 report" in text_of(deleted.response)
    tally = stage.app.board.tally("character-ai", stage.env.now().timestamp(), None)
    assert tally.everywhere.quarter == 1
    kept = [r async for chunk in stage.app.stores.reports.since(0) for r in chunk]
    assert len(kept) == 1


async def test_auto_replies_can_be_turned_off_and_on_again(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "privacy")
    await stage.ann.click(shown.response, label="Don't reply to me")
    assert (await stage.app.privacy.show(stage.ann.id)).opted_out
    again = await stage.ann.slash(stage.channel, "privacy")
    assert "You get no auto-replies" in text_of(again.response)
    await stage.ann.click(again.response, label="Reply to me again")
    assert not (await stage.app.privacy.show(stage.ann.id)).opted_out
