"""`/outages` in words: the list, and the order of the facts on the card of one outage."""

from dataclasses import replace

from bot.core.outage_life import Outage, Phase
from bot.discord_ui.render.history import outage_card, outages_card
from bot.discord_ui.render.layout import Picture
from tests.cards.measure import parts, texts_of
from tests.resources import resources
from tests.usecases.fakes import a_service

TEXTS, SERVICE, PICTURE = resources().languages.texts("en"), a_service(), Picture("a picture", "bars")
BEGAN = 1_700_000_040  # 11-14 22:14 UTC
OVER = Outage(
    SERVICE.id,
    Phase.OVER,
    BEGAN,
    id=1,
    detected=BEGAN + 300,
    seen=BEGAN + 9000,
    ended=BEGAN + 3600,
    peak=9,
    peak_at=BEGAN + 600,
    reports=1234,
    servers=3,
)


def listed(*outages: Outage) -> tuple[list[str], list[str]]:
    """The lines of the list, and the options of its menu."""
    card = outages_card(TEXTS, SERVICE, outages, PICTURE)
    options = [option["label"] for part in parts(card) for option in part.get("options", [])]
    return [line for line in texts_of(card) if line.startswith("- ")], options


def timeline(outage: Outage) -> list[tuple[int, str]]:
    """The moments of its card: seconds after its beginning, and what happened."""
    lines = texts_of(outage_card(TEXTS, SERVICE, outage, PICTURE))
    found = lines[lines.index("### Timeline") + 1 : lines.index("### Evidence")]
    moments = (line.removeprefix("- <t:").split(":f>: ") for line in found)
    return [(int(at) - BEGAN, what) for at, what in moments]


def evidence(outage: Outage) -> list[str]:
    lines = texts_of(outage_card(TEXTS, SERVICE, outage, PICTURE))
    return [line for line in lines[lines.index("### Evidence") + 1 :] if line.startswith("- ")]


def test_each_outage_has_a_line_and_an_option_with_its_length_and_one_that_goes_on_has_none_yet() -> None:
    on = replace(OVER, id=2, phase=Phase.ON, ended=None)
    lines, options = listed(on, OVER)
    assert lines == [
        f"- **#2** since <t:{BEGAN}:f>, still going on; peak: 9 people (as of <t:{on.seen}:t>)",
        f"- **#1** <t:{BEGAN}:f>, 1 hour; peak: 9 people",
    ]
    assert options == ["#2 · 11-14 22:14 UTC · still going on", "#1 · 11-14 22:14 UTC · 1 hour"]


def test_ten_are_listed_the_others_are_counted_and_all_can_be_looked_at() -> None:
    many = [replace(OVER, id=number) for number in range(1, 13)]
    for count, more in ((10, []), (11, ["- and 1 more"]), (12, ["- and 2 more"])):
        lines, options = listed(*many[:count])
        assert (lines[10:], len(options)) == (more, count)
    assert listed() == ([], [])


def test_moments_are_told_in_the_order_in_which_they_came() -> None:
    known = replace(OVER, official_at=BEGAN + 60, episodes=2, episode_began=BEGAN + 1800)
    assert timeline(known) == [
        (0, "First reports"),
        (60, "Posted on the official page"),
        (300, "Confirmed"),
        (600, "Peak: 9 people"),
        (1800, "Failed again"),
        (3600, "Back to normal"),
    ]


def test_what_is_not_known_or_did_not_happen_is_no_moment() -> None:
    on = replace(OVER, detected=None, phase=Phase.SUSPECTED, ended=None, official_at=BEGAN + 60, official_exact=False)
    assert timeline(on) == [(0, "First reports"), (600, "Peak: 9 people")]
    assert timeline(replace(OVER, peak_at=BEGAN + 3900))[-2:] == [(3600, "Peak: 9 people"), (3600, "Back to normal")]


def test_each_signal_that_spoke_for_it_is_told_and_no_other() -> None:
    assert evidence(OVER) == ["- 1,234 reports in all, from up to 3 servers at a time"]
    counts = [len(evidence(replace(OVER, evidence={name: 1.5}))) for name in ("probe", "official", "talk", "other")]
    assert counts == [2, 2, 2, 1]
    assert len(evidence(replace(OVER, evidence={"probe": 0.0}))) == 1
