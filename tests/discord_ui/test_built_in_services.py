"""Every built-in service can be chosen without any files, and is in memory only while it is followed."""

from tests.discord_ui.conftest import SERVICE, Stage, menus_of, text_of

CLAUDE, STEAM = "claude", "steam"


def held(stage: Stage) -> list[str]:
    return [service.id for service in stage.app.base.services]


async def test_a_built_in_service_is_chosen_in_setup_and_heard_at_once(stage: Stage) -> None:
    assert held(stage) == [SERVICE]
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.choose(panel, "more_services", [CLAUDE, STEAM])
    [menu] = [menu for menu in menus_of(panel) if menu["placeholder"] == "More services"]
    assert {one["value"] for one in menu["options"] if one.get("default")} == {CLAUDE, STEAM}
    assert len(menu["options"]) == len(stage.app.base.services.known) - 1
    assert held(stage) == [SERVICE, CLAUDE, STEAM]

    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, "my kettle lets off steam and does not work")
    await stage.ann.send(stage.channel, "claude from work can't log in to his own pc")
    assert stage.replies() == []
    await stage.ann.send(stage.channel, "is steam down for anyone else?")
    [reply] = stage.replies()
    assert "Steam" in text_of(reply)


async def test_what_nobody_follows_any_longer_is_let_go_of_and_can_still_be_asked_for(stage: Stage) -> None:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.choose(panel, "service", [CLAUDE])
    assert held(stage) == [SERVICE, CLAUDE]
    detectors = stage.app.replies.detectors
    claude = detectors[CLAUDE]
    await stage.app.files.unload()
    assert held(stage) == [SERVICE, CLAUDE] and detectors[CLAUDE] is claude

    await stage.choose(panel, "service", [SERVICE])
    await stage.app.files.unload()
    assert held(stage) == [SERVICE]
    offered = await stage.ann.autocomplete(stage.channel, "status", "service", "clau")
    assert [one["value"] for one in offered] == [CLAUDE]
    status = await stage.ann.slash(stage.channel, "status", service="claude.ai")
    assert "Claude" in text_of(status.response)
    await stage.app.files.unload()
    assert held(stage) == [SERVICE]
