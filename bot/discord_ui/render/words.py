"""Texts for verdicts, signals, states and causes. Every value has one; a test checks all of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from babel.numbers import format_decimal, get_group_symbol

from bot.core.signals import NOT_CONNECTED, Cause, Reading, Signal, State
from bot.core.tally import Tally
from bot.core.texts import N_, Texts
from bot.core.verdict import Confidence, Verdict, Word

_MOST_NAMED = 3
"""Other services that are named at most."""
HEADLINES: Mapping[Word, str] = {
    Word.NOT_JUST_YOU: N_("It's not just you"),
    Word.SOME_OTHERS: N_("Some others see it too"),
    Word.SERVICE_SAYS_SO: N_("Nobody else says so yet, but the service shows trouble"),
    Word.NOBODY_ELSE: N_("Nobody else says so yet"),
    Word.BACK_TO_NORMAL: N_("Looks back to normal"),
}
SIGNALS: Mapping[Signal, str] = {
    Signal.PEOPLE: N_("People"),
    Signal.PROBE: N_("Our probe"),
    Signal.OFFICIAL: N_("Official page"),
}
SEES_TROUBLE: Mapping[Signal, str] = {
    Signal.PROBE: N_("Our probe sees trouble."),
    Signal.OFFICIAL: N_("The official page reports trouble."),
}
MARKS: Mapping[Signal, str] = {Signal.PEOPLE: "👥", Signal.PROBE: "🩺", Signal.OFFICIAL: "📄"}
STATES: Mapping[State, str] = {
    State.UP: N_("fine"),
    State.DEGRADED: N_("trouble"),
    State.DOWN: N_("down"),
    State.MAINTENANCE: N_("maintenance"),
    State.UNKNOWN: N_("unknown"),
    State.GONE: N_("gone"),
}
CAUSES: Mapping[Cause, str] = {
    Cause.ANSWERED: "",
    Cause.NOT_YET: N_("nobody has looked yet"),
    Cause.UNEXPECTED_HEALTH: N_("the service answers, but says that something is not well"),
    Cause.SERVER_ERROR: N_("answered with a server error"),
    Cause.GATE: N_("the gate in front of it cannot reach it"),
    Cause.HTTP_ERROR: N_("answered with an error"),
    Cause.BLOCKED: N_("does not let programs in; that is no outage"),
    Cause.RATE_LIMITED: N_("asked us to come back later"),
    Cause.PAGE_GONE: N_("closed or moved"),
    Cause.NOT_JSON: N_("the answer could not be read"),
    Cause.WRONG_SHAPE: N_("the answer is not that of a status page"),
    Cause.UNKNOWN_VALUE: N_("said a word we do not know"),
    Cause.PART_MISSING: N_("has none of the parts we look for"),
    Cause.WEB_PAGE: N_("answered with a web page, which does not show whether it works"),
    Cause.ELSEWHERE: N_("leads to another address, which does not show whether it works"),
    Cause.DNS: N_("address not found"),
    Cause.DNS_FAILED: N_("its address could not be looked up"),
    Cause.CONNECT_TIMEOUT: N_("no connection in time"),
    Cause.TIMEOUT: N_("no answer in time"),
    Cause.SLOW: N_("began to answer, but too slowly"),
    Cause.REFUSED: N_("connection refused"),
    Cause.RESET: N_("connection broke off"),
    Cause.TLS: N_("certificate not valid"),
    Cause.TLS_CHAIN: N_("the issuer of its certificate is not known here"),
    Cause.GARBLED: N_("the answer came garbled"),
    Cause.TOO_LARGE: N_("the answer was too large"),
    Cause.ADDRESS_REFUSED: N_("leads to an address we do not visit"),
    Cause.REDIRECTS: N_("redirects in circles"),
    Cause.INSECURE: N_("leads from a secure address to one that is not"),
    Cause.UNREACHABLE: N_("could not be reached from here"),
    Cause.OWN_NETWORK: N_("we reach nothing from here, so the fault may be ours"),
}
_MONTH, _YEAR = 30.44, 365.25
DOWN_FROM_HERE = N_("down, seen from here")
"""Used if we could not connect: others may be able to."""


def number(texts: Texts, value: float) -> str:
    """A number in the format of the language."""
    if isinstance(value, int):  # Babel gives the same in 50 µs, and each press has another count
        return f"{value:,}".replace(",", _group_symbol(texts.language))
    return _decimal(texts.language, value)


@lru_cache
def _group_symbol(language: str) -> str:
    return get_group_symbol(_locale(language))


@lru_cache(maxsize=10_000)
def _decimal(language: str, value: float) -> str:
    # Cached: Babel is slow at formatting numbers.
    return format_decimal(value, format="#,##0.#", locale=_locale(language))


def _locale(language: str) -> str:
    return language.replace("-", "_")


def headline(texts: Texts, verdict: Verdict) -> str:
    """The verdict in a few words."""
    return texts.say(HEADLINES[verdict.word])


def people(texts: Texts, count: int) -> str:
    """`41 people`."""
    return texts.many("{count} person", "{count} people", count, count=number(texts, count))


def duration(texts: Texts, seconds: float) -> str:
    """`23 minutes`, `2 hours 5 minutes`, `3 days 1 hour`; less than a minute counts as one."""
    hours, minutes = divmod(max(1, round(seconds / 60)), 60)
    days, hours = divmod(hours, 24)
    parts: list[str] = []
    if days:
        parts.append(texts.many("{n} day", "{n} days", days))
    if hours:
        parts.append(texts.many("{n} hour", "{n} hours", hours))
    if minutes and not days:
        parts.append(texts.many("{n} minute", "{n} minutes", minutes))
    return " ".join(parts)


def age(texts: Texts, seconds: float) -> str:
    """How long something has been there, in one unit: `3 days`, `3 months`, `2 years`."""
    days = max(1, int(seconds // 86_400))
    if days < 2 * _MONTH:
        return texts.many("{n} day", "{n} days", days)
    if days < 2 * _YEAR:
        return texts.many("{n} month", "{n} months", int(days / _MONTH))
    return texts.many("{n} year", "{n} years", int(days / _YEAR))


def at(moment: float) -> str:
    """A time of day, which Discord shows in each reader's time zone."""
    return f"<t:{int(moment)}:t>"


