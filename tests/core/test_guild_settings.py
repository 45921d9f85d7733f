"""Settings: documents can be written and read without loss; bad members are rejected by name."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import WrongInputError
from bot.core.guild_settings import COOLDOWNS, FIELDS, WAITS, GuildSettings, changes, from_document, to_document
from bot.core.mentions import Sensitivity
from bot.core.quiet_hours import QuietHours
from tests.conftest import Figure

IDS = st.frozensets(st.integers(1, 2**63 - 1), max_size=25)
TIMES = st.times().map(lambda one: one.replace(second=0, microsecond=0, tzinfo=None))
HOURS = st.builds(QuietHours, TIMES, TIMES, st.sampled_from(["UTC", "Europe/Paris", "Asia/Kolkata"]).map(ZoneInfo))
SETTINGS = st.builds(
    GuildSettings,
    channels=IDS,
    denied_channels=IDS,
    roles=IDS,
    denied_roles=IDS,
    ignored=IDS,
    sensitivity=st.sampled_from(Sensitivity),
    phrases=st.lists(st.sampled_from(["it ate my chat", "/rip (cai|c\\.ai)/", "落ちた"]), unique=True).map(tuple),
    quiet_hours=st.none() | HOURS.filter(lambda hours: hours.start != hours.end),
    dry_run=st.none() | st.integers(1, 2**63 - 1),
    automod=st.none() | st.integers(1, 2**63 - 1),
    cooldown=st.sampled_from(COOLDOWNS),
    person_cooldown=st.sampled_from(COOLDOWNS),
    reactions=st.lists(st.text(min_size=1, max_size=10), max_size=10, unique=True).map(tuple),
    helpers=IDS,
    wait=st.sampled_from(WAITS),
    distress_channel=st.none() | st.integers(1, 2**63 - 1),
    weekly_channel=st.none() | st.integers(1, 2**63 - 1),
    helpline=st.none() | st.sampled_from(["Call 112.", "Ruf an:\n116 123"]),
    language=st.sampled_from([None, "en", "de"]),
    service=st.sampled_from([None, "character-ai"]),
    more_services=st.frozensets(st.sampled_from(["claude", "chatgpt", "roblox"])),
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(SETTINGS)
def test_documents_come_back_whole(whole: GuildSettings) -> None:
    assert from_document(to_document(whole)) == whole


@given(SETTINGS, SETTINGS)
def test_changes_name_exactly_what_differs(before: GuildSettings, after: GuildSettings) -> None:
    named = {change.field for change in changes(before, after)}
    assert named == {f.name for f in FIELDS if getattr(before, f.name) != getattr(after, f.name)}


@given(ANYTHING)
def test_any_json_is_taken_or_refused_by_name(document: Any) -> None:
    try:
        from_document(document)
    except WrongInputError as error:
        assert error.field and error.sentence


@given(st.sampled_from([f.name for f in FIELDS]), ANYTHING)
def test_any_value_of_a_field_is_taken_or_refused_by_its_name(name: str, value: Any) -> None:
    try:
        from_document({name: value})
    except WrongInputError as error:
        assert error.field == name


@pytest.mark.faults
@pytest.mark.timeout(900)
def test_ten_thousand_odd_settings(figure: Figure) -> None:
    tried = {"taken": 0, "refused by name": 0}
    kept = st.fixed_dictionaries({}, optional={field.name: ANYTHING for field in FIELDS})
    mended = st.tuples(SETTINGS.map(to_document), kept).map(lambda both: both[0] | both[1])

    @settings(max_examples=10_000, deadline=None)
    @given(st.one_of(ANYTHING, kept, mended))
    def read(document: Any) -> None:
        try:
            whole = from_document(document)
        except WrongInputError as error:
            assert error.field and error.sentence
            tried["refused by name"] += 1
        else:
            assert from_document(to_document(whole)) == whole
            tried["taken"] += 1

    read()
    figure(f"odd settings: {tried}, 0 failures")


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "✋🏿", "➕", "😭"])
def test_built_in_reactions_count_in_every_skin_tone(emoji: str) -> None:
    assert GuildSettings().counts_as_report(emoji)


def test_other_reactions_count_only_when_configured() -> None:
    assert not GuildSettings().counts_as_report("🔥")
    assert GuildSettings(reactions=("🔥",)).counts_as_report("🔥")


def test_an_own_emoji_is_known_by_its_id() -> None:
    settings = GuildSettings(reactions=("<:doom:123456789012345678>", "❤"))
    for same in ("<:doom:123456789012345678>", "<a:renamed:123456789012345678>", "<:None:123456789012345678>", "❤️"):
        assert settings.counts_as_report(same)
    assert not settings.counts_as_report("<:doom:123456789012345679>") and not settings.counts_as_report("doom")
