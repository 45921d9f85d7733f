"""`/setup`: the moderators' panel, from the first use to an export into another server."""

import json
from typing import Any

import pytest

from bot.core.guild_settings import BY_NAME
from bot.discord_ui.setup.pages import TITLES
from tests.e2e.conftest import AUTO_REPLY, MENTION, NOTHING_TO_DO, Town, labels, preset
from tests.loopback import Channel, Interaction, NotPossible, Perm

pytestmark = pytest.mark.asyncio(loop_scope="package")


def kept(town: Town, channel: Channel) -> dict[str, Any]:
    """What the database holds as this server's settings."""
    rows = town.rows("SELECT document FROM guild_settings WHERE guild_id = ?", channel.guild_id)
    return json.loads(rows[0][0]) if rows else {}


def exported(answer: Interaction) -> dict[str, Any]:
    """The document in an export."""
    return json.loads(answer.text.split("```")[1])


async def test_setup_is_offered_to_moderators_in_servers_alone(town: Town) -> None:
    channel, member, moderator = town.channel(), town.user(), town.user()
    channel.guild.join(moderator, channel.guild.role("Mods", Perm.MANAGE_GUILD))
    with pytest.raises(NotPossible, match="permissions"):
        await member.slash(channel, "setup")
    with pytest.raises(NotPossible, match="context"):
        await moderator.slash(moderator.dm(), "setup")
    panel = await moderator.slash(channel, "setup")
    assert panel.ephemeral and "Where should I reply?" in panel.text
    await town.overview(moderator, panel)
    assert "**Auto-replies** are off" in panel.text and NOTHING_TO_DO in panel.text


async def test_owner_sets_everything_in_one_panel_and_the_database_keeps_it(town: Town) -> None:
    guild = town.guild("general", "help")
    general, help_ = guild.channel("general"), guild.channel("help")
    owner: Any = guild.owner
    panel = await owner.slash(general, "setup")
    assert labels(panel) == ["Next", "Skip"], "the first time, the guide"
    assert labels(await owner.click(panel, "Skip")) == ["Set up", "More"]
    assert kept(town, general) == {}

    shown = await town.choose(owner, panel, "channels", [general, help_])
    assert shown.response is panel.response, "the panel is replaced, not repeated"
    assert set(preset(shown, "channels")) == {str(general.id), str(help_.id)}
    await town.choose(owner, panel, "language", ["en"])
    await town.choose(owner, panel, "cooldown", ["30 seconds"])
    shown = await town.choose(owner, panel, "person_cooldown", ["1 hour"])
    assert (preset(shown, "cooldown"), preset(shown, "person_cooldown")) == (["30"], ["3600"])
    shown = await town.overview(owner, panel)
    assert f"are on in <#{general.id}> <#{help_.id}> (sensitivity: balanced)." in shown.text
    assert "At most one reply per channel every 30 seconds, and per person every 1 hour." in shown.text
    form = await town.open(owner, panel, "reactions")
    shown = await owner.submit_modal(form, {"reactions": "🔥  💀"})
    assert shown.response is panel.response and "**Reactions**: 🔥 💀" in shown.text
    again = await town.open(owner, panel, "reactions")
    assert again.modal["components"][0]["component"]["value"] == "🔥 💀", "the form opens with what is set"

    await town.choose(owner, panel, "outage_channel", [help_])
    await town.choose(owner, panel, "outage_reminder", ["every 3 hours"])
    await town.switch(owner, panel, "outage_silent")
    await town.switch(owner, panel, "outage_end")
    shown = await town.choose(owner, panel, "picture", ["For light Discord"])
    assert preset(shown, "outage_channel") == [str(help_.id)] and preset(shown, "outage_reminder") == ["3"]

    document = {
        "version": 1,
        "channels": [str(general.id), str(help_.id)],
        "denied_channels": [],
        "roles": [],
        "denied_roles": [],
        "ignored": [],
        "ignored_roles": [],
        "helpers": [],
        "wait": 4,
        "distress_channel": None,
        "weekly_channel": None,
        "helpline": None,
        "sensitivity": "balanced",
        "phrases": [],
        "quiet_hours": None,
        "dry_run": None,
        "automod": None,
        "cooldown": 30,
        "person_cooldown": 3600,
        "reactions": ["🔥", "💀"],
        "outage_channel": str(help_.id),
        "outage_role": None,
        "outage_possible": False,
        "outage_thread": True,
        "outage_reminder": 3,
        "outage_silent": True,
        "outage_end": True,
        "picture": "light",
        "language": "en",
        "service": None,
        "more_services": [],
    }
    assert kept(town, general) == document
    assert exported(await town.press(owner, panel, "Export")) == document

    await town.choose(owner, panel, "channels", [])
    off = await town.overview(owner, panel)
    assert "**Auto-replies** are off" in off.text and kept(town, general)["channels"] == []


async def test_changes_are_listed_with_who_made_them_newest_first(town: Town) -> None:
    channel, moderator = town.channel(), town.user()
    channel.guild.join(moderator, channel.guild.role("Mods", Perm.MANAGE_GUILD))
    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    assert "Nothing has been changed yet." in (await town.press(owner, panel, "Changes")).text
    await town.choose(owner, panel, "cooldown", ["60"])
    theirs = await moderator.slash(channel, "setup")
    await town.choose(moderator, theirs, "cooldown", ["300"])
    listed = await town.press(owner, panel, "Changes")
    assert listed.ephemeral and listed.response.pings == []
    newest, oldest = [line for line in listed.text.splitlines() if line.startswith("<t:")]
    assert labels(listed) == ["Undo", "Back"], "only what is still as it was set"
    assert moderator.mention in newest and "**Pause in a channel**: 1 minute → 5 minutes" in newest
    assert owner.mention in oldest and "**Pause in a channel**: 2 minutes → 1 minute" in oldest


