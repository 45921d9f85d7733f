"""Moderators' controls: channels, times, answers; *Try a message*; dry run; *Wrong reply?*; suspended rules."""

import asyncio
import json
from typing import Any

import discord
import pytest
import simcord

from bot.core.mentions import Sensitivity
from bot.core.outage_life import Outage, Phase
from bot.core.privacy import ReporterKey
from bot.core.reports import DAY
from tests.discord_ui.conftest import Stage, labels_of, preset, press_more, text_of

MENTION = "is cai down for anyone else?"
UNSURE = "Can't open"


def _listed(user_id: int, guild_id: int | None = None) -> int:
    return ReporterKey(bytes.fromhex("ab" * 32)).listed(user_id, guild_id)


async def _page(stage: Stage, label: str) -> Any:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.turn(panel, label)
    return panel


async def _set(stage: Stage, **values: Any) -> None:
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, values)


async def _import(stage: Stage, form: Any, document: dict[str, Any]) -> None:
    asked = await stage.mod.submit_modal(form, {"document": json.dumps(document)})
    await stage.mod.click(asked.response, label="Import this")


async def _try(stage: Stage, text: str, **more: Any) -> str:
    form = await stage.press((await stage.mod.slash(stage.channel, "setup")).response, "Try a message")
    shown = await stage.mod.submit_modal(form, {"text": text, **more})
    assert shown.ephemeral
    return text_of(shown.response)


async def test_categories_cover_their_channels_and_left_out_ones_win(stage: Stage) -> None:
    category = stage.guild.create_category("talk")
    loud, quiet = (stage.guild.create_text_channel(name, category=category) for name in ("loud", "quiet"))
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.choose(panel, "channels", [category])
    await stage.turn(panel, "Who and where")
    await stage.choose(panel, "denied_channels", [quiet])
    for channel in (loud, quiet):
        await stage.ann.send(channel, MENTION)
    assert len([m for m in loud.history() if m.author.bot]) == 1
    assert not [m for m in quiet.history() if m.author.bot]


async def test_roles_are_combined_with_and(stage: Stage) -> None:
    fans, muted = stage.guild.create_role("Fans"), stage.guild.create_role("Muted")
    cat, dog = (
        stage.guild.add_member(stage.env.create_user(n), roles=r) for n, r in (("cat", [fans]), ("dog", [fans, muted]))
    )
    await stage.turn_replies_on(cooldown=30)
    panel = await _page(stage, "Who and where")
    await stage.choose(panel, "roles", [fans])
    await stage.choose(panel, "denied_roles", [muted])
    for person in (stage.ann, dog, cat):
        await stage.ann.send(stage.channel, "hello")
        await person.send(stage.channel, MENTION)
        await stage.env.advance_time(31)
    [reply] = stage.replies()
    assert reply.reference is not None and reply.reference.resolved.author.id == cat.id


async def test_ignored_people_get_no_reply_anywhere(stage: Stage) -> None:
    await stage.turn_replies_on()
    panel = await _page(stage, "Who and where")
    await stage.choose(panel, "ignored", [stage.ann])
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    assert stage.app.setup.configure.export(stage.guild.id)["ignored"] == [
        str(_listed(stage.ann.id, stage.guild.id))
    ], "no user id is kept"
    await stage.bob.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_an_import_leaves_out_what_is_of_another_server(stage: Stage) -> None:
    fans = stage.guild.create_role("Fans")
    document = {
        "channels": [str(stage.channel.id), "1"],
        "denied_channels": ["2"],
        "roles": [str(fans.id), "3"],
        "denied_roles": ["4"],
        "automod": "5",
    }
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    form = await stage.press(panel, "Import")
    await _import(stage, form, document)
    now = stage.app.setup.configure.export(stage.guild.id)
    assert (now["channels"], now["roles"]) == ([str(stage.channel.id)], [str(fans.id)])
    assert (now["denied_channels"], now["denied_roles"], now["automod"]) == ([], [], None)
    form = await stage.press(panel, "Import")
    await _import(stage, form, {**document, "dry_run": "6"})
    assert stage.app.setup.configure.export(stage.guild.id)["channels"] == [], "without its dry run it must not speak"


