"""Verdicts in words."""

from bot.content.texts import Catalogues
from bot.core.tally import Counts, Tally
from bot.core.verdict import Confidence, Verdict, Word
from bot.discord_ui.render import words

TEXTS = Catalogues.read().texts("en")


def test_where_few_servers_report_a_verdict_says_that_outages_are_called_late() -> None:
    tally = Tally(Counts(3, 3, 3), servers=2, usual=1.0, few_servers=True)
    for word, said in ((Word.SOME_OTHERS, True), (Word.NOBODY_ELSE, True), (Word.NOT_JUST_YOU, False)):
        assert ("notice an outage late" in words.why(TEXTS, Verdict(word, Confidence.LOW), tally)) is said
    assert "late" not in words.why(TEXTS, Verdict(Word.SOME_OTHERS, Confidence.LOW), tally._replace(few_servers=False))
