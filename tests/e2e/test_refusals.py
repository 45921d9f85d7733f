"""What Discord refuses, and talks in which the bot is only a guest."""

import pytest

from tests.e2e.conftest import Town, labels

pytestmark = pytest.mark.asyncio(loop_scope="package")
BACK = "n1:back:character-ai:0"
CALLBACK = "POST /interactions/{interaction_id}/{interaction_token}/callback"


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
    told = await ann.click(asked.response, "Yes, send me a message")
    assert "direct message" in told.text
    assert len(town.rows("SELECT * FROM subscriber WHERE user_id = ?", ann.id)) == 1


async def test_in_its_own_direct_messages_the_bot_promises_one_at_once(town: Town) -> None:
    ann = town.user()
    card = await ann.slash(ann.dm(), "500")
    told = await ann.forge(card, BACK)
    assert "May I" not in told.response.text
    assert len(town.rows("SELECT * FROM subscriber WHERE user_id = ?", ann.id)) == 1
