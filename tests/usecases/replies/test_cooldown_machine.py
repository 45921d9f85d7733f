"""Auto-replies under all conditions: floods, many people, quiet hours, changed settings, a clock off by a day."""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import Phase as Stage
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.core.guild_settings import GuildSettings
from bot.core.reports import DAY
from bot.usecases.replies.notice_message import NoticeMessage, Reply
from bot.usecases.replies.read_message import IncomingMessage
from tests.conftest import Figure
from tests.usecases.replies.test_notice_message import notice

GUILDS, CHANNELS, PEOPLE = (1, 2), (10, 20, 30), (100, 200, 300, 400)
TEXTS = ("is cai down?", "c.ai is down again", "good morning", "internal server error", "")


class Replies(RuleBasedStateMachine):
    """Messages against one decision after the other; time as people live it is kept apart from the clock."""

    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.lived, self.off = 20_000.0 * DAY, 0.0
        self.in_channel: dict[int, list[float]] = defaultdict(list)
        self.to_person: dict[tuple[int, int], list[float]] = defaultdict(list)
        self.waits: dict[int, tuple[int, int]] = {}

    @initialize()
    def begin(self) -> None:
        self.notice: NoticeMessage = notice(frozenset(), clock=lambda: self.lived + self.off)
        for guild in GUILDS:
            self.set_cooldowns(guild, 300, 3600)

    @invariant()
    def counted(self) -> None:
        Replies.steps += 1

    @rule(guild=st.sampled_from(GUILDS), channel=st.sampled_from([60, 300, 3600]), person=st.sampled_from([60, 3600]))
    def set_cooldowns(self, guild: int, channel: int, person: int) -> None:
        settings_ = GuildSettings(channels=frozenset(CHANNELS), cooldown=channel, person_cooldown=person)
        self.notice._guilds.put(guild, settings_)
        self.waits[guild] = (channel, person)

    @rule(seconds=st.sampled_from([0.0, 1, 59, 61, 299, 301, 3601]))
    def time_passes(self, seconds: float) -> None:
        self.lived += seconds

    @rule(days=st.sampled_from([-1, 1]))
    def the_clock_is_set(self, days: int) -> None:
        self.off = 0 if self.off else days * DAY
        # Whoever sets a clock by a day may be answered once more than usual; nobody may be answered less for a day.
        self.in_channel.clear()
        self.to_person.clear()

    @rule(
        guild=st.sampled_from(GUILDS),
        channel=st.sampled_from(CHANNELS),
        person=st.sampled_from(PEOPLE),
        text=st.sampled_from(TEXTS),
        times=st.sampled_from([1, 1, 50]),
    )
    def somebody_says(self, guild: int, channel: int, person: int, text: str, times: int) -> None:
        channel += guild
        for _ in range(times):
            said = self.notice.notice(IncomingMessage(guild, channel, person, text, frozenset({channel - guild})))
            if isinstance(said, Reply):
                self.answered(guild, channel, person)

    def answered(self, guild: int, channel: int, person: int) -> None:
        in_channel, to_person = self.in_channel[channel], self.to_person[guild, person]
        # A cooldown that was made shorter meanwhile counts from the next reply on.
        assert not in_channel or self.lived - in_channel[-1] >= 60
        assert not to_person or self.lived - to_person[-1] >= 60
        in_channel.append(self.lived)
        to_person.append(self.lived)

    @rule(guild=st.sampled_from(GUILDS))
    def after_the_longest_cooldown_somebody_new_is_answered(self, guild: int) -> None:
        self.lived += 3601
        person = 10_000 + int(self.lived) % 100_000
        said = self.notice.notice(IncomingMessage(guild, 10 + guild, person, TEXTS[0], frozenset({10})))
        assert isinstance(said, Reply), said
        self.answered(guild, 10 + guild, person)


UNKIND = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    phases=[Stage.explicit, Stage.reuse, Stage.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
Replies.TestCase.settings = UNKIND
TestReplies = Replies.TestCase


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_ten_thousand_steps(figure: Figure) -> None:
    before = Replies.steps
    run_state_machine_as_test(Replies, settings=settings(UNKIND, max_examples=450))
    figure(f"pauses of auto-replies: {Replies.steps - before} steps, every promise held after each")
    assert Replies.steps - before >= 10_000
