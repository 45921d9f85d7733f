"""Members' commands and presses, in servers and in direct messages, over real sockets."""

import json
import re
from collections.abc import Callable

import pytest

from tests.e2e.conftest import SERVICE, TOO, Town, labels, others, reporter
from tests.loopback import Channel, Interaction, NotPossible, User

pytestmark = pytest.mark.asyncio(loop_scope="package")

Place = Callable[[Town, User], Channel]
PLACES = {"server": lambda town, _user: town.channel(), "dm": lambda _town, user: user.dm()}
anywhere = pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())


def where(channel: Channel) -> int:
    """The server that a report from here is kept with; 0 for none."""
    return channel.guild_id or 0


async def guide_of(user: User, card: Interaction) -> Interaction:
    """The guide: in an outage it is one press away."""
    return card if "More help" in labels(card) else await user.click(card, "What helps?")


async def test_500_is_public_once_a_minute_and_then_private(town: Town) -> None:
    channel, ann, bob = town.channel(), town.user(), town.user()
    first, second = await ann.slash(channel, "500"), await bob.slash(channel, "500")
    assert not first.ephemeral and second.ephemeral
    assert labels(first) == labels(second)
    elsewhere = await bob.slash(channel.guild.channel("elsewhere"), "500")
    assert not elsewhere.ephemeral


async def test_discord_is_not_asked_to_send_answers_back(town: Town) -> None:
    await (await town.user().slash(town.channel(), "500")).wait_response()
    answers = [call for call in town.world.requests if call.route.endswith("/callback")]
    assert answers and all("with_response" not in call.query for call in answers)


@anywhere
async def test_500_answers_at_once_with_headline_signals_and_every_step(town: Town, place: Place) -> None:
    ann = town.user()
    shown = await ann.slash(place(town, ann), "500")
    assert not shown.deferred and not shown.ephemeral
    assert shown.text.startswith("## ")
    assert (
        "in the last 15 minutes" in shown.text
        and "**Our own check**" in shown.text
        and "**Official status page**" in shown.text
    )
    guide = await guide_of(ann, shown)
    steps = ("Wait a little", "Check the status", "Refresh", "Clear cache", "simpler prompt", "Switch your connection")
    at = [guide.text.index(step) for step in steps]
    assert at == sorted(at)
    assert "More help" in labels(guide)


