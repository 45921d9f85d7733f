"""Whether people can reach us: a lost shard does not count until it is back, and its minutes are unobserved."""

from tests.discord_ui.conftest import SERVICE, Crowd, Stage


async def test_a_lost_shard_is_not_heard_until_it_is_back(stage: Stage) -> None:
    client = stage.env.bot
    assert client.connected and client.has_shard(0)
    client.dispatch("shard_disconnect", 0)
    await stage.until(lambda: not client.connected)
    assert not client.has_shard(0)
    client.dispatch("shard_resumed", 0)
    await stage.until(lambda: client.connected)
    assert client.has_shard(0)
    client.dispatch("shard_disconnect", 0)
    await stage.until(lambda: not client.connected)
    client.dispatch("shard_connect", 0)
    await stage.until(lambda: client.connected)


async def test_minutes_in_which_the_shard_was_lost_are_unobserved_and_not_silent(stage: Stage, crowd: Crowd) -> None:
    client, states = stage.env.bot, stage.app.outages.states
    before = sum((span.end or 0) - span.start for span in states.unobserved(SERVICE))
    client.dispatch("shard_disconnect", 0)
    await stage.until(lambda: not client.connected)
    for _ in range(5):
        await crowd.minute()
    client.dispatch("shard_resumed", 0)
    await stage.until(lambda: client.connected)
    await crowd.minute()
    after = sum((span.end or 0) - span.start for span in states.unobserved(SERVICE))
    assert after - before >= 5 * 60