async def test_quiet_hours(stage: Stage) -> None:
    await stage.turn_replies_on()
    form = await stage.open(await _page(stage, "When"), "quiet_hours")
    now = stage.env.now()
    hours = {"start": f"{now:%H:00}", "end": f"{(now.hour + 2) % 24}:00", "zone": "UTC"}
    await stage.mod.submit_modal(form, hours)
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    await stage.env.advance_time(2 * 3600)
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"start": "25:00", "end": "7:00", "zone": "UTC"}, "“25:00” isn't a time"),
        ({"start": "22:00", "end": "soon", "zone": "UTC"}, "“soon” isn't a time"),
        ({"start": "22:00", "end": "7:00", "zone": "Mars/Olympus"}, "I don't know the time zone “Mars/Olympus”"),
        ({"start": "22:00", "end": "22:00", "zone": "UTC"}, "Start and end must be different times."),
    ],
)
async def test_bad_quiet_hours_are_refused_by_name(stage: Stage, typed: dict[str, str], refusal: str) -> None:
    form = await stage.open(await _page(stage, "When"), "quiet_hours")
    answer = await stage.mod.submit_modal(form, typed)
    assert refusal in text_of(answer.response)
    assert stage.app.setup.configure.export(stage.guild.id)["quiet_hours"] is None


async def test_dry_run_tells_moderators_with_a_link_and_never_the_text(stage: Stage) -> None:
    await stage.turn_replies_on()
    den = stage.guild.create_text_channel("mods")
    await stage.choose(await _page(stage, "When"), "dry_run", [den])
    said = await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    [message] = den.history()
    text = text_of(message)
    assert f"https://discord.com/channels/{stage.guild.id}/{stage.channel.id}/{said.id}" in text
    assert "asks whether others have it" in text and "%" in text
    assert "anyone" not in text and "cai" not in text
    await stage.choose(await _page(stage, "When"), "dry_run", [])
    await stage.env.advance_time(3600)
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_sensitivity(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, UNSURE)
    assert stage.replies() == []
    panel = await _page(stage, "What I answer")
    await stage.choose(panel, "sensitivity", [Sensitivity.EAGER.value])
    assert preset(panel, "sensitivity") == ["eager"]
    await stage.ann.send(stage.channel, UNSURE)
    assert len(stage.replies()) == 1


async def test_whom_an_older_version_ignored_is_ignored_and_written_anew_when_chosen_again(stage: Stage) -> None:
    await stage.turn_replies_on(ignored=[str(_listed(stage.ann.id))])
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    panel = await _page(stage, "Who and where")
    await stage.choose(panel, "ignored", [stage.ann])
    assert stage.app.setup.configure.export(stage.guild.id)["ignored"] == [str(_listed(stage.ann.id, stage.guild.id))]
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []


async def test_roles_that_an_older_version_ignored_are_written_apart_when_anything_is_chosen(stage: Stage) -> None:
    bots = stage.guild.create_role("Bots")
    dog = stage.guild.add_member(stage.env.create_user("dog"), roles=[bots])
    await stage.turn_replies_on(ignored=[str(bots.id), "12345"])
    await dog.send(stage.channel, MENTION)
    assert stage.replies() == []
    panel = await _page(stage, "Who and where")
    await stage.choose(panel, "ignored", [stage.ann])
    document = stage.app.setup.configure.export(stage.guild.id)
    assert document["ignored_roles"] == [str(bots.id)]
    assert sorted(document["ignored"]) == sorted(["12345", str(_listed(stage.ann.id, stage.guild.id))])
    await dog.send(stage.channel, MENTION)
    assert stage.replies() == []
    assert "**Ignored everywhere**: 3" in text_of(panel)