async def test_500_for_a_service_by_name_and_for_one_that_is_not_watched(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    offered = await ann.autocomplete(channel, "500", "service", "c.a")
    assert offered.choices == [{"name": "Character.AI", "value": SERVICE}]
    named = await ann.slash(channel, "500", service=SERVICE)
    assert "Character.AI" in named.text
    unknown = await ann.slash(channel, "500", service="@everyone")
    assert unknown.ephemeral and "I don't know a service called" in unknown.text and unknown.response.pings == []


@anywhere
async def test_i_have_this_too_counts_once_and_works_for_me_again_takes_it_back(town: Town, place: Place) -> None:
    ann = town.user()
    channel = place(town, ann)
    card = await ann.slash(channel, "500")
    before = town.people()

    counted = await ann.click(card, TOO)
    assert counted.ephemeral and counted.text.startswith("Counted.")
    assert others(counted) == before
    assert town.reports(ann) == [(where(channel), None)]

    again = await ann.click(card, TOO)
    assert again.text.startswith("You're already counted")
    assert town.reports(ann) == [(where(channel), None)]

    back = await ann.click(counted, "Works for me again")
    assert back.ephemeral and back.text.startswith("Good to hear! Your report no longer counts.")
    assert town.reports(ann) == []
    nothing = await ann.click(counted, "Works for me again")
    assert nothing.text.startswith("You have no report from the last 15 minutes")
    assert town.people() == before


@anywhere
async def test_symptom_menu_after_a_report_keeps_what_is_wrong(town: Town, place: Place) -> None:
    ann = town.user()
    channel = place(town, ann)
    counted = await ann.click(await ann.slash(channel, "500"), TOO)
    chosen = await ann.select(counted, None, ["Messages will not send or arrive"])
    assert chosen.text.startswith("Thanks: *")
    assert chosen.response is counted.response, "the menu's message is replaced"
    assert town.reports(ann) == [(where(channel), "chats")]
    # The buttons of the replaced message go on working.
    back = await ann.click(chosen, "Works for me again")
    assert back.text.startswith("Good to hear!")
    assert town.reports(ann) == []


@anywhere
async def test_why_does_this_happen_explains_privately(town: Town, place: Place) -> None:
    ann = town.user()
    why = await ann.click(await guide_of(ann, await ann.slash(place(town, ann), "500")), "More help")
    assert why.ephemeral
    assert "## Internal server error (500)" in why.text
    assert "### Why it happens" in why.text and "### What people commonly say" in why.text and "In short" in why.text
    support = await ann.click(why, "Contact support")
    assert support.ephemeral and "Contact Character.AI's support" in support.text


@anywhere
async def test_report_with_a_symptom_from_autocomplete(town: Town, place: Place) -> None:
    ann, bob = town.user(), town.user()
    channel = place(town, ann)
    typed = await ann.autocomplete(channel, "report", "symptom", "LOAD")
    assert typed.choices == [{"name": "Page will not load, or stays blank", "value": "loading"}]
    before = town.people()
    answer = await ann.slash(channel, "report", symptom=typed.choices[0]["value"])
    assert answer.ephemeral and answer.text.startswith("Counted.") and others(answer) == before
    assert town.reports(ann) == [(where(channel), "loading")]
    assert others(await bob.slash(place(town, bob), "report")) == before + 1


async def test_report_says_another_symptom_and_refuses_one_that_is_not_offered(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    await ann.slash(channel, "report", symptom="login")
    changed = await ann.slash(channel, "report", symptom="Voices or calls do not work")
    assert changed.text.startswith("Thanks: *")
    assert town.reports(ann) == [(channel.guild_id, "voices")]
    wrong = await town.user().slash(channel, "report", symptom="my cat is ill")
    assert wrong.ephemeral and "choose the kind of trouble from the list" in wrong.text


async def test_count_on_the_card_is_that_of_the_database(town: Town) -> None:
    guild = town.guild("general", "later")
    for _ in range(3):
        assert (await town.user().slash(guild.channel("general"), "report")).text.startswith("Counted.")
    shown = await town.user().slash(guild.channel("later"), "500")
    assert f"**{town.people()} people** in " in shown.text
    ann = town.user()
    details = await ann.click(await ann.slash(guild.channel("later"), "status"), "Details")
    assert re.search(r"\b3 in this server", details.text)


@anywhere
async def test_status_is_deferred_and_then_shows_the_three_signals(town: Town, place: Place) -> None:
    ann = town.user()
    shown = await ann.slash(place(town, ann), "status")
    assert shown.deferred and not shown.ephemeral
    await shown.wait_response()
    assert "**Our own check**: Character.AI answers normally" in shown.text
    assert "**Official status page**: reports no problems" in shown.text
    # Others who share this bot may have reported so much that there is an outage.
    main, then, details = labels(shown)
    assert main in {"Broken for me", "I have this too"} and details == "Details"
    assert then in {"What helps?", "Tell me when it's back"}


async def test_status_the_second_time_in_a_channel_is_private(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    first, second = await ann.slash(channel, "status"), await ann.slash(channel, "status")
    await first.wait_response()
    await second.wait_response()
    assert not first.response.ephemeral and second.response.ephemeral


@anywhere
async def test_privacy_exports_everything_and_deletes_it(town: Town, place: Place) -> None:
    ann = town.user()
    channel = place(town, ann)
    await ann.slash(channel, "report", symptom="app")
    before = town.people()
    card = await ann.slash(channel, "privacy")
    assert card.ephemeral and "1 report from you" in card.text
    assert "7 days" in card.text

    exported = await ann.click(card, "Export mine")
    assert exported.ephemeral
    document = json.loads(exported.response.files["notjustyou-my-data.json"])
    (report,) = document["reports"]
    kept_at = town.rows("SELECT at FROM report WHERE reporter = ?", reporter(ann))[0][0]
    place = str(where(channel))
    assert report == {"service": SERVICE, "at": kept_at, "symptom": "app", "server": place, "young_account": True}
    assert document["no_auto_replies"] is False

    await ann.click(card, "Delete mine")
    deleted = await ann.click(card, "Delete it")
    assert deleted.ephemeral and "1 report of yours" in deleted.text
    assert town.reports(ann) == [] and town.people() == before - 1
    # Gone from memory, too: she counts as somebody new.
    assert (await ann.slash(channel, "report")).text.startswith("Counted.")
    assert others(await ann.slash(channel, "report")) == before - 1


@anywhere
async def test_privacy_turns_auto_replies_off_and_on_for_oneself(town: Town, place: Place) -> None:
    ann = town.user()

    def opted_out() -> bool:
        return bool(town.rows("SELECT 1 FROM opt_out WHERE reporter = ?", reporter(ann)))

    card = await ann.slash(place(town, ann), "privacy")
    assert "You may get auto-replies" in card.text and not opted_out()
    off = await ann.click(card, "Don't reply to me")
    assert off.response is card.response and "You get no auto-replies." in off.text and opted_out()
    on = await ann.click(off, "Reply to me again")
    assert "You may get auto-replies" in on.text and not opted_out()


@anywhere
async def test_support_form_becomes_a_report_with_what_was_typed_ticked_and_measured(town: Town, place: Place) -> None:
    ann = town.user()
    channel = place(town, ann)
    await ann.slash(channel, "report")
    await town.user().slash(town.channel(), "report")  # their own report alone supports nobody
    card = await ann.slash(channel, "support")
    assert card.ephemeral and "Contact Character.AI's support" in card.text
    assert labels(card) == ["Write the report for me", "Open the support form", "Help centre", "Community"]
    with pytest.raises(NotPossible):
        await ann.click(card, "Open the support form")  # it is a link, not a press

    form = await ann.click(card, "Write the report for me")
    sent = await ann.submit_modal(
        form,
        {
            "happened": "Every reply ends in ```500```\n@everyone since the update",
            "steps": ["1. Wait a little and try again", "6. Switch your connection"],
            "since": "20 minutes",
            "device": "Pixel 8, the app",
        },
    )
    assert sent.ephemeral and sent.response.pings == []
    text = sent.text
    assert text.count("```") == 2, "what was typed cannot leave the block that is copied"
    block = text.split("```")[1]
    assert "Hello Character.AI team," in block
    assert ": Every reply ends in '''500'''\n@everyone since the update\n" in block
    assert ": 20 minutes\n" in block and ": Pixel 8, the app\n" in block
    assert ": Wait a little and try again; Switch your connection\n" in block
    people = town.people()
    assert f"- People: {people} people in " in block
    assert "normally" not in block, "what speaks against the sender is told only if they ask for it"
    form = await ann.click(card, "Write the report for me")
    sent = await ann.submit_modal(form, {"happened": "It fails", "evidence": ["all"]})
    assert (
        "- Our own check: Character.AI answers normally" in sent.text
        and "- Official status page: reports no problems" in sent.text
    )


async def test_support_form_needs_only_what_happened(town: Town) -> None:
    channel, ann = town.channel(), town.user()
    more = await ann.click(await guide_of(ann, await ann.slash(channel, "500")), "More help")
    card = await ann.click(more, "Contact support")
    form = await ann.click(card, "Write the report for me")
    with pytest.raises(NotPossible, match="required"):
        await ann.submit_modal(form, {"since": "now"})
    sent = await ann.submit_modal(form, {"happened": "It fails."})
    assert ": It fails.\nSteps tried: none yet\n" in sent.text


async def test_message_menu_answers_that_message_publicly_once_a_minute(town: Town) -> None:
    channel, ann, bob = town.channel(), town.user(), town.user()
    said = await bob.say(channel, "hm, c.ai is odd today")
    shown = await ann.menu(said, "Is it just them?")
    assert not shown.ephemeral and shown.response.pings == []
    assert f"/channels/{channel.guild_id}/{channel.id}/{said.id}" in shown.text
    assert (await ann.click(shown, labels(shown)[0])).text.startswith("Counted.")
    assert town.reports(ann) == [(channel.guild_id, None)]
    assert (await ann.menu(said, "Is it just them?")).ephemeral
