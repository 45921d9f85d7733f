"""`/setup`: the moderators' panel, from its first look to a copy in another server."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import MENTION, Town, labels
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
    assert panel.ephemeral and "Auto-replies** are off" in panel.text
    assert "✅" not in panel.text.split("can hear")[1], "in no channel yet"


async def test_owner_sets_everything_in_one_panel_and_the_database_keeps_it(town: Town) -> None:
    guild = town.guild("general", "help")
    general, help_ = guild.channel("general"), guild.channel("help")
    owner: Any = guild.owner
    panel = await owner.slash(general, "setup")
    assert labels(panel) == [
        "Who and where",
        "When",
        "What it answers",
        "Ears",
        "Outages",
        "Try a message",
        "Preview",
        "Changes",
        "Export",
        "Import",
        "Humans first",
    ]
    assert kept(town, general) == {}

    shown = await owner.select(panel, "n1:setchannels", [general, help_])
    assert shown.response is panel.response, "the panel is replaced, not repeated"
    assert f"are on in <#{general.id}> <#{help_.id}>" in shown.text
    preset = next(s for s in shown.response.selects if s["custom_id"] == "n1:setchannels")["default_values"]
    assert {int(one["id"]) for one in preset} == {general.id, help_.id}
    shown = await owner.select(panel, "n1:setlanguage", ["en"])
    assert "public answers: English" in shown.text
    await owner.click(panel, "When")
    await owner.select(panel, "n1:setpause", ["Pause in a channel: 30 seconds"])
    shown = await owner.select(panel, "n1:setperson", ["Pause for one person: 1 hour"])
    assert "in a channel: 30 seconds; to one person: 1 hour" in shown.text
    await owner.click(panel, "Back")
    await owner.click(panel, "What it answers")
    form = await owner.click(panel, "Reactions")
    shown = await owner.submit_modal(form, {"reactions": "🔥  💀"})
    assert shown.response is panel.response and "👍 ✋ ➕ 😭 🔥 💀" in shown.text
    again = await owner.click(panel, "Reactions")
    assert again.modal["components"][0]["component"]["value"] == "🔥 💀", "the form opens with what is set"

    await owner.click(panel, "Back")
    await owner.click(panel, "Outages")
    await owner.select(panel, "n1:setoutchannel", [help_])
    await owner.select(panel, "n1:setoutreminder", ["every 3 hours"])
    await owner.click(panel, "Without notifications")
    await owner.click(panel, "A line at the end")
    shown = await owner.select(panel, "n1:setoutpicture", ["Picture for light Discord"])
    assert f"**Channel**: <#{help_.id}>" in shown.text and "every 3 hours" in shown.text

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
    }
    assert kept(town, general) == document
    await owner.click(panel, "Back")
    assert exported(await owner.click(panel, "Export")) == document

    off = await owner.select(panel, "n1:setchannels", [])
    assert "Auto-replies** are off" in off.text and kept(town, general)["channels"] == []


async def test_changes_are_listed_with_who_made_them_newest_first(town: Town) -> None:
    channel, moderator = town.channel(), town.user()
    channel.guild.join(moderator, channel.guild.role("Mods", Perm.MANAGE_GUILD))
    owner: Any = channel.guild.owner
    panel = await owner.slash(channel, "setup")
    assert "Nothing has been changed yet." in (await owner.click(panel, "Changes")).text
    await owner.click(panel, "When")
    await owner.select(panel, "n1:setpause", ["60"])
    theirs = await moderator.slash(channel, "setup")
    await moderator.click(theirs, "When")
    await moderator.select(theirs, "n1:setpause", ["300"])
    await owner.click(panel, "Back")
    listed = await owner.click(panel, "Changes")
    assert listed.ephemeral and listed.response.pings == []
    newest, oldest = [line for line in listed.text.splitlines() if line.startswith("- ")]
    assert moderator.mention in newest and "**cooldown** 60 → 300" in newest
    assert owner.mention in oldest and "**cooldown** 120 → 60" in oldest


async def test_preview_shows_the_auto_reply_to_the_moderator_alone(town: Town) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    preview = await owner.click(await owner.slash(channel, "setup"), "Preview")
    assert preview.ephemeral and "Character.AI" in preview.text
    assert labels(preview) == ["Me too", "Works for me again", "What can I do?", "Don't reply to me", "Wrong reply?"]
    assert town.said(channel) == []


async def test_export_of_one_server_is_imported_in_another_without_its_channels(town: Town) -> None:
    theirs, ours = town.channel(), town.channel()
    giver: Any = theirs.guild.owner
    taker: Any = ours.guild.owner
    panel = await giver.slash(theirs, "setup")
    await giver.select(panel, "n1:setchannels", [theirs])
    await giver.click(panel, "When")
    await giver.select(panel, "n1:setpause", ["900"])
    await giver.click(panel, "Back")
    document = exported(await giver.click(panel, "Export"))
    document["channels"].append(str(ours.id))

    panel = await taker.slash(ours, "setup")
    shown = await taker.submit_modal(await taker.click(panel, "Import"), {"document": json.dumps(document)})
    assert shown.response is panel.response and f"are on in <#{ours.id}>\n" in shown.text
    assert kept(town, ours) == document | {"channels": [str(ours.id)]}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("hello", "settings cannot be that"),
        ("[1]", "settings cannot be that"),
        ('{"version": 2}', "version cannot be that"),
        ('{"cooldown": 1}', "cooldown cannot be that"),
        ('{"admin": true}', "admin cannot be that"),
        ('{"language": "xx"}', "language cannot be that"),
        ('{"reactions": [' + ", ".join(['"x"'] * 11) + "]}", "reactions cannot be that"),
    ],
)
async def test_import_of_anything_else_is_refused_by_name_and_changes_nothing(
    town: Town, typed: str, told: str
) -> None:
    channel = town.channel()
    owner: Any = channel.guild.owner
    form = await owner.click(await owner.slash(channel, "setup"), "Import")
    refused = await owner.submit_modal(form, {"document": typed})
    assert refused.ephemeral and told in refused.text
    assert kept(town, channel) == {}


async def test_a_press_that_members_cannot_see_is_refused_all_the_same(town: Town) -> None:
    """Presses are made by the client and prove nothing: every one is checked again."""
    channel, eve = town.channel(), town.user()
    owner: Any = channel.guild.owner
    role = channel.guild.role("Fans")
    panel = await owner.slash(channel, "setup")
    menus = {
        "main": {"n1:setchannels": [channel], "n1:setlanguage": ["en"]},
        "Who and where": {
            "n1:setdenied": [channel],
            "n1:setroles": [role],
            "n1:setdeniedroles": [role],
            "n1:setignored": [eve],
        },
        "When": {"n1:setpause": ["30"], "n1:setperson": ["30"], "n1:setdryrun": [channel]},
        "What it answers": {"n1:setsensitivity": ["eager"]},
        "Ears": {},
    }
    tried: list[Any] = []
    for page, choices in menus.items():
        if page != "main":
            await town.page(owner, panel, page)
        tried += [await eve.click(panel, label) for label in labels(panel)]
        tried += [await eve.select(panel, menu, values) for menu, values in choices.items()]
        if page != "main":
            await owner.click(panel, "Back")
    filled: dict[str, dict[str, Any]] = {
        "Import": {"document": '{"cooldown": 30}'},
        "Try a message": {"text": MENTION},
    }
    for label, typed in filled.items():
        tried.append(await eve.submit_modal(await owner.click(panel, label), typed))
    await owner.click(panel, "What it answers")
    tried.append(await eve.submit_modal(await owner.click(panel, "Reactions"), {"reactions": "🔥"}))
    tried.append(await eve.submit_modal(await owner.click(panel, "Reactions"), {"reactions": "no emoji"}))
    tried.append(await eve.submit_modal(await owner.click(panel, "Own phrases"), {"phrases": "my hamster"}))
    await owner.click(panel, "Back")
    await owner.click(panel, "When")
    tried.append(
        await eve.submit_modal(
            await owner.click(panel, "Quiet hours"), {"start": "22:00", "end": "7:00", "zone": "UTC"}
        )
    )
    for refused in tried:
        assert refused.modal is None and refused.ephemeral and "Manage Server" in refused.text
    assert kept(town, channel) == {}


async def test_channels_of_another_server_are_refused(town: Town) -> None:
    channel, foreign = town.channel(), town.channel()
    owner: Any = channel.guild.owner
    refused = await owner.select(await owner.slash(channel, "setup"), "n1:setchannels", [channel, foreign])
    assert refused.ephemeral and "channels cannot be that" in refused.text
    assert kept(town, channel) == {}


async def test_panel_names_the_rights_that_are_missing_in_a_chosen_channel(town: Town) -> None:
    guild = town.guild("general", "quiet")
    channel, quiet = guild.channel("general"), guild.channel("quiet")
    quiet.deny(Perm.SEND_MESSAGES)
    owner: Any = guild.owner
    shown = await owner.select(await owner.slash(channel, "setup"), "n1:setchannels", [channel, quiet])
    (missing,) = [line for line in shown.text.splitlines() if "Send Messages" in line]
    assert f"<#{quiet.id}>" in missing and f"<#{channel.id}>" not in missing
