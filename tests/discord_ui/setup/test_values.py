"""Values of settings in words: on the pages, in the change log, and before an import."""

from typing import Any

import pytest

from bot.core.guild_settings import BY_NAME
from bot.core.setting_kinds import Unit
from bot.discord_ui.setup.values import difference, in_words, span
from tests.resources import resources

TEXTS = resources().languages.texts("en")
NAMES = {"service": {"cai": "Character.AI"}, "language": {"de": "Deutsch"}, "more_services": {"cai": "Character.AI"}}


@pytest.mark.parametrize(
    ("setting", "written", "expected"),
    [
        ("channels", [], "none, so auto-replies are off"),
        ("channels", ["5", "6"], "<#5> <#6>"),
        ("roles", ["7"], "<@&7>"),
        ("outage_channel", "5", "<#5>"),
        ("outage_role", None, "nobody"),
        ("outage_role", "7", "<@&7>"),
        ("cooldown", 30, "30 seconds"),
        ("cooldown", 60, "1 minute"),
        ("wait", 0, "none"),
        ("outage_reminder", 0, "no reminders"),
        ("outage_reminder", 1, "every 1 hour"),
        ("outage_thread", True, "on"),
        ("outage_thread", False, "off"),
        ("quiet_hours", {"start": "22:00", "end": "07:00", "zone": "UTC"}, "22:00 to 07:00, UTC"),
        ("service", "cai", "Character.AI"),
        ("language", "de", "Deutsch"),
        ("more_services", ["cai", "other"], "Character.AI, other"),
        ("phrases", ["it  broke", "/a+/"], "`it broke`, `/a+/`"),
        ("reactions", ["🔥", "💀"], "🔥 💀"),
        ("ignored", ["1", "2"], "2"),
        ("ignored", 3, "3"),
    ],
)
def test_a_value_is_told_in_words(setting: str, written: Any, expected: str) -> None:
    assert in_words(TEXTS, BY_NAME[setting], written, NAMES) == expected


@pytest.mark.parametrize("written", [17, "x", {"a": 1}])
def test_a_value_that_an_older_version_took_is_shown_as_it_is(written: Any) -> None:
    assert in_words(TEXTS, BY_NAME["cooldown"], written, NAMES) != ""


@pytest.mark.parametrize(
    ("setting", "before", "after", "expected"),
    [
        ("channels", ["5"], ["5", "6"], "added <#6>"),
        ("channels", ["5", "6"], ["6"], "removed <#5>"),
        ("channels", ["5"], ["6"], "added <#6>, removed <#5>"),
        ("roles", [], ["7", "8"], "added <@&7> <@&8>"),
        ("cooldown", 30, 60, "30 seconds → 1 minute"),
        ("outage_thread", True, False, "on → off"),
        ("ignored", 1, 2, "1 → 2"),
    ],
)
def test_a_change_is_told_by_what_came_and_went(setting: str, before: Any, after: Any, expected: str) -> None:
    assert difference(TEXTS, BY_NAME[setting], before, after, NAMES) == expected


@pytest.mark.parametrize(
    ("number", "unit", "expected"),
    [
        (0, Unit.SECONDS, "none"),
        (1, Unit.SECONDS, "1 second"),
        (59, Unit.SECONDS, "59 seconds"),
        (60, Unit.SECONDS, "1 minute"),
        (3600, Unit.SECONDS, "1 hour"),
        (0, Unit.HOURS, "no reminders"),
        (6, Unit.HOURS, "every 6 hours"),
    ],
)
def test_a_time_is_told_in_its_unit(number: int, unit: Unit, expected: str) -> None:
    assert span(TEXTS, number, unit) == expected
