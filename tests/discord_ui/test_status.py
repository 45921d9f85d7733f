"""`/status`: three signals, each with its own state and age."""

from bot.core.signals import Cause, Signal, State
from tests.discord_ui.conftest import Stage, text_of


async def test_status_defers_looks_now_and_shows_each_signal_for_itself(stage: Stage) -> None:
    stage.source.seen = {
        Signal.PROBE: (State.DOWN, Cause.SERVER_ERROR),
        Signal.OFFICIAL: (State.GONE, Cause.PAGE_GONE),
    }
    first = text_of((await stage.ann.slash(stage.channel, "status")).response)
    await stage.env.advance_time(20)
    text = text_of((await stage.ann.slash(stage.channel, "status")).response)
    assert stage.deferrals() == 2
    assert "We can't tell yet whether it's just you\n" in first and "has problems" not in first
    assert "**Our own check**: unknown: it returned an error · last tried <t:" in first
    assert "-# It counts as down if the next check finds the same." in first
    assert "next look" not in text
    assert "No one else has reported this, but the service has problems" in text
    assert "**Our own check**: Character.AI returns an error · checked <t:" in text
    assert "**Official status page**: none (it was closed or moved)" in text


async def test_before_the_first_look_a_signal_is_unknown(stage: Stage) -> None:
    shown = await stage.ann.slash(stage.channel, "500")
    assert "**Our own check**: unknown: not checked yet" in text_of(shown.response)


async def test_an_unreadable_source_is_unknown_with_its_last_word_and_age(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "status")
    stage.source.seen = {Signal.OFFICIAL: (State.UNKNOWN, Cause.TIMEOUT)}
    await stage.env.advance_time(61)
    text = text_of((await stage.ann.slash(stage.channel, "status")).response)
    assert "**Official status page**: unknown: no answer in time" in text
    assert "-# Last known <t:" in text and ":R>: reports no problems" in text


async def test_a_fault_of_our_own_network_is_not_told_as_one_of_the_service(stage: Stage) -> None:
    stage.source.seen = {
        Signal.PROBE: (State.UNKNOWN, Cause.OWN_NETWORK),
        Signal.OFFICIAL: (State.UNKNOWN, Cause.OWN_NETWORK),
    }
    text = text_of((await stage.ann.slash(stage.channel, "status")).response)
    blind = "unknown: we can't reach anything from here, so the fault may be ours"
    assert f"**Our own check**: {blind}" in text and f"**Official status page**: {blind}" in text
    assert "has problems" not in text


async def test_a_service_that_could_not_be_connected_to_is_down_only_as_seen_from_here(stage: Stage) -> None:
    stage.source.seen = {Signal.PROBE: (State.DOWN, Cause.REFUSED)}
    for _ in range(2):
        text = text_of((await stage.ann.slash(stage.channel, "status")).response)
        await stage.env.advance_time(20)
    assert "**Our own check**: no connection from here · checked" in text


async def test_two_looks_within_ten_seconds_are_one(stage: Stage) -> None:
    await stage.ann.slash(stage.channel, "status")
    await stage.bob.slash(stage.channel, "status")
    assert stage.source.looks == len(stage.app.base.services.default.sources)
