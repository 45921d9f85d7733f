"""People who press, react and type as fast as they can, over real sockets: each counts once, and all get answers."""

import asyncio
import random
import time

import pytest

from tests.e2e.conftest import TOO, Town
from tests.loopback import NotPossible

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_somebody_who_mashes_buttons_counts_once(town: Town) -> None:
    channel, user = town.channel(), town.user()
    card = await user.slash(channel, "500")
    before = town.people()
    presses = await asyncio.gather(*(user.click(card, TOO) for _ in range(200)))
    assert sum(made.text.startswith("Counted.") for made in presses) == 1
    assert all(made.acked for made in presses)
    assert len(town.reports(user)) == 1 and town.people() == before + 1


async def test_somebody_who_takes_it_back_and_forth_ends_as_they_ended(town: Town) -> None:
    channel, user = town.channel(), town.user()
    card = await user.slash(channel, "500")
    answer = await user.click(card, TOO)
    buttons = ((card, TOO), (answer, "Works for me again"))
    made = await asyncio.gather(*(user.click(where, label) for _ in range(50) for where, label in buttons))
    assert all(one.acked for one in made)
    assert len(town.reports(user)) <= 1
    await user.click(answer, "Works for me again")
    assert town.reports(user) == []


async def test_somebody_in_many_servers_counts_once(town: Town) -> None:
    user, before = town.user(), town.people()
    channels = [town.channel() for _ in range(20)]
    answers = await asyncio.gather(*(user.slash(channel, "report") for channel in channels))
    assert sum(one.text.startswith("Counted.") for one in answers) == 1
    assert len(town.reports(user)) == 1 and town.people() == before + 1


async def test_reports_from_servers_where_the_bot_is_not_count_in_no_server(town: Town) -> None:
    """Whoever installed the app for themselves may make empty servers: they must not look like servers that report."""
    for number in range(3):
        user, place = town.user(days_old=30), town.world.guild_without_bot(f"Own {number}", channels=["general"])
        card = await user.slash(place.channel("general"), "500")
        await user.click(card, TOO)
        assert town.reports(user) == [(0, None)]
        with pytest.raises(NotPossible, match="not offered"):
            await place.owner.slash(place.channel("general"), "setup")


async def test_a_storm_of_reactions_counts_who_is_left_and_edits_little(town: Town) -> None:
    _, _, reply = await town.asked()
    people, rng = [town.user() for _ in range(20)], random.Random(3)
    for user in people:
        town.world.dm(user)
        reply.channel.guild._join(user)
    edits, began = len(reply.history), time.monotonic()
    for number in range(2000):
        user = rng.choice(people)
        await (user.react if rng.random() < 0.5 else user.unreact)(reply, rng.choice("👍😭"))
        if number % 50 == 0:
            await asyncio.sleep(0)
    standing = {user.id for user in people for who in reply.reactions.values() if user.id in who}

    def counted() -> bool:
        return {user.id for user in people if town.reports(user)} == standing

    await town.heard_out()
    await town.world.until(counted, what="the reactions to be counted", poll=0.2)
    assert len(reply.history) - edits <= 2 + (time.monotonic() - began) / 10


async def test_a_flood_of_typing_is_answered_letter_by_letter(town: Town) -> None:
    channel, users = town.channel(), [town.user() for _ in range(20)]
    offered = await town.world.hammer(
        lambda n: users[n % 20].autocomplete(channel, "500", "service", "character"[: n % 9]), 1000, rate=200
    )
    assert all(made.acked for made in offered)
    assert all("character-ai" in {choice["value"] for choice in made.choices} for made in offered)
