"""The view of a service on the page, in the words of the cards: values become sentences, and sentences become HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bot.core.chart import Chart
from bot.core.official_delay import Grade, OfficialDelay
from bot.core.outage_life import ONGOING, Outage
from bot.core.reports import DAY
from bot.core.signals import TROUBLE, Cause, Reading, Seen, Signal, State
from bot.core.texts import N_, Texts
from bot.core.verdict import Word
from bot.discord_ui.render import outage as outage_words
from bot.discord_ui.render import signals, verdict, words
from bot.discord_ui.render.chart import chart_in_words, legend
from bot.discord_ui.render.escape import plain
from bot.usecases.reports.public_state import PublicService
from bot.web import bars
from bot.web.markup import PageReader, html, moment
from bot.web.states import SHORT, PageState, state_of, unsure

SHOWN = N_("The service itself has problems")
"""The headline if reports cannot reach us and a source shows trouble."""
DEAF = N_("unknown: we can't hear from people right now")
MOST_LISTED = 20
GRADES: Mapping[Grade, tuple[str, str]] = {
    Grade.PROMPT: (
        N_("Prompt"),
        N_("At least half of the outages appeared there within 10 minutes of the first reports."),
    ),
    Grade.SLOW: (N_("Slow"), N_("At least half of the outages appeared there within 30 minutes of the first reports.")),
    Grade.LATE: (
        N_("Late"),
        N_("At least half of the outages appeared there, but later than 30 minutes after the first reports."),
    ),
    Grade.SILENT: (N_("Silent"), N_("More than half of the outages never appeared there.")),
    Grade.TOO_FEW: (N_("No grade"), N_("There were fewer than three outages during which we could read it.")),
}
FIRST = N_("We noticed first")
THEY_FIRST = N_("Official page first")
ONLY_PEOPLE = N_("Only people reported it")


@dataclass(frozen=True, slots=True)
class SignalView:
    """One signal: its state in words, its time, and its caveats. `tone` is for its colour."""

    name: str
    tone: str
    sentence: str
    age: Markup | None
    notes: Sequence[Markup]
    link: str | None = None


@dataclass(frozen=True, slots=True)
class ChartView:
    """A chart with the words around it. `begin` and `end` label its ends, `top` the upper end of its scale."""

    title: str
    svg: Markup
    legend: str
    begin: Markup
    end: Markup
    top: str


@dataclass(frozen=True, slots=True)
class OutageView:
    """An outage or a false alarm: time, duration, and sentences about it. `first` says who noticed it first."""

    began: Markup
    lasted: str
    lines: Sequence[Markup]
    first: str = ""


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Everything that the page shows of a service."""

    id: str
    name: str
    state: PageState
    short: str
    headline: str
    lines: Sequence[Markup]
    facts: Markup
    signals: Sequence[SignalView]
    charts: Sequence[ChartView]
    incidents: Sequence[Markup]
    planned: Sequence[Markup]
    outages: Sequence[OutageView]
    more_outages: int
    alarms: Sequence[OutageView]
    grade: tuple[str, str, str] | None
    website: str


def service_view(texts: Texts, one: PublicService) -> ServiceView:
    """The view of a service, in a language."""
    service, answer, state = one.service, one.answer, state_of(one)
    reader = PageReader(texts.language, answer.at)
    return ServiceView(
        id=service.id,
        name=service.name,
        state=state,
        short=texts.say(SHORT[state]),
        headline=headline(texts, one),
        lines=[html(line, reader) for line in _lines(texts, one)],
        facts=html(" ".join(_facts(texts, one)), reader),
        signals=[_people(texts, one, reader), *_sources(texts, one, reader)],
        charts=_charts(texts, one, reader),
        incidents=_listed(signals.incident_lines(texts, answer), reader),
        planned=_listed(signals.planned_lines(texts, answer), reader),
        outages=[_outage(texts, one, outage, reader) for outage in one.outages[:MOST_LISTED]],
        more_outages=max(0, len(one.outages) - MOST_LISTED),
        alarms=[_alarm(texts, alarm, reader) for alarm in one.alarms[:MOST_LISTED]],
        grade=None if one.delay is None else _grade(texts, one.delay),
        website=service.links.website,
    )


def headline(texts: Texts, one: PublicService) -> str:
    """The verdict in a few words. While reports cannot reach us, it says nothing about their absence."""
    if unsure(one):
        return texts.say(verdict.UNSEEN)
    if not one.heard and one.answer.verdict.word is Word.SERVICE_SAYS_SO:
        return texts.say(SHOWN)
    return verdict.headline(texts, one.answer)


def _lines(texts: Texts, one: PublicService) -> list[str]:
    answer = one.answer
    if unsure(one):
        return [texts.say("The other signals below may tell you more.")] if answer.service.sources else []
    lines = [*verdict.counted(texts, answer, exact=False), *verdict.what_to_do(texts, answer)]
    lines += words.failing_too(texts, answer.too)
    named = outage_words.named_symptoms(texts, answer.service, answer.tally.symptoms) if answer.back is None else ""
    return [*lines, texts.say("Most common: {symptoms}.", symptoms=named)] if named else lines


def _facts(texts: Texts, one: PublicService) -> list[str]:
    return verdict.facts(texts, one.answer, exact=False) if one.heard else []


