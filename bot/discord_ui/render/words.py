"""Texts for verdicts, signals, states and causes. Every value has one; a test checks all of them.

The public page also uses these sentences. So sentences about signals say "we" and "our own check"; "I" is only for
actions of the bot on Discord.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from bot.core.few import EXACT_FROM, is_few
from bot.core.signals import NOT_CONNECTED, Cause, Reading, Signal, State
from bot.core.tally import Tally
from bot.core.texts import N_, Texts
from bot.core.verdict import Confidence, Verdict, Word

_MOST_NAMED = 3
"""The most other services to name."""
HEADLINES: Mapping[Word, str] = {
    Word.NOT_JUST_YOU: N_("It's not just you"),
    Word.SOME_OTHERS: N_("Some others report trouble, too"),
    Word.SERVICE_SAYS_SO: N_("No one else has reported this, but the service has problems"),
    Word.NOBODY_ELSE: N_("No one else has reported this"),
    Word.BACK_TO_NORMAL: N_("Looks back to normal"),
}
SIGNALS: Mapping[Signal, str] = {
    Signal.PEOPLE: N_("People"),
    Signal.PROBE: N_("Our own check"),
    Signal.OFFICIAL: N_("Official status page"),
}
CONFIDENCES: Mapping[Confidence, str] = {
    Confidence.HIGH: N_("Confidence: high"),
    Confidence.MEDIUM: N_("Confidence: medium"),
    Confidence.LOW: N_("Confidence: low"),
}
STATES: Mapping[Signal, Mapping[State, str]] = {
    Signal.PROBE: {
        State.UP: N_("{service} answers normally"),
        State.DEGRADED: N_("{service} answers, but not normally"),
        State.DOWN: N_("{service} doesn't work"),
        State.MAINTENANCE: N_("{service} is under maintenance"),
        State.UNKNOWN: N_("unknown"),
        State.GONE: N_("no longer there"),
    },
    Signal.OFFICIAL: {
        State.UP: N_("reports no problems"),
        State.DEGRADED: N_("reports problems"),
        State.DOWN: N_("reports an outage"),
        State.MAINTENANCE: N_("reports maintenance"),
        State.UNKNOWN: N_("unknown"),
        State.GONE: N_("none (it was closed or moved)"),
    },
}
DOWN_BECAUSE: Mapping[Cause, str] = {
    Cause.SERVER_ERROR: N_("{service} returns an error"),
    Cause.UNEXPECTED_HEALTH: N_("{service} answers, but says that something is wrong"),
    Cause.GATE: N_("{service}'s own gateway can't reach it"),
}
"""The result of our own check, if it says more than the state."""

NO_CONNECTION = N_("no connection from here")
"""Used if we could not connect, because others may be able to."""

CAUSES: Mapping[Cause, str] = {
    Cause.ANSWERED: "",
    Cause.NOT_YET: N_("not checked yet"),
    Cause.UNEXPECTED_HEALTH: N_("it says that something is wrong"),
    Cause.SERVER_ERROR: N_("it returned an error"),
    Cause.GATE: N_("its own gateway can't reach it"),
    Cause.HTTP_ERROR: N_("it answered with an error"),
    Cause.BLOCKED: N_("it blocks automated checks, which isn't an outage"),
    Cause.RATE_LIMITED: N_("it asked us to come back later"),
    Cause.PAGE_GONE: N_("none (it was closed or moved)"),
    Cause.NOT_JSON: N_("its answer couldn't be read"),
    Cause.WRONG_SHAPE: N_("its answer isn't a status page"),
    Cause.UNKNOWN_VALUE: N_("it used a status we don't know"),
    Cause.PART_MISSING: N_("the parts we look for are missing"),
    Cause.WEB_PAGE: N_("it showed a web page, which doesn't prove that it works"),
    Cause.ELSEWHERE: N_("it led to another address, which doesn't prove that it works"),
    Cause.DNS: N_("address not found"),
    Cause.DNS_FAILED: N_("its address couldn't be looked up"),
    Cause.CONNECT_TIMEOUT: N_("no connection in time"),
    Cause.TIMEOUT: N_("no answer in time"),
    Cause.SLOW: N_("it answered too slowly"),
    Cause.REFUSED: N_("connection refused"),
    Cause.RESET: N_("connection lost"),
    Cause.TLS: N_("its certificate isn't valid"),
    Cause.TLS_CHAIN: N_("the issuer of its certificate isn't known here"),
    Cause.GARBLED: N_("its answer was garbled"),
    Cause.TOO_LARGE: N_("its answer was too large"),
    Cause.ADDRESS_REFUSED: N_("it led to an address we don't visit"),
    Cause.REDIRECTS: N_("it redirects in circles"),
    Cause.INSECURE: N_("it led from a secure address to an insecure one"),
    Cause.UNREACHABLE: N_("it couldn't be reached from here"),
    Cause.OWN_NETWORK: N_("we can't reach anything from here, so the fault may be ours"),
}
_MONTH, _YEAR = 30.44, 365.25
_STEPS = ((20, 1), (100, 5))
"""Usual numbers below the first value are given in steps of the second; larger ones with two digits."""


def number(texts: Texts, value: float) -> str:
    """A number in the format of the language."""
    if isinstance(value, int):  # Babel gives the same in 50 µs, and each press has another count
        return str(value) if abs(value) < 1000 else f"{value:,}".replace(",", _group_symbol(texts.language))  # noqa: PLR2004 - nothing to group
    return _decimal(texts.language, value)


@lru_cache
def _group_symbol(language: str) -> str:
    from babel.numbers import get_group_symbol  # noqa: PLC0415 - takes 5 MB, and is needed for numbers only

    return get_group_symbol(_locale(language))


@lru_cache(maxsize=10_000)
def _decimal(language: str, value: float) -> str:
    # Cached: Babel is slow at formatting numbers.
    from babel.numbers import format_decimal  # noqa: PLC0415 - as above

    return format_decimal(value, format="#,##0.#", locale=_locale(language))


def _locale(language: str) -> str:
    return language.replace("-", "_")


def headline(texts: Texts, verdict: Verdict) -> str:
    """The verdict in a few words."""
    return texts.say(HEADLINES[verdict.word])


def people(texts: Texts, count: int, *, exact: bool = True) -> str:
    """`41 people`. If not `exact`, as in public: `a few people` instead of a small number."""
    if is_few(count) and not exact:
        return texts.say("a few people")
    return texts.many("{count} person", "{count} people", count, count=number(texts, count))


def count(texts: Texts, people: int, *, exact: bool = True) -> str:
    """The number alone, or `a few`."""
    return texts.say("a few") if is_few(people) and not exact else number(texts, people)


def servers(texts: Texts, count: int, *, exact: bool = True) -> str:
    """`12 servers`, in the form after "in"; if not `exact`: `a few servers`."""
    if is_few(count) and not exact:
        return texts.say("a few servers")
    return texts.many("{count} server", "{count} servers", count, count=number(texts, count))


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


def utc_day(moment: float) -> str:
    """`11-22`, the date format of the pictures."""
    return datetime.fromtimestamp(moment, UTC).strftime("%m-%d")


def usually(texts: Texts, usual: float, *, exact: bool = True) -> str:
    """`usually 0 or 1`, `usually about 40`: whole numbers, because a fraction of a person says nothing."""
    if not exact and usual < EXACT_FROM:
        return texts.say("usually fewer than {count}", count=EXACT_FROM)
    if usual < 1:
        return texts.say("usually 0 or 1")
    return texts.say("usually about {count}", count=number(texts, _roughly(usual)))


def _roughly(value: float) -> int:
    """A rounded whole number: 7, 25, 140, 2300."""
    whole = round(value)
    step = next((step for below, step in _STEPS if whole < below), 10 ** (len(str(whole)) - 2))
    return round(whole / step) * step


def report_trouble(texts: Texts, people: str, count: int, service: str, servers: str = "") -> str:
    """`41 people in 12 servers report trouble with Character.AI`; the `count` decides only on singular or plural."""
    if servers:
        return texts.say(
            "{people} in {servers} report trouble with {service}", people=people, servers=servers, service=service
        )
    return texts.many(
        "{people} reports trouble with {service}",
        "{people} report trouble with {service}",
        count,
        people=people,
        service=service,
    )


def crowd(texts: Texts, tally: Tally, *, exact: bool = True) -> str:
    """`41 people in 12 servers in the last 15 minutes (usually about 2)`."""
    who = people(texts, tally.everywhere.quarter, exact=exact)
    if not tally.everywhere.quarter:
        sentence = texts.say("no reports in the last 15 minutes")
    elif tally.servers > 1:
        where = servers(texts, tally.servers, exact=exact)
        sentence = texts.say("{people} in {servers} in the last 15 minutes", people=who, servers=where)
    else:
        sentence = texts.say("{people} in the last 15 minutes", people=who)
    return sentence if tally.usual is None else f"{sentence} ({usually(texts, tally.usual, exact=exact)})"


def calm(texts: Texts, ended: float, since: int | None, moment: float) -> str:
    """`no new reports since about 12:34 (as of 12:50)`; `since` is None if they are not known."""
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
    return as_of(texts, sentence, moment)


def as_of(texts: Texts, sentence: str, moment: float) -> str:
    """A sentence with its time, for a card that is not updated."""
    return texts.say("{sentence} (as of {when})", sentence=sentence, when=at(moment))


def why(texts: Texts, verdict: Verdict, tally: Tally) -> str:
    """The confidence of the verdict, and its limits. Without other reports the verdict claims nothing to be sure of."""
    reasons = [] if verdict.word is Word.NOBODY_ELSE else [f"{texts.say(CONFIDENCES[verdict.confidence])}."]
    alone = verdict.word in {Word.SOME_OTHERS, Word.NOBODY_ELSE}
    if verdict.maintenance and not alone:  # otherwise the advice says it
        reasons.append(texts.say("Maintenance is in progress."))
    if tally.few_servers and alone:
        reasons.append(texts.say("Only a few servers report on this service, so we may notice an outage late."))
    if tally.usual is None and tally.everywhere.quarter:
        reasons.append(texts.say("We don't know the usual number yet."))
    return " ".join(reasons)


def failing_too(texts: Texts, names: Sequence[str]) -> list[str]:
    """A line that names other services failing at the same time, if any."""
    if not names:
        return []
    *first, last = (*names[:_MOST_NAMED], "…") if len(names) > _MOST_NAMED else names
    listed = texts.say("{names} and {last}", names=", ".join(first), last=last) if first else last
    return [texts.say("Also having trouble: {services}. It may be the same cause.", services=listed)]


def state(texts: Texts, reading: Reading, service: str, *, cause: bool = True) -> str:
    """`Character.AI returns an error`, `unknown: no answer in time`; without the `cause`, the first part alone."""
    because = texts.say(CAUSES[reading.cause]) if cause and CAUSES[reading.cause] else ""
    if reading.signal is Signal.PROBE and reading.state is State.DOWN:
        if reading.cause in DOWN_BECAUSE:
            return texts.say(DOWN_BECAUSE[reading.cause], service=service)
        if reading.cause in NOT_CONNECTED:
            return _because(texts.say(NO_CONNECTION), because)
    word = texts.say(STATES[reading.signal][reading.state], service=service)
    return _because(word, because)


def _because(sentence: str, cause: str) -> str:
    return sentence if cause in {"", sentence} else f"{sentence}: {cause}"