async def test_own_phrases_are_tried_first_and_then_kept(stage: Stage) -> None:
    await stage.turn_replies_on()
    panel = await _page(stage, "What I answer")
    typed = "the hamster fell off\n/wheel (is )?stuck/"
    form = await stage.open(panel, "phrases")
    tried = await stage.mod.submit_modal(
        form, {"phrases": typed, "examples": "oh no THE HAMSTER fell off!!\nthe wheel stuck\nhamsters fell off"}
    )
    text = text_of(tried.response)
    assert "✅ oh no THE HAMSTER fell off!! · `the hamster fell off`" in text
    assert "✅ the wheel stuck · `/wheel (is )?stuck/`" in text
    assert "➖ hamsters fell off" in text
    assert stage.app.setup.configure.export(stage.guild.id)["phrases"] == []
    form = await stage.mod.click(tried.response, label="Edit")
    assert repr(typed)[1:-1] in str(form.modal), "what was typed is in the form again"
    tried = await stage.mod.submit_modal(form, {"phrases": typed, "examples": "the wheel stuck"})
    assert "✅ the wheel stuck" in text_of(tried.response)
    await stage.mod.click(tried.response, label="Keep these phrases")
    assert stage.app.setup.configure.export(stage.guild.id)["phrases"] == typed.splitlines()
    await stage.ann.send(stage.channel, "omg the  hamster fell off again")
    assert len(stage.replies()) == 1


@pytest.mark.parametrize(
    ("phrase", "refusal"),
    [
        ("/(a+/", "isn't a pattern that I can use"),
        ("/(?:a{1000}){1000}/", "isn't a pattern that I can use"),
        ("/.*/", "would match every message"),
        ("ab", "must have 3 to 100 characters"),
        ("x" * 101, "must have 3 to 100 characters"),
        ("!!! ???", "needs letters or digits"),
    ],
)
async def test_bad_phrases_are_refused_by_name(stage: Stage, phrase: str, refusal: str) -> None:
    form = await stage.open(await _page(stage, "What I answer"), "phrases")
    answer = await stage.mod.submit_modal(form, {"phrases": phrase})
    assert refusal in text_of(answer.response)
    assert stage.app.setup.configure.export(stage.guild.id)["phrases"] == []


async def test_a_pattern_made_to_stand_still_does_not(stage: Stage) -> None:
    await stage.turn_replies_on(phrases=["/^(a+)+$/"])
    await stage.ann.send(stage.channel, "a" * 1900 + "!")
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_try_a_message_says_the_rule_and_all_that_stands_against(stage: Stage) -> None:
    await stage.turn_replies_on()
    text = await _try(stage, MENTION)
    assert "✅ I would answer this." in text and "❌" not in text
    assert "asks whether others have it, too (“is Character.AI down" in text and "% sure)" in text
    assert "I don't read it as trouble that is happening now." in await _try(stage, "good morning")
    assert "Not sure enough" in await _try(stage, UNSURE)
    elsewhere = stage.guild.create_text_channel("elsewhere")
    assert "not on in this channel" in await _try(stage, MENTION, place=[elsewhere])
    assert stage.replies() == []


async def test_try_a_message_names_every_gate(stage: Stage) -> None:
    fans = stage.guild.create_role("Fans")
    await stage.turn_replies_on(cooldown=3600, person_cooldown=3600)
    said = await stage.ann.send(stage.channel, MENTION)
    [reply] = stage.replies()
    await press_more(stage.ann, reply, "Don't reply to me")
    now = stage.env.now()
    await _set(
        stage,
        denied_channels=[str(stage.channel.id)],
        roles=[str(fans.id)],
        ignored=[str(_listed(stage.ann.id))],
        quiet_hours={"start": f"{now:%H:00}", "end": f"{(now.hour + 2) % 24}:00", "zone": "UTC"},
    )
    assert said is not None
    text = await _try(stage, MENTION, person=[stage.ann])
    for reason in (
        "among those left out",
        "is ignored",
        "this person has none of them",
        "asked me not to reply to them",
        "these are quiet hours",
        "I replied in this channel a moment ago",
        "I replied to this person a moment ago",
    ):
        assert reason in text, reason
    assert "I would not answer this." in text


async def test_try_a_message_knows_the_dry_run(stage: Stage) -> None:
    await stage.turn_replies_on(dry_run=str(stage.channel.id))
    assert f"I'd only say so in <#{stage.channel.id}> (dry run)" in await _try(stage, MENTION)


async def _reply_to(stage: Stage, text: str = MENTION) -> discord.Message:
    before = {m.id for m in stage.replies()}
    await stage.env.advance_time(3601)
    await stage.ann.send(stage.channel, text)
    [new] = [m for m in stage.replies() if m.id not in before]
    return new