def _people(texts: Texts, one: PublicService, reader: PageReader) -> SignalView:
    name, answer = texts.say(words.SIGNALS[Signal.PEOPLE]), one.answer
    if not one.heard:
        age = None if one.heard_at is None else moment(one.heard_at, "R", reader)
        return SignalView(name, "unknown", texts.say(DEAF), age, ())
    age, tally = moment(answer.at, "R", reader), answer.tally
    if answer.back is not None:
        return SignalView(name, "up", texts.say("Reports are back to the usual level."), age, ())
    counts = [texts.say("{count} in the last hour", count=words.count(texts, tally.everywhere.hour, exact=False))]
    if tally.whole_day:
        day = words.count(texts, tally.everywhere.day, exact=False)
        counts.append(texts.say("{count} in the last 24 hours", count=day))
    tone = {Word.NOT_JUST_YOU: "down", Word.SOME_OTHERS: "degraded"}.get(answer.verdict.word, "up")
    sentence = words.crowd(texts, tally, exact=False)
    return SignalView(name, tone, sentence, age, [html(count, reader) for count in counts])


def _sources(texts: Texts, one: PublicService, reader: PageReader) -> list[SignalView]:
    read = one.answer.seen
    return [
        _source(texts, one, signal, read[signal], reader)
        for signal in (Signal.PROBE, Signal.OFFICIAL)
        if signal in read
    ]


def _source(texts: Texts, one: PublicService, signal: Signal, seen: Seen | None, reader: PageReader) -> SignalView:
    name = texts.say(words.SIGNALS[signal])
    if seen is None:
        not_yet = Reading(signal, State.UNKNOWN, Cause.NOT_YET, 0)
        return SignalView(name, "unknown", words.state(texts, not_yet, one.service.name), None, ())
    reading = seen.now
    notes = [html(line, reader) for line in signals.limits(texts, seen, one.answer)]
    if reading.detail and reading.known:
        notes.insert(0, html(plain(reading.detail, 100), reader))
    sentence = words.state(texts, reading, one.service.name)
    return SignalView(name, _tone(reading), sentence, moment(reading.at, "R", reader), notes, reading.link)


def _tone(reading: Reading) -> str:
    if reading.state in TROUBLE or reading.state is State.MAINTENANCE:
        return "down" if reading.state is State.DOWN else "degraded"
    return "up" if reading.state is State.UP else "unknown"


def _charts(texts: Texts, one: PublicService, reader: PageReader) -> list[ChartView]:
    found = [
        (texts.say("The last 3 hours"), "hours", one.hours),
        (texts.say("The last 24 hours"), "day", one.day),
        (texts.say("The last 30 days"), "month", one.month),
    ]
    return [
        _chart(texts, title, f"{name}-{one.service.id}", chart, reader)
        for title, name, chart in found
        if chart is not None
    ]


def _chart(texts: Texts, title: str, name: str, chart: Chart, reader: PageReader) -> ChartView:
    form, end = ("d", chart.end - DAY) if chart.step >= DAY else ("t", chart.end)
    return ChartView(
        title,
        bars.draw(chart, name, chart_in_words(texts, chart, exact=False)),
        " ".join(legend(texts, chart)),
        moment(chart.start, form, reader),
        moment(end, form, reader),
        words.number(texts, bars.top(chart)),
    )


def _listed(lines: str, reader: PageReader) -> list[Markup]:
    """The points of a list on a card, without its heading."""
    return [html(line.removeprefix("- "), reader) for line in lines.split("\n")[1:]]


def _outage(texts: Texts, one: PublicService, outage: Outage, reader: PageReader) -> OutageView:
    going_on = outage.phase in ONGOING
    lines = [] if going_on else outage_words.lasted(texts, outage)
    people = words.people(texts, outage.peak, exact=False)
    peak_at = words.at(outage_words.peak_at(outage))
    lines.append(texts.say("Peak: {people} in 15 minutes, at {when}.", people=people, when=peak_at))
    if sentence := outage_words.official(texts, one.service, outage):
        lines.append(sentence)
    return OutageView(
        moment(outage.began, "f", reader),
        texts.say("still going on") if going_on else words.duration(texts, outage.lasted),
        [html(line, reader) for line in lines],
        _first(texts, outage),
    )


def _first(texts: Texts, outage: Outage) -> str:
    if outage.lead is not None:
        return texts.say(FIRST if outage.lead >= 0 else THEY_FIRST)
    silent = outage.official_at is None and outage.official_read and not outage.official_older
    return texts.say(ONLY_PEOPLE) if silent else ""


def _alarm(texts: Texts, alarm: Outage, reader: PageReader) -> OutageView:
    line = texts.say(
        "For a while, more people than usual reported trouble: {people} at the peak.",
        people=words.people(texts, alarm.peak, exact=False),
    )
    lasted = words.duration(texts, alarm.seen - alarm.began)
    return OutageView(moment(alarm.began, "f", reader), lasted, [html(line, reader)])


def _grade(texts: Texts, delay: OfficialDelay) -> tuple[str, str, str]:
    word, meaning = GRADES[delay.grade]
    if not delay.outages:
        return texts.say(word), texts.say(meaning), ""
    posted = texts.many(
        "{posted} of {n} outage appeared there at all.",
        "{posted} of {n} outages appeared there at all.",
        delay.outages,
        posted=delay.posted,
    )
    return texts.say(word), texts.say(meaning), posted
