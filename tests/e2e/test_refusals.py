"""Requests that Discord refuses, and conversations in which the bot is only a guest."""

import pytest

from tests.e2e.conftest import MENTION, Town, labels, sending

pytestmark = pytest.mark.asyncio(loop_scope="package")
BACK = "n1:back:character-ai:0"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"
FOLLOWUP = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
PAGE = "<html><title>Attention Required! | Cloudflare</title></html>"


@pytest.mark.parametrize("code", [50001, 50083, 160005])
async def test_an_answer_that_discord_does_not_take_in_this_place_is_a_line_in_the_log(town: Town, code: int) -> None:
    channel, ann = town.channel(), town.user()
    refusal = town.world.faults.error(CALLBACK, 403, code=code)
    pressed = await ann.slash(channel, "status", wait=False)
    await town.world.until(lambda: f"code={code}" in town.bot.output(), what="a line in the log", poll=0.05)
    await town.heard_out()
    assert len(refusal.hits) == 1 and "unexpected failure" not in town.bot.output()
    requests = [call for call in town.world.requests if pressed.token in call.path]
    assert len(requests) == 1, requests
    town.world.faults.remove(refusal)


async def test_in_a_talk_between_two_a_direct_message_is_asked_for_before_it_is_promised(town: Town) -> None:
    ann, bob = town.user(), town.user()
    talk = town.world.talk(bob)
    card = await ann.slash(talk, "500")
    asked = await ann.forge(card, BACK)
    assert "May I send you a direct message" in asked.response.text and labels(asked.response) == [
        "Yes, send me a message"
    ]
    assert town.rows("SELECT * FROM subscriber WHERE user_id = ?", ann.id) == []
    answer = await ann.click(asked.response, "Yes, send me a message")
    assert "direct message" in answer.text
    assert len(town.rows("SELECT * FROM subscriber WHERE user_id = ?", ann.id)) == 1


async def test_in_its_own_direct_messages_the_bot_promises_one_at_once(town: Town) -> None:
    ann = town.user()
    card = await ann.slash(ann.dm(), "500")
    press = await ann.forge(card, BACK)
    assert "May I" not in press.response.text
    assert len(town.rows("SELECT * FROM subscriber WHERE user_id = ?", ann.id)) == 1


@pytest.mark.parametrize(
    ("route", "status", "code"), [(CALLBACK, 403, 0), (CALLBACK, 429, 0), (CALLBACK, 403, 40333), (FOLLOWUP, 429, 0)]
)
async def test_an_answer_that_does_not_get_through_to_discord_is_a_line_in_the_log(
    town: Town, route: str, status: int, code: int
) -> None:
    """Such as an error page of Cloudflare, which is no JSON."""
    channel, ann = town.channel(), town.user()
    refusal = town.world.faults.error(route, status, code=code)
    before = town.bot.output().count("answer not delivered")
    pressed = await ann.slash(channel, "status", wait=False)
    output = town.bot.output
    await town.world.until(lambda: output().count("answer not delivered") > before, what="a line in the log", poll=0.05)
    await town.heard_out()
    assert len(refusal.hits) == 1 and "unexpected failure" not in output()
    assert len([call for call in town.world.requests if pressed.token in call.path]) == (1 if route == CALLBACK else 2)


@pytest.mark.parametrize(("status", "code"), [(404, 10062), (400, 40060), (403, 0)])
async def test_suggestions_that_come_too_late_are_a_line_in_the_log(town: Town, status: int, code: int) -> None:
    ann = town.user()
    town.world.faults.error(CALLBACK, status, code=code)
    before = town.bot.output().count("suggestions not delivered")
    town.world.ack_deadline, deadline = 0.5, town.world.ack_deadline
    late = await ann.autocomplete(ann.dm(), "500", "service", "char")
    town.world.ack_deadline = deadline
    output = town.bot.output
    await town.world.until(lambda: output().count("suggestions not delivered") > before, what="a line", poll=0.05)
    assert not late.acked and "Ignoring exception" not in output()
    assert (await ann.autocomplete(ann.dm(), "500", "service", "char")).acked


@pytest.mark.parametrize(("status", "text"), [(200, ""), (200, PAGE), (403, PAGE), (404, PAGE), (400, PAGE), (429, "")])
async def test_an_error_page_in_place_of_discords_word_closes_no_channel_and_uses_up_no_pause(
    town: Town, status: int, text: str
) -> None:
    channel, ann = town.channel(), town.user()
    await town.turn_on(channel.guild, channel)
    fault = town.world.faults.page(sending(channel), status, text)
    await ann.say(channel, MENTION)
    await town.world.until(lambda: fault.hits, what="the request", poll=0.05)
    await town.heard_out()
    mention = await ann.say(channel, MENTION)
    await town.heard_out(channel)
    assert [reply.reply_to for reply in town.said(channel)] == [mention.id]
    assert town.rows("SELECT * FROM closed_channel WHERE channel_id = ?", channel.id) == []
    assert "unexpected failure" not in town.bot.output()