def day_and_time(moment: float) -> str:
    """A date and time, which Discord shows in each reader's time zone."""
    return f"<t:{int(moment)}:f>"


def utc(moment: float) -> str:
    """`11-22 21:45 UTC`, the format of the pictures."""
    return datetime.fromtimestamp(moment, UTC).strftime("%m-%d %H:%M UTC")


def crowd(texts: Texts, tally: Tally) -> str:
    """`41 people in 12 servers in the last 15 minutes; usual: 2`."""
    who = people(texts, tally.everywhere.quarter)
    if not tally.everywhere.quarter:
        sentence = texts.say("no reports in the last 15 minutes")
    elif tally.servers > 1:
        servers = texts.many("{count} server", "{count} servers", tally.servers, count=number(texts, tally.servers))
        sentence = texts.say("{people} in {servers} in the last 15 minutes", people=who, servers=servers)
    else:
        sentence = texts.say("{people} in the last 15 minutes", people=who)
    return _with_usual(texts, sentence, tally)


def _with_usual(texts: Texts, sentence: str, tally: Tally) -> str:
    if tally.usual is None:
        return sentence
    return texts.say("{told}; usual at this hour: {usual}", told=sentence, usual=number(texts, round(tally.usual, 1)))


def crowd_at(texts: Texts, tally: Tally, moment: float) -> str:
    """`41 people in 12 servers at 12:04; usual: 2`: stays true where it is not brought up to date."""
    who, when = people(texts, tally.everywhere.quarter), at(moment)
    if not tally.everywhere.quarter:
        sentence = texts.say("no reports at {when}", when=when)
    elif tally.servers > 1:
        servers = texts.many("{count} server", "{count} servers", tally.servers, count=number(texts, tally.servers))
        sentence = texts.say("{people} in {servers} at {when}", people=who, servers=servers, when=when)
    else:
        sentence = texts.say("{people} at {when}", people=who, when=when)
    return _with_usual(texts, sentence, tally)


def calm(texts: Texts, ended: float, since: int | None, moment: float) -> str:
    """`no new reports since about 12:34 (at 12:50)`; `since` is None if they are not known."""
    when = at(ended)
    if since is None:
        return texts.say("over since about {when}", when=when)
    if not since:
        sentence = texts.say("no new reports since about {when}", when=when)
    else:
        sentence = texts.many(
            "{count} new report since about {when}",
            "{count} new reports since about {when}",
            since,
            count=number(texts, since),
            when=when,
        )
    return told_at(texts, sentence, moment)


def told_at(texts: Texts, told: str, moment: float) -> str:
    """A sentence with the time at which it was true, for a card that is not brought up to date."""
    return texts.say("{told} (at {when})", told=told, when=at(moment))


def why(texts: Texts, verdict: Verdict, tally: Tally) -> str:
    """The reasons for the verdict, and its confidence."""
    sure = {
        Confidence.HIGH: texts.say("Sure."),
        Confidence.MEDIUM: texts.say("Fairly sure."),
        Confidence.LOW: texts.say("Not sure."),
    }[verdict.confidence]
    reasons: list[str] = []
    if verdict.word is Word.NOT_JUST_YOU:
        reasons.append(texts.say("Far more people than usual report trouble."))
    elif verdict.word is Word.SOME_OTHERS:
        reasons.append(texts.say("A few reports can also be a coincidence."))
    elif verdict.word is Word.BACK_TO_NORMAL:
        reasons.append(texts.say("Reports have fallen back to what is usual."))
    elif verdict.word is Word.NOBODY_ELSE:
        reasons.append(texts.say("It may be only you, or you are the first."))
    reasons += [texts.say(SEES_TROUBLE[signal]) for signal in verdict.backed_by]
    if verdict.maintenance:
        reasons.append(texts.say("Maintenance is going on; reports count all the same."))
    if tally.few_servers and verdict.word in {Word.SOME_OTHERS, Word.NOBODY_ELSE}:
        reasons.append(texts.say("Few servers report this service, so I call an outage late."))
    if tally.usual is None and tally.everywhere.quarter:
        reasons.append(texts.say("What is usual is not known yet: too little history."))
    return " ".join((sure, *reasons))


def failing_too(texts: Texts, names: Sequence[str]) -> list[str]:
    """A line that says which other services fail at the same time; none if none does."""
    if not names:
        return []
    *first, last = (*names[:_MOST_NAMED], "…") if len(names) > _MOST_NAMED else names
    listed = texts.say("{names} and {last}", names=", ".join(first), last=last) if first else last
    return [texts.say("{services}, too: perhaps something that they share.", services=listed)]


def state(texts: Texts, reading: Reading) -> str:
    """`unknown, no answer in time`."""
    from_here = reading.state is State.DOWN and reading.cause in NOT_CONNECTED
    word = texts.say(DOWN_FROM_HERE if from_here else STATES[reading.state])
    cause = CAUSES[reading.cause]
    return texts.say("{state}, {cause}", state=word, cause=texts.say(cause)) if cause else word
