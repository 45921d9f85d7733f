"""Outages under all faults: restarts, crashes at any call, a full disk, no Discord, a clock off by a day."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Phase
from bot.core.posts import PostKind
from bot.core.reports import DAY
from tests.conftest import Figure
from tests.usecases.outages.outage_world import SERVICE, CrashError, World

GUILDS = {
    1: GuildSettings(outage_channel=10),
    2: GuildSettings(outage_channel=20, outage_possible=True, outage_thread=False),
    3: GuildSettings(outage_channel=30, outage_role=7, outage_possible=True, outage_reminder=1),
}
MOODS = st.lists(st.sampled_from(["fine", "fine", "unreached", "lost answer", "crash", "not taken"]), max_size=4)


class Outages(RuleBasedStateMachine):
    """The watch and the announcer (the outbox) against an unkind world."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.world = World(GUILDS)
        self.longest_quiet = 0

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    async def live(self, people: int) -> None:
        try:
            await self.world.minute(people)
        except CrashError:
            await self.world.start()

    @initialize()
    def begin(self) -> None:
        self.do(self.world.learn())
        self.do(self.world.start())

    @rule(minutes=st.integers(1, 6), people=st.integers(0, 12))
    def minutes_pass(self, minutes: int, people: int) -> None:
        for _ in range(minutes):
            self.do(self.live(people))

    @rule()
    def a_calm_hour(self) -> None:
        for _ in range(60):
            self.do(self.live(0))

    @rule()
    def restart(self) -> None:
        self.do(self.world.start())

    @rule(hours=st.sampled_from([0.02, 0.5, 3.0]))
    def power_is_off(self, hours: float) -> None:
        self.world.clock.lived += hours * 3600
        self.do(self.world.start())

    @rule(days=st.sampled_from([-1, 1]))
    def the_clock_is_set(self, days: int) -> None:
        self.world.clock.off = 0 if self.world.clock.off else days * DAY

    @rule(moods=MOODS)
    def discord_is_unwell(self, moods: list[str]) -> None:
        self.world.channels.moods = moods

    @rule(times=st.integers(1, 3))
    def the_disk_is_full(self, times: int) -> None:
        self.world.disk.fails = times

    @rule(channel=st.sampled_from([10, 20, 30]), code=st.sampled_from([50001, 50013, 10003]))
    def a_channel_is_closed(self, channel: int, code: int) -> None:
        self.world.channels.locked[channel] = code

    @rule(channel=st.sampled_from([10, 20, 30]))
    def a_channel_is_opened(self, channel: int) -> None:
        self.world.open_door(channel)

    @rule(person=st.integers(1, 5))
    def somebody_wants_to_be_called(self, person: int) -> None:
        if person not in self.world.disk.waiting:
            self.world.disk.waiting.append(person)

    @invariant()
    def counted(self) -> None:
        Outages.steps += 1

    @invariant()
    def one_announcement_of_an_outage_in_a_server(self) -> None:
        seen = [
            (message.post.outage_id, message.post.guild_id)
            for message in self.world.channels.messages.values()
            if message.post.kind is PostKind.ANNOUNCEMENT
        ]
        assert len(seen) == len(set(seen))

    @invariant()
    def every_other_message_once(self) -> None:
        seen = [message.post.id for message in self.world.channels.messages.values()]
        assert len(seen) == len(set(seen))

    @invariant()
    def edits_at_most_one_a_minute(self) -> None:
        for message in self.world.channels.messages.values():
            assert all(b - a >= 60 for a, b in zip(message.edits, message.edits[1:], strict=False)), message.edits

    @invariant()
    def no_time_is_negative_or_before_the_onset(self) -> None:
        for outage in self.world.disk.kept.values():
            assert outage.lasted >= 0
            for moment in (outage.detected, outage.ended, outage.seen):
                assert moment is None or moment >= outage.began
            assert outage.phase is not Phase.OVER or outage.ended is not None

    def teardown(self) -> None:
        try:
            if not hasattr(self.world, "watch"):
                return
            self.world.channels.moods, self.world.disk.fails = [], 0
            for channel in (10, 20, 30):
                self.world.open_door(channel)
            for _ in range(10 * 60):
                self.do(self.live(0))
            assert self.world.cache.current(SERVICE) is None, self.world.cache.current(SERVICE)
            assert self.world.disk.posts == {}
            calls = [
                message.outage.phase
                for message in self.world.channels.messages.values()
                if message.post.kind is PostKind.CALL
            ]
            assert not {Phase.ON, Phase.SUSPECTED} & set(calls), "nobody is called while it is on"
            for message in self.world.channels.messages.values():
                if message.post.kind is PostKind.ANNOUNCEMENT:
                    assert message.outage.phase in {Phase.OVER, Phase.DISMISSED}, "the last word is told"
            assert not any(self.world.channels.threads.values()), "every thread is closed"
        finally:
            self.loop.close()


# A history is thousands of minutes: to tell a failing one as it is found is worth more than the shortest one.
UNKIND = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    phases=[Stage.explicit, Stage.reuse, Stage.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
Outages.TestCase.settings = UNKIND
TestOutages = Outages.TestCase


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_ten_thousand_steps(figure: Figure) -> None:
    before = Outages.steps
    run_state_machine_as_test(Outages, settings=settings(UNKIND, max_examples=450, stateful_step_count=30))
    figure(f"outages and their messages: {Outages.steps - before} steps, every promise held after each")
    assert Outages.steps - before >= 10_000
