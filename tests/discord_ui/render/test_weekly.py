"""The weekly card in words."""

from bot.discord_ui.render.weekly import weekly_card
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.upkeep.weekly_summary import Week
from tests.cards.measure import buttons_of, texts_of
from tests.resources import resources

LANGUAGES = resources().languages


def lines(week: Week, language: str = "en") -> list[str]:
    card = weekly_card(LANGUAGES.texts(language), week)
    assert buttons_of(card) == []
    return texts_of(card)


def test_each_number_has_its_line_and_stands_out() -> None:
    unknown = {Unknown.TYPED: 2, Unknown.CHOSEN: 1, Unknown.MESSAGE: 7}
    assert lines(Week(replies=1234, wrong=1, people=1, outages=2, unknown=unknown)) == [
        "### The last 7 days",
        "**1,234** auto-replies",
        "**1** reply marked as wrong",
        "**1** person reported a problem",
        "**2** outages",
        "### Problems I didn't recognise",
        "**7** answered messages didn't say what was wrong",
        "**2** times someone typed a problem that isn't in my list",
        "**1** time someone said that nothing in my list fits",
        "-# Counts only: no text is kept. To stop this card: `/setup` → *What I answer*.",
    ]


def test_what_did_not_happen_is_told_beside_what_did() -> None:
    assert "**0** outages" in lines(Week(replies=3))
    assert "### Problems I didn't recognise" not in lines(Week(replies=3))


def test_a_quiet_week_is_one_sentence() -> None:
    assert lines(Week())[1:-1] == ["A quiet week: no replies, no reports, no outages."]


def test_in_german() -> None:
    card_lines = lines(Week(replies=1, people=1500), "de")
    assert card_lines[0] == "### Die letzten 7 Tage" and "**1.500** Personen haben ein Problem gemeldet" in card_lines
