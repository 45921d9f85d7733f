"""A picture in words: its alt text, which describes everything it shows, and its caption, which explains its marks."""

from bot.core.chart import Chart
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.texts import Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Picture


def in_words(texts: Texts, chart: Chart, *, past: bool = False) -> Picture:
    """The alt text and the caption of a chart, which may be of a `past` day."""
    return Picture(chart_in_words(texts, chart), caption(texts, chart, past=past))


def chart_in_words(texts: Texts, chart: Chart, *, exact: bool = True) -> str:
    """The content of a chart as text, with its time."""
    return " ".join((_span(texts, chart), *_sentences(texts, chart, exact=exact)))


def caption(texts: Texts, chart: Chart, *, past: bool = False) -> str:
    """The hours of this picture in the reader's time zone, and the meaning of its bars, line and marks."""
    return " ".join((_hours(texts, chart, past=past), *legend(texts, chart)))


def _hours(texts: Texts, chart: Chart, *, past: bool) -> str:
    if not chart.by_hours:
        return texts.say("Days in UTC.")
    when, hours = (words.day_and_time if past else words.at)(chart.at), max(1, (chart.end - chart.start) // HOUR)
    return texts.many("The hour before {when}.", "The {n} hours before {when}.", hours, when=when)


def legend(texts: Texts, chart: Chart) -> list[str]:
    """The meaning of the bars, the line and the marks in this picture."""
    if chart.step >= DAY:
        parts = [texts.say("Bars: reports per day.")]
    else:
        minutes = chart.step // MINUTE
        parts = [texts.many("Bars: reports per minute.", "Bars: reports per {n} minutes.", minutes)]
    if any(usual is not None for usual in chart.usual):
        parts.append(texts.say("Line: the usual number."))
    if chart.overlapping(chart.outages):
        parts.append(texts.say("Orange stripes: outage."))
    if chart.overlapping(chart.incidents):
        parts.append(texts.say("Violet dots: official page."))
    if chart.overlapping(chart.gaps):
        parts.append(texts.say("Grey stripes: not watched."))
    return parts


def _span(texts: Texts, chart: Chart) -> str:
    length = chart.end - chart.start
    if length > DAY:
        return texts.many("Reports in the last day.", "Reports in the last {n} days.", length // DAY)
    return texts.many("Reports in the last hour.", "Reports in the last {n} hours.", max(1, length // HOUR))


def _sentences(texts: Texts, chart: Chart, *, exact: bool) -> list[str]:
    summary = chart.summary()
    sentences = [texts.say("As of {when}.", when=words.utc(chart.at))]
    if summary.peak_at is None:
        sentences.append(texts.say("No one reported trouble."))
    else:
        sentences += _numbers(texts, chart, exact=exact)
    sentences.append(texts.many("{n} outage.", "{n} outages.", summary.outages))
    if summary.incidents:
        sentence = texts.many(
            "{n} incident on the official page.", "{n} incidents on the official page.", summary.incidents
        )
        sentences.append(sentence)
    if summary.unwatched:
        sentences.append(texts.say("Not watched for {time}.", time=words.duration(texts, summary.unwatched)))
    return sentences


def _numbers(texts: Texts, chart: Chart, *, exact: bool) -> list[str]:
    """The most people, and the current number.

    Alt text is read aloud unchanged, so a Discord timestamp would be gibberish.
    """
    summary = chart.summary()
    assert summary.peak_at is not None, "somebody reported"
    people, when = words.people(texts, summary.peak, exact=exact), words.utc(summary.peak_at)
    if chart.step >= DAY:
        return [texts.say("Most on one day: {people}, on {day}.", people=people, day=words.utc_day(summary.peak_at))]
    lines = [texts.say("Most in 15 minutes: {people}, at {when}.", people=people, when=when)]
    if chart.latest is not None and not _ended_just_now(chart):
        now = words.people(texts, chart.latest, exact=exact)
        lines.append(texts.say("In the last 15 minutes: {people}.", people=now))
    return lines


def _ended_just_now(chart: Chart) -> bool:
    """Whether an outage ended in the last 15 minutes: then its people say nothing about the present."""
    return any(one.end is not None and one.end > chart.end - 15 * MINUTE for one in chart.outages)
