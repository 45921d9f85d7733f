"""Each page of `/setup`, with everything possible on it, fits into a message with every control and label."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.guild_settings import (
    COOLDOWNS,
    FIELDS,
    MAX_CHANNELS,
    MAX_HELPLINE,
    MAX_REACTIONS,
    MAX_ROLES,
    Change,
    ChangeEntry,
    GuildSettings,
    Page,
)
from bot.core.mentions import Sensitivity
from bot.core.outage_life import Outage, Phase
from bot.core.own_phrases import MAX_PHRASE, MAX_PHRASES
from bot.core.quiet_hours import QuietHours
from bot.discord_ui.permissions import NEEDS
from bot.discord_ui.render.layout import Card
from bot.discord_ui.setup import checks, guide, overview, pages, transfer_cards
from bot.usecases.replies.notice_message import Silence
from bot.usecases.servers.configure_guild import LOG_LENGTH
from tests.discord_ui.test_hostile_texts import LANGUAGES, assert_fits, panel, sent, service_with, texts_of, walk

FIRST = 10**18
CHANNELS = frozenset(range(FIRST, FIRST + MAX_CHANNELS))
ROLES = frozenset(range(2 * FIRST, 2 * FIRST + MAX_ROLES))
FULL = GuildSettings(
    channels=CHANNELS,
    denied_channels=CHANNELS,
    roles=ROLES,
    denied_roles=ROLES,
    ignored=ROLES,
    ignored_roles=ROLES,
    sensitivity=Sensitivity.EAGER,
    phrases=tuple(f"{number:02}{'x' * (MAX_PHRASE - 2)}" for number in range(MAX_PHRASES)),
    quiet_hours=QuietHours.read("22:00", "7:00", "America/Argentina/ComodRivadavia"),
    dry_run=FIRST,
    cooldown=COOLDOWNS[-1],
    reactions=tuple(f"<:{'e' * 30}:{FIRST + number}>" for number in range(MAX_REACTIONS)),
    outage_channel=FIRST,
    outage_role=2 * FIRST,
    helpers=ROLES,
    distress_channel=FIRST,
    helpline="*" * MAX_HELPLINE,
    weekly_channel=FIRST,
)


def cards(language: str) -> Iterator[tuple[str, Card]]:
    texts, service = LANGUAGES.texts(language), service_with("name", "Examplia")
    assert service is not None
    broken = panel(FULL, service)
    well = replace(broken, gone=type(broken.gone)(), missing=dict.fromkeys(CHANNELS, NEEDS))
    outage = Outage("examplia", Phase.SUSPECTED, 1)
    for state in (broken, well, replace(well, outage=outage)):
        for name in Page:
            yield name, pages.settings_page(texts, state, name)
        for draw in (overview.overview_card, overview.more_card, overview.simulation_card, checks.announce_card):
            yield draw.__name__, draw(texts, state)
        for name, draw in guide.GUIDE.items():
            yield name, draw(texts, state)
        changes = [
            Change(field.name, field.log(field.written(GuildSettings())), field.log(field.written(FULL)))
            for field in FIELDS
        ]
        entries = [ChangeEntry(FIRST, FIRST, change) for change in changes]
        for start in range(0, len(entries), LOG_LENGTH):
            shown = entries[start : start + LOG_LENGTH]
            yield "log", transfer_cards.log_card(texts, shown, state.names, lambda _: True)
        yield "import", transfer_cards.import_card(texts, changes, [field.name for field in FIELDS], state.names)
    yield "why", checks.tree(texts, "## Why", checks.reply_branches(texts, list(Silence)))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_card_fits_and_no_menu_has_the_id_of_another(language: str) -> None:
    for name, made in cards(language):
        payload = sent(made)
        assert_fits(payload)
        ids = [part["custom_id"] for part in walk(payload["components"]) if part.get("custom_id")]
        assert len(ids) == len(set(ids)), name


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_label_of_a_setting_is_cut_on_its_page(language: str) -> None:
    texts, service = LANGUAGES.texts(language), service_with("name", "Examplia")
    assert service is not None
    for name in Page:
        shown = "\n".join(texts_of(sent(pages.settings_page(texts, panel(FULL, service), name))))
        labels = [f"**{texts.say(field.label)}**" for field in FIELDS if field.page is name]
        assert [label for label in labels if label not in shown] == []


def test_every_menu_has_its_label_right_above_it() -> None:
    texts, service = LANGUAGES.texts("en"), service_with("name", "Examplia")
    assert service is not None
    for name in Page:
        [container] = sent(pages.settings_page(texts, panel(FULL, service), name))["components"]
        for before, row in zip(container["components"], container["components"][1:], strict=False):
            for menu in row.get("components", ()):
                if menu["type"] in {3, 5, 6, 7, 8}:
                    assert before["content"].startswith(f"**{menu['placeholder']}**")