async def test_wrong_reply_is_for_the_author_and_moderators(stage: Stage) -> None:
    await stage.env.advance_time(8 * DAY)  # no young accounts
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    refused = await press_more(stage.bob, await _reply_to(stage), "Wrong reply?")
    assert "Only the person I replied to" in text_of(refused.response)
    [reply] = stage.replies()
    taken = await press_more(stage.ann, reply, "Wrong reply?")
    assert "Removed. Counted as a wrong reply" in text_of(taken.response) and taken.ephemeral
    assert stage.replies() == []
    await press_more(stage.mod, await _reply_to(stage), "Wrong reply?")
    assert stage.replies() == []
    page = text_of(await _page(stage, "What I answer"))
    assert "asks whether others have it, too: 2 replies, 2 wrong" in page


async def test_a_rule_that_is_wrong_too_often_turns_itself_off_here_and_says_so(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    for _ in range(3):
        answer = await press_more(stage.mod, await _reply_to(stage), "Wrong reply?")
    assert "It was wrong too often here, so this rule is off" in text_of(answer.response)
    await stage.env.advance_time(3601)
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    await stage.ann.send(stage.channel, "c.ai keeps giving me internal server error")
    assert len(stage.replies()) == 1, "other rules go on"
    assert "turned itself off" in await _try(stage, MENTION)
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    assert "1 rule turned itself off" in text_of(panel)
    await stage.turn(panel, "What I answer")
    assert "It turned itself off" in text_of(panel)
    await stage.mod.click(panel, label="Turn rules on again")
    assert "Turn rules on again" not in labels_of(panel)
    assert await _reply_to(stage)


async def test_moderators_are_told_where_they_read_and_turn_the_rule_on_again(stage: Stage) -> None:
    mods = stage.guild.create_text_channel("mods")
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    replies = [await _reply_to(stage) for _ in range(3)]
    await _set(stage, dry_run=str(mods.id))
    for reply in replies:
        await press_more(stage.mod, reply, "Wrong reply?")
    [message] = mods.history()
    assert "asks whether others have it, too. It was marked as wrong too often" in text_of(message)
    assert "*Turn rules on again*" in text_of(message)


async def test_no_member_turns_a_rule_off_alone(stage: Stage) -> None:
    await stage.env.advance_time(8 * DAY)  # no young accounts
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    for _ in range(5):
        answer = await press_more(stage.ann, await _reply_to(stage), "Wrong reply?")
    assert text_of(answer.response) == "Removed."
    score = (await stage.app.base.stores.rules.all())[stage.guild.id, "question"]
    assert (score.replies, score.wrong, score.off) == (5, 1, False)


async def test_a_young_account_takes_its_reply_away_and_does_not_count(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    answer = await press_more(stage.ann, await _reply_to(stage), "Wrong reply?")
    assert text_of(answer.response) == "Removed." and stage.replies() == []
    scores = (await stage.app.base.stores.rules.all()).values()
    assert {(score.replies, score.wrong) for score in scores} == {(1, 0)}


async def test_calling_the_bot_works_however_often_its_answers_were_called_wrong(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    for _ in range(4):
        await press_more(stage.mod, await _reply_to(stage, f"<@{stage.env.bot.user.id}> hm"), "Wrong reply?")
    assert await _reply_to(stage, f"<@{stage.env.bot.user.id}> and now?")


async def test_a_preview_does_nothing(stage: Stage) -> None:
    preview = await stage.press((await stage.mod.slash(stage.channel, "setup")).response, "Preview")
    with pytest.raises(simcord.SetupError, match="disabled"):
        await stage.mod.click(preview.response, label="More")


async def test_scores_of_phrases_that_are_gone_are_not_shown(stage: Stage) -> None:
    await stage.turn_replies_on(cooldown=30, person_cooldown=30, phrases=["my hamster"])
    for _ in range(3):
        await press_more(stage.mod, await _reply_to(stage, "my hamster!"), "Wrong reply?")
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    assert "1 rule turned itself off" in text_of(panel)
    await _set(stage, phrases=[])
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    assert "turned itself off" not in text_of(panel)
    await stage.turn(panel, "What I answer")
    assert "No auto-reply yet." in text_of(panel)


async def test_ignored_people_add_up_until_nobody_is_ignored(stage: Stage) -> None:
    await stage.turn_replies_on()
    panel = await _page(stage, "Who and where")
    await stage.choose(panel, "ignored", [stage.ann])
    await stage.choose(panel, "ignored", [stage.bob])
    assert "**Ignored everywhere**: 2" in text_of(panel)
    log = await stage.press((await stage.mod.slash(stage.channel, "setup")).response, "Changes")
    assert "**Ignored everywhere**: 1 → 2" in text_of(log.response), "who it is stays out of the log"
    await stage.mod.click(panel, label="Ignore nobody")
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_settings_too_long_for_a_message_are_exported_as_a_file(stage: Stage) -> None:
    ids = [str(10**18 + n) for n in range(25)]
    await _set(stage, channels=ids, denied_channels=ids, roles=ids, denied_roles=ids, ignored=ids, phrases=["x" * 90])
    exported = await stage.press((await stage.mod.slash(stage.channel, "setup")).response, "Export")
    [file] = exported.response.attachments
    assert exported.ephemeral
    assert file.filename == "notjustyou-settings.json"


async def test_two_moderators_at_once_lose_nothing(stage: Stage) -> None:
    await asyncio.gather(_set(stage, cooldown=300), _set(stage, person_cooldown=3600), _set(stage, language="en"))
    now = stage.app.setup.configure.export(stage.guild.id)
    assert (now["cooldown"], now["person_cooldown"], now["language"]) == (300, 3600, "en")


async def test_a_dry_run_without_its_channel_is_told(stage: Stage) -> None:
    await stage.turn_replies_on(dry_run="123456789")
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    assert "<#123456789> (`123456789`) was deleted, but is still chosen: Dry run" in text_of(panel)
    assert "**nobody is told anything**" in text_of(panel)


async def test_scores_survive_a_restart(stage: Stage) -> None:
    await stage.env.advance_time(8 * DAY)  # no young accounts
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    await press_more(stage.ann, await _reply_to(stage), "Wrong reply?")
    await _reply_to(stage)
    scores = dict(await stage.app.base.stores.rules.all())
    score = scores.pop((stage.guild.id, "question"))
    assert (score.replies, score.wrong) == (2, 1)
    assert scores, "clues are counted, too"
    assert all(rule.startswith("clue:") and kept.wrong == 1 for (_, rule), kept in scores.items())


@pytest.mark.parametrize("field", ["roles", "denied_roles", "denied_channels"])
async def test_an_emptied_menu_is_taken(stage: Stage, field: str) -> None:
    page, chosen = await _page(stage, "Who and where"), stage.channel
    if "role" in field:
        chosen = stage.guild.create_role("Cats")
    await stage.choose(page, field, [chosen])
    assert stage.app.setup.configure.export(stage.guild.id)[field] == [str(chosen.id)]
    answer = await stage.choose(page, field, [])
    assert stage.app.setup.configure.export(stage.guild.id)[field] == []
    assert "⚠️" not in text_of(answer.response)


async def test_channels_that_are_emptied_turn_auto_replies_off(stage: Stage) -> None:
    await stage.turn_replies_on()
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.choose(panel, "channels", [])
    assert stage.app.setup.configure.export(stage.guild.id)["channels"] == []
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []


async def test_a_dry_run_ends_when_its_channel_is_taken_out_of_the_menu(stage: Stage) -> None:
    page = await _page(stage, "When")
    await stage.choose(page, "dry_run", [stage.channel])
    assert stage.app.setup.configure.export(stage.guild.id)["dry_run"] == str(stage.channel.id)
    await stage.choose(page, "dry_run", [])
    assert stage.app.setup.configure.export(stage.guild.id)["dry_run"] is None
    assert "**Dry run**: off" in text_of(page)


async def test_nobody_is_ignored_where_nobody_is_chosen(stage: Stage) -> None:
    page = await _page(stage, "Who and where")
    assert "Ignore nobody" not in labels_of(page)
    await stage.choose(page, "ignored", [])
    assert stage.app.setup.configure.export(stage.guild.id)["ignored"] == []
    await stage.choose(page, "ignored", [stage.ann])
    await stage.choose(page, "ignored", [])
    assert len(stage.app.setup.configure.export(stage.guild.id)["ignored"]) == 1, "the menu adds, it takes nobody out"


async def test_moderators_judge_what_a_dry_run_would_have_answered_and_it_counts(stage: Stage) -> None:
    den = stage.guild.create_text_channel("mods")
    await stage.turn_replies_on(dry_run=str(den.id), cooldown=30, person_cooldown=30)
    for label in ("Right", "Wrong"):
        await stage.env.advance_time(3601)
        await stage.ann.send(stage.channel, MENTION)
        line = den.history()[-1]
        refused = await stage.bob.click(line, label=label)
        assert "Only moderators can judge this." in text_of(refused.response)
        await stage.mod.click(line, label=label)
        text = text_of(den.history()[-1])
        assert f"{label}, says <@{stage.mod.id}>." in text and stage.guild.name not in text
        assert labels_of(den.history()[-1]) == [], "once"
    [score] = (await stage.app.base.stores.rules.all()).values()
    assert (score.replies, score.wrong) == (2, 1)


async def test_three_wrong_lines_of_a_dry_run_turn_the_rule_off(stage: Stage) -> None:
    den = stage.guild.create_text_channel("mods")
    await stage.turn_replies_on(dry_run=str(den.id), cooldown=30, person_cooldown=30)
    for _ in range(3):
        await stage.env.advance_time(3601)
        await stage.ann.send(stage.channel, MENTION)
        await stage.mod.click(den.history()[-1], label="Wrong")
    assert "off in this server from now on" in text_of(den.history()[-1])
    await stage.env.advance_time(3601)
    await stage.ann.send(stage.channel, MENTION)
    assert len(den.history()) == 3


async def test_why_no_reply_names_the_checks_and_the_page_to_change(stage: Stage) -> None:
    said = await stage.ann.send(stage.channel, MENTION)
    why = await stage.mod.context_menu(stage.channel, "Why no reply?", said)
    text = text_of(why.response)
    assert why.ephemeral and said.jump_url in text and MENTION not in text
    assert (
        "✅ **Can I read it, and write there?** Yes" in text
        and "✅ **Is it about trouble with the service?** Yes" in text
    )
    assert (
        "❌ **Are replies on here, and for this person?** No" in text
        and "Add it to *Channels with auto-replies*." in text
    )
    await stage.mod.click(why.response, label="Show where to change it")
    assert "## Who and where" in text_of(why.response)
    await stage.turn_replies_on()
    why = await stage.mod.context_menu(stage.channel, "Why no reply?", said)
    assert "Now I would answer it." in text_of(why.response)


async def test_why_no_reply_is_for_moderators(stage: Stage) -> None:
    menu = next(c for c in stage.env.bot.tree.get_commands(type=discord.AppCommandType.message) if "reply" in c.name)
    payload = menu.to_dict(stage.env.bot.tree)
    assert payload["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    assert payload["contexts"] == [0] and payload["integration_types"] == [0]


async def test_why_no_announcement_names_the_checks(stage: Stage) -> None:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.press(panel, "Why no announcement?")
    assert "❌ **Is a channel chosen?** No" in text_of(panel) and "I see no outage now" in text_of(panel)
    await _set(stage, outage_channel=str(stage.channel.id))
    await stage.press(panel, "Why no announcement?")
    assert "✅ **Is a channel chosen?** Yes" in text_of(panel)


async def test_why_no_announcement_says_when_only_other_servers_report_it(stage: Stage) -> None:
    now, base = int(stage.app.base.clock()), stage.app.base
    base.outages.put(Outage("character-ai", Phase.ON, now, id=1, seen=now))
    base.scopes.limit("character-ai", frozenset({stage.guild.id + 1}))
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.press(panel, "Why no announcement?")
    assert "❌ **Does it concern this server?** No" in text_of(panel) and "when 3 people here report it" in text_of(
        panel
    )
    base.scopes.limit("character-ai", None)
    await stage.press(panel, "Why no announcement?")
    assert "✅ **Does it concern this server?** Yes" in text_of(panel)