async def test_preview_shows_the_auto_reply_to_the_moderator_alone(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    preview = await town.press(owner, await owner.slash(channel, "setup"), "Preview")
    assert preview.ephemeral and "Character.AI" in preview.text
    assert labels(preview) in AUTO_REPLY
    assert town.said(channel) == []


async def test_export_of_one_server_is_imported_in_another_without_its_channels(town: Town) -> None:
    theirs, ours = town.channel(), town.channel()
    giver: Any = theirs.guild.owner
    taker: Any = ours.guild.owner
    panel = await giver.slash(theirs, "setup")
    await town.choose(giver, panel, "channels", [theirs])
    await town.choose(giver, panel, "cooldown", ["900"])
    document = exported(await town.press(giver, panel, "Export"))
    document["channels"].append(str(ours.id))

    panel = await taker.slash(ours, "setup")
    asked = await taker.submit_modal(await town.press(taker, panel, "Import"), {"document": json.dumps(document)})
    assert "**Pause in a channel**: 2 minutes → 15 minutes" in asked.text and kept(town, ours) == {}
    shown = await taker.click(asked, "Import this")
    assert shown.response is panel.response and f"are on in <#{ours.id}> (sensitivity: balanced)" in shown.text
    assert kept(town, ours) == document | {"channels": [str(ours.id)]}


@pytest.mark.parametrize(
    ("typed", "wording"),
    [
        ("hello", "That isn't an export"),
        ("[1]", "That isn't an export"),
        ('{"version": 2}', "another version of me"),
        ('{"cooldown": 1}', "Pause in a channel: Choose one of the values"),
        ('{"admin": true}', "no setting called “admin”"),
        ('{"language": "xx"}', "Language: I don't speak that"),
        ('{"reactions": [' + ", ".join(['"x"'] * 11) + "]}", "Reactions: At most 10 can be kept."),
    ],
)
async def test_import_of_anything_else_is_refused_by_name_and_changes_nothing(
    town: Town, typed: str, wording: str
) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    form = await town.press(owner, await owner.slash(channel, "setup"), "Import")
    refused = await owner.submit_modal(form, {"document": typed})
    assert refused.ephemeral and wording in refused.text
    assert kept(town, channel) == {}


async def test_a_press_that_members_cannot_see_is_refused_all_the_same(town: Town) -> None:
    """Presses are made by the client and prove nothing: every one is checked again."""
    channel, eve = town.channel(), town.user()
    owner: Any = channel.guild.owner
    role = channel.guild.role("Fans")
    panel = await owner.slash(channel, "setup")
    values: dict[str, list[Any]] = {
        "channels": [channel],
        "denied_channels": [channel],
        "dry_run": [channel],
        "outage_channel": [channel],
        "roles": [role],
        "denied_roles": [role],
        "helpers": [role],
        "outage_role": [role],
        "ignored": [eve],
        "language": ["en"],
        "cooldown": ["30"],
        "person_cooldown": ["30"],
        "sensitivity": ["eager"],
    }
    tried: list[Any] = []
    for page in ("main", "more", *TITLES):
        await owner.forge(panel, f"n1:setpage:{page}")
        if page == "ears":
            await town.world.until(lambda: "## What I can read" in panel.text, what="the page", poll=0.02)
        tried += [await eve.click(panel, button["custom_id"]) for button in panel.response.buttons]
    for name, chosen in values.items():
        await town.page(owner, panel, TITLES[BY_NAME[name].page or ""][0])
        tried.append(await eve.select(panel, f"n1:set:{name}", chosen))
    await owner.forge(panel, "n1:setpage:main")
    tried.append(await eve.select(panel, "n1:setgo", ["when"]))
    filled: dict[str, dict[str, Any]] = {
        "Import": {"document": '{"cooldown": 30}'},
        "Try a message": {"text": MENTION},
    }
    for label, typed in filled.items():
        tried.append(await eve.submit_modal(await town.press(owner, panel, label), typed))
    for name, typed in (
        ("reactions", {"reactions": "🔥"}),
        ("reactions", {"reactions": "no emoji"}),
        ("phrases", {"phrases": "my hamster"}),
        ("quiet_hours", {"start": "22:00", "end": "7:00", "zone": "UTC"}),
    ):
        tried.append(await eve.submit_modal(await town.open(owner, panel, name), typed))
    for refused in tried:
        assert refused.modal is None and refused.ephemeral and "Manage Server" in refused.text
    assert kept(town, channel) == {}


async def test_channels_of_another_server_are_refused(town: Town) -> None:
    channel, foreign = town.channel(), town.channel()
    owner: Any = channel.guild.owner
    refused = await town.choose(owner, await owner.slash(channel, "setup"), "channels", [channel, foreign])
    assert refused.ephemeral and "is not one" in refused.text
    assert kept(town, channel) == {}


async def test_panel_names_the_rights_that_are_missing_in_a_chosen_channel(town: Town) -> None:
    guild = town.guild("general", "quiet")
    channel, quiet = guild.channel("general"), guild.channel("quiet")
    quiet.deny(Perm.SEND_MESSAGES)
    owner: Any = guild.owner
    shown = await town.choose(owner, await owner.slash(channel, "setup"), "channels", [channel, quiet])
    (missing,) = [line for line in shown.text.splitlines() if "Send Messages" in line]
    assert f"In <#{quiet.id}> I need" in missing and f"<#{channel.id}>" not in missing
