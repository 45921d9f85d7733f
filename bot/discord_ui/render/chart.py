"""The content of a picture as text: its alt text."""

from bot.core.chart import Chart
from bot.core.reports import DAY
from bot.core.texts import Texts
from bot.discord_ui.render import words


def chart_in_words(texts: Texts, chart: Chart) -> str:
    """The content of a chart of the last 24 hours, or of the last 30 days, as text."""
    if chart.end - chart.start <= DAY:
        span = texts.say("Reports in the last 24 hours.")
    else:
        span = texts.say("Reports in the last 30 days.")
    return " ".join((span, *_sentences(texts, chart)))


def _ended_in_newest_step(chart: Chart) -> bool:
    """Whether an outage ended there: its people say nothing about now, and the card tells since when it is calm."""
    return any(one.end is not None and one.end > chart.end - chart.step for one in chart.outages)


def _sentences(texts: Texts, chart: Chart) -> list[str]:
    summary = chart.summary()
    if summary.peak_at is None:
        sentences = [texts.say("Nobody reported trouble.")]
    else:
        step = words.duration(texts, chart.step)
        people = words.people(texts, summary.peak)
        latest = words.people(texts, summary.latest)
        # Alt text is read aloud unchanged, so a Discord timestamp would not be understood.
        at = words.utc(summary.peak_at)
        sentences = [texts.say("Most in {step}: {people}, at {when}.", step=step, people=people, when=at)]
        if not _ended_in_newest_step(chart):
            sentences.append(texts.say("In the newest step: {people}.", people=latest))
    usual = next((value for value in reversed(chart.usual) if value is not None), None)
    if usual is not None:
        sentences.append(texts.say("Usual: {usual}.", usual=words.number(texts, round(usual, 1))))
    sentences.append(texts.many("{n} outage.", "{n} outages.", summary.outages))
    if summary.incidents:
        sentence = texts.many(
            "{n} incident on the official page.", "{n} incidents on the official page.", summary.incidents
        )
        sentences.append(sentence)
    if summary.unwatched:
        sentences.append(texts.say("Not watched for {time}.", time=words.duration(texts, summary.unwatched)))
    return sentences
