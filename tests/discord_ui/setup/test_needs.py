"""Problems for a moderator: each is shown once, the worst first, on the page where it can be fixed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.core.gone import Gone
from bot.core.guild_settings import GuildSettings, Page
from bot.core.outage_life import Outage, Phase
from bot.core.rule_scores import RuleScore
from bot.discord_ui.permissions import NEEDS
from bot.discord_ui.setup.checks import announce_card, reading_branch
from bot.discord_ui.setup.needs import MOST_SHOWN, SOURCES, Need, need_lines, needs
from bot.discord_ui.setup.overview import announced_line, overview_card, replies_line
from bot.discord_ui.setup.state import Panel
from tests.cards.measure import buttons_of, texts_of
from tests.discord_ui.setup.panels import fine_panel
from tests.resources import resources
from tests.usecases.fakes import a_service

TEXTS = resources().languages.texts("en")
SEND = [need for need in NEEDS if need.flag == "send_messages"]
FINE = fine_panel(a_service())
CHANNEL = GuildSettings(channels=frozenset({5}), outage_channel=6, outage_role=7)


def panel(**more: Any) -> Panel:
    return replace(FINE, **more)


def test_nothing_needs_attention_where_all_is_well_or_nothing_is_known() -> None:
    assert needs(TEXTS, FINE) == []
    assert needs(TEXTS, panel(away=True, has_message_text=False, may_call_role=False)) == []


@pytest.mark.parametrize(
    ("wrong", "page", "said"),
    [
        ({"has_message_text": False}, SOURCES, "⚠️ I can't read message text"),
        ({"may_call_role": False}, Page.OUTAGES, "⚠️ I may not ping that role"),
        ({"open_to_all": ["weekly_channel"]}, Page.WHAT, "so no card is sent"),
        ({"open_to_all": ["distress_channel"]}, Page.PEOPLE, "so I post none there"),
        ({"missing": {5: SEND}, "settings": CHANNEL}, Page.WHO, "In <#5> I need **Send Messages** (to answer)."),
        ({"missing": {9: SEND}, "settings": GuildSettings(dry_run=9)}, Page.WHEN, "In <#9> I need"),
        ({"lacking": {"outage_channel": SEND}, "settings": CHANNEL}, Page.OUTAGES, "In <#6> I need"),
        ({"scores": {"question": RuleScore(9, 9, off=True)}}, Page.WHAT, "1 rule turned itself off."),
        ({"resting": {"/a+/": 1.0}}, Page.WHAT, "1 pattern is not searched for."),
        ({"resting": {"/a+/": 1.0}, "refused": ["/b/"]}, Page.WHAT, "2 patterns are not searched for."),
        (
            {"gone": Gone(frozenset({5})), "settings": CHANNEL},
            Page.WHO,
            "🚪 <#5> (`5`) was deleted, but is still chosen",
        ),
        ({"gone": Gone(roles=frozenset({7})), "settings": CHANNEL}, Page.OUTAGES, "🚪 <@&7> (`7`) was deleted"),
    ],
)
def test_each_has_one_line_and_the_page_where_it_is_put_right(wrong: Mapping[str, Any], page: str, said: str) -> None:
    [need] = needs(TEXTS, panel(**wrong))
    assert need.page == page and said in need.line
    assert need.gone is ("was deleted" in said)


def test_where_nothing_is_lacking_nothing_is_said_of_it() -> None:
    assert needs(TEXTS, panel(missing={5: []}, lacking={"outage_channel": []}, settings=CHANNEL)) == []
    assert needs(TEXTS, panel(scores={"question": RuleScore(9, 1)})) == []
    gone = panel(gone=Gone(frozenset({6})), lacking={"outage_channel": SEND}, settings=CHANNEL)
    assert len(needs(TEXTS, gone)) == 1, "of a channel that is gone no permission is missed"


def test_what_was_deleted_comes_first_and_a_dry_run_that_nobody_reads_before_all() -> None:
    settings = GuildSettings(channels=frozenset({5}), dry_run=9)
    found = needs(TEXTS, panel(settings=settings, gone=Gone(frozenset({5, 9})), has_message_text=False))
    assert [need.gone for need in found] == [True, True, False]
    assert "(`9`) was deleted" in found[0].line and "nobody is told anything" in found[0].line


def test_no_more_are_shown_than_can_be_read_and_the_others_are_counted() -> None:
    found = [Need(Page.WHO, f"{number}") for number in range(MOST_SHOWN + 2)]
    assert need_lines(TEXTS, found[:MOST_SHOWN]) == ["0", "1", "2", "3"]
    assert need_lines(TEXTS, found[: MOST_SHOWN + 1])[-1] == "… and 1 more"
    assert need_lines(TEXTS, found)[MOST_SHOWN:] == ["… and 2 more"]


@pytest.mark.parametrize(
    ("settings", "gone", "line"),
    [
        (GuildSettings(), Gone(), "➖ **Auto-replies** are off."),
        (CHANNEL, Gone(frozenset({5})), "⚠️ **Auto-replies** are off: every chosen channel was deleted."),
        (CHANNEL, Gone(), "✅ **Auto-replies** are on in <#5> (sensitivity: balanced)."),
        (
            replace(CHANNEL, dry_run=9),
            Gone(),
            "🧪 **Auto-replies** are on in <#5> (sensitivity: balanced). **Dry run**: nobody",
        ),
        (
            replace(CHANNEL, dry_run=9),
            Gone(frozenset({9})),
            "(sensitivity: balanced). **Dry run**: nobody gets a reply.",
        ),
        (GuildSettings(channels=frozenset(range(1, 9))), Gone(), "<#7> <#8> (sensitivity: balanced)."),
        (GuildSettings(channels=frozenset(range(1, 10))), Gone(), "<#7> <#8> and 1 more (sensitivity: balanced)."),
    ],
)
def test_the_first_page_says_where_messages_are_answered(settings: GuildSettings, gone: Gone, line: str) -> None:
    assert line in replies_line(TEXTS, panel(settings=settings, gone=gone))


@pytest.mark.parametrize(
    ("settings", "gone", "line"),
    [
        (GuildSettings(outage_role=7), Gone(), "➖ **Outages** are not announced here."),
        (CHANNEL, Gone(frozenset({6})), "➖ **Outages** are not announced here."),
        (CHANNEL, Gone(), "✅ **Outages** are announced in <#6>, with a ping for <@&7>."),
        (CHANNEL, Gone(roles=frozenset({7})), "✅ **Outages** are announced in <#6>."),
        (replace(CHANNEL, outage_role=None), Gone(), "✅ **Outages** are announced in <#6>."),
    ],
)
def test_the_first_page_says_where_outages_are_announced(settings: GuildSettings, gone: Gone, line: str) -> None:
    assert announced_line(TEXTS, panel(settings=settings, gone=gone)) == line


@pytest.mark.parametrize(
    ("wrong", "first"),
    [
        ({}, "Set up"),
        ({"settings": GuildSettings(outage_channel=6)}, "Try a message"),
        ({"settings": GuildSettings(channels=frozenset({5}))}, "Try a message"),
        ({"has_message_text": False}, "Show where to fix it"),
    ],
)
def test_the_main_action_is_what_helps_most_now(wrong: Mapping[str, Any], first: str) -> None:
    assert buttons_of(overview_card(TEXTS, panel(**wrong))) == [first, "More"]


def checks(**more: Any) -> dict[str, bool]:
    """What *Why no announcement?* says: each question, and whether the answer is yes."""
    found = [line for line in texts_of(announce_card(TEXTS, panel(**more))) if line[0] in "✅❌"]
    return {line.split("**")[1]: line[0] == "✅" for line in found}


ON = Outage("examplia", Phase.ON, 1_700_000_000)
CHOSEN, ALLOWED, CERTAIN, HERE = (
    "Is a channel chosen?",
    "Can I post there, and ping?",
    "Is there an outage, and am I sure?",
    "Does it concern this server?",
)


def test_why_nothing_was_announced_is_said_step_by_step() -> None:
    assert checks() == {CHOSEN: False, ALLOWED: True, CERTAIN: False}
    assert checks(settings=CHANNEL, outage=ON) == {CHOSEN: True, ALLOWED: True, CERTAIN: True, HERE: True}
    assert checks(settings=CHANNEL, outage=ON, outage_elsewhere=True)[HERE] is False
    assert checks(settings=CHANNEL, may_call_role=False)[ALLOWED] is False
    assert checks(settings=CHANNEL, has_message_text=False)[ALLOWED] is True, "that is for replies"
    assert checks(settings=CHANNEL, gone=Gone(frozenset({6})))[CHOSEN] is False


def test_a_suspicion_is_announced_only_where_it_is_wanted() -> None:
    suspected = replace(ON, phase=Phase.SUSPECTED)
    assert checks(settings=CHANNEL, outage=suspected)[CERTAIN] is False
    assert checks(settings=replace(CHANNEL, outage_possible=True), outage=suspected)[CERTAIN] is True


@pytest.mark.parametrize(
    ("can_read", "by_person", "lacking", "against"),
    [(True, True, [], 0), (False, True, [], 1), (True, False, [], 1), (True, True, SEND, 1), (False, False, SEND, 3)],
)
def test_why_no_reply_says_whether_it_could_be_read(
    can_read: bool, by_person: bool, lacking: Any, against: int
) -> None:
    branch = reading_branch(TEXTS, can_read=can_read, by_person=by_person, channel=5, lacking=lacking)
    assert len(branch.against) == against


def test_a_channel_that_the_bot_may_not_write_in_is_not_ticked_off() -> None:
    assert replies_line(TEXTS, panel(settings=CHANNEL, missing={5: SEND})).startswith("🔧")
    assert announced_line(TEXTS, panel(settings=CHANNEL, lacking={"outage_channel": SEND})).startswith("🔧")


def test_what_grants_a_permission_is_said_once_for_all_channels() -> None:
    found = needs(TEXTS, panel(settings=CHANNEL, missing={5: SEND}, lacking={"outage_channel": SEND}))
    lines = need_lines(TEXTS, found)
    assert len(found) == 2 and [line.startswith("-# Grant it") for line in lines] == [False, False, True]


def test_what_stopped_an_announcement_comes_first_and_if_nothing_did_the_card_says_so() -> None:
    lines = texts_of(announce_card(TEXTS, panel(settings=CHANNEL)))
    assert lines[1].startswith("❌ **Is there an outage, and am I sure?** No.")
    assert "All is well" in texts_of(announce_card(TEXTS, panel(settings=CHANNEL, outage=ON)))[1]
