"""Channels and roles in the settings that no longer exist in the server."""

from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS, Gone, answers_nobody, named, without
from bot.core.guild_settings import GuildSettings, with_values

SETTINGS = GuildSettings(
    channels=frozenset({1, 2}),
    denied_channels=frozenset({3}),
    roles=frozenset({11, 12}),
    denied_roles=frozenset({13}),
    ignored=frozenset({16}),
    ignored_roles=frozenset({15}),
    dry_run=4,
    outage_channel=2,
    outage_role=14,
)


def test_settings_name_channels_and_roles_apart() -> None:
    assert named(SETTINGS, CHANNEL_FIELDS) == {1, 2, 3, 4}
    assert named(SETTINGS, ROLE_FIELDS) == {11, 12, 13, 14, 15}
    assert named(GuildSettings(), (*CHANNEL_FIELDS, *ROLE_FIELDS)) == frozenset()


def test_what_is_gone_is_dropped_from_every_setting_that_names_it_and_nothing_else() -> None:
    gone = Gone(channels=frozenset({2, 4, 99}), roles=frozenset({11, 14, 15, 16}))
    changed = without(SETTINGS, gone)
    assert changed == {
        "channels": ["1"], "dry_run": None, "outage_channel": None, "roles": ["12"], "ignored_roles": [],
        "outage_role": None,
    }  # fmt: skip
    assert without(with_values(SETTINGS, changed), gone) == {}


def test_a_number_that_is_a_channel_in_one_setting_and_a_role_in_another_is_told_apart() -> None:
    assert without(GuildSettings(channels=frozenset({7}), roles=frozenset({7})), Gone(roles=frozenset({7}))) == {
        "roles": []
    }


def test_nobody_is_answered_only_where_all_of_the_chosen_roles_are_gone() -> None:
    assert answers_nobody(SETTINGS, Gone(roles=frozenset({11, 12, 13})))
    assert not answers_nobody(SETTINGS, Gone(roles=frozenset({11})))
    assert not answers_nobody(GuildSettings(), Gone(roles=frozenset({11})))
