"""The messages about an outage for a server: the announcement in all its phases, and the other posts."""

from collections.abc import Mapping, Sequence
from typing import Any

from discord import ui

from bot.core.outage_life import ONGOING, OPEN, Outage, Phase
from bot.core.posts import Post, PostKind
from bot.core.service import Service
from bot.core.signals import Signal
from bot.core.texts import N_, Texts
from bot.discord_ui.render import words
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import (
    MAX_TEXT,
    Card,
    Edge,
    Picture,
    Row,
    Style,
    button,
    buttons,
    card,
    disabled,
    note,
    shorten,
)
from bot.discord_ui.render.signals import going_on

HEADLINES: Mapping[Phase, str] = {
    Phase.SUSPECTED: N_("{service}: some people report trouble"),
    Phase.ON: N_("{service}: it's not just you"),
    Phase.RECOVERING: N_("{service}: looks back to normal"),
    Phase.OVER: N_("{service}: the outage is over"),
    Phase.DISMISSED: N_("{service}: no outage after all"),
}
FADED = N_("{service}: fewer reports, but our own check still fails")
FADED_BY_PAGE = N_("{service}: fewer reports, but the official page still shows problems")
FADED_AND_UNSURE = N_("{service}: fewer reports, but it may not be over")
"""The headlines while other signals hold the all-clear back."""

STILL_FAILS: Mapping[Signal, str] = {
    Signal.PROBE: N_("Our own check still fails."),
    Signal.OFFICIAL: N_("The official page still shows problems."),
}
EDGES: Mapping[Phase, Edge] = {
    Phase.SUSPECTED: Edge.SOME,
    Phase.ON: Edge.OUTAGE,
    Phase.RECOVERING: Edge.BACK,
    Phase.OVER: Edge.BACK,
    Phase.DISMISSED: Edge.CALM,
}
_MOST_SYMPTOMS = 2
MAX_THREAD_NAME = 100
_LONGEST_TITLE, _LONGEST_WORK = 45, 30


def announcement(
    texts: Texts,
    service: Service,
    outage: Outage,
    post: Post,
    *,
    picture: Picture | None = None,
    role: int | None = None,
    typical: int | None = None,
    too: Sequence[str] = (),
) -> Card:
    """The announcement of an outage. `role` is mentioned; most outages were over within `typical` seconds.

    `too` are the names of other services that fail at the same time.
    """
    lines = [simulated(texts)] if outage.simulated else []
    lines.append("## " + headline(texts, service, outage))
    lines += story(texts, service, outage, typical, timed=picture is None)
    lines += words.failing_too(texts, too)
    if role is not None:
        lines.append(f"<@&{role}>")
    rows, edge = _rows(texts, service, outage, post), Edge.SOME if _held(outage) else EDGES[outage.phase]
    return card("\n".join(lines), rows=rows, picture=picture, edge=edge)


def headline(texts: Texts, service: Service, outage: Outage) -> str:
    """The state of an outage in a few words."""
    sentence = held(outage, FADED, FADED_BY_PAGE, FADED_AND_UNSURE) if _held(outage) else HEADLINES[outage.phase]
    return texts.say(sentence, service=service.name)


def held(outage: Outage, probe: str, page: str, unsure: str) -> str:
    """One of three sentences: for what holds the all-clear back."""
    if not outage.still:
        return unsure
    return probe if Signal.PROBE in outage.still else page


def _held(outage: Outage) -> bool:
    """Whether only signals other than people still show it."""
    return outage.phase is Phase.ON and outage.faded is not None


def nothing_to_fix(texts: Texts, typical: int | None, outage: Outage | None, *, first: str = "") -> str:
    """Sentence that the reader cannot fix it (or the less certain `first`), with the typical duration, if known."""
    advice = first or texts.say("Nothing to fix on your side.")
    if typical is None:
        return f"{advice} " + texts.say("Waiting helps most.")
    if outage is not None and outage.lasted > typical:
        return f"{advice} " + texts.say("This one has already lasted longer than most.")
    return f"{advice} " + texts.say("Most outages end within {time}.", time=words.duration(texts, typical))


def simulated(texts: Texts) -> str:
    """The line that marks posts of a simulated outage."""
    return "**" + texts.say("Simulation by a moderator: nothing is wrong.") + "** 🧪"


def story(
    texts: Texts, service: Service, outage: Outage, typical: int | None = None, *, timed: bool = True
) -> list[str]:
    """The facts about an outage, one sentence per line. A count has its time unless a picture shows it (`timed`)."""
    peak = words.people(texts, outage.peak)
    if outage.phase is Phase.DISMISSED:
        return [texts.say("For a while, more people than usual reported trouble: {people} at the peak.", people=peak)]
    if _held(outage):
        lines = [*faded(texts, outage), f"-# {_since(texts, outage)}"]
    elif outage.phase in ONGOING:
        lines = _ongoing(texts, outage, typical, timed=timed)
    else:
        lines = [
            *lasted(texts, outage),
            texts.say("Peak: {people} in 15 minutes, at {when}.", people=peak, when=words.at(peak_at(outage))),
        ]
    now = outage.phase in ONGOING and outage.faded is None
    recent = outage.recent_symptoms if now else None
    if symptoms := named_symptoms(texts, service, outage.symptoms if recent is None else recent):
        most = N_("Most common: {symptoms}.") if now else N_("Most common at the peak: {symptoms}.")
        lines.append("-# " + texts.say(most, symptoms=symptoms))
    if outage.phase in OPEN and outage.maintenance:
        line = going_on(texts, outage.maintenance, outage.maintenance_ends, outage.seen, _LONGEST_WORK)
        lines.append("-# " + line)
    if not outage.simulated and (sentence := official(texts, service, outage)):
        lines.append("-# " + sentence)
    return lines


def _ongoing(texts: Texts, outage: Outage, typical: int | None, *, timed: bool) -> list[str]:
    people = f"**{words.people(texts, outage.recent)}**"
    recent = texts.say("{people} reported trouble in the last 15 minutes.", people=people)
    if outage.phase is Phase.SUSPECTED:
        meaning = texts.say("It may still be a coincidence. I'll keep this message up to date.")
        meaning = f"{_still_fails(texts, outage)} {meaning}" if outage.still else meaning
    else:
        meaning = nothing_to_fix(texts, typical, outage)
    usual = words.usually(texts, outage.usual)
    counted = texts.say("Counted at {when}", when=words.at(outage.seen))
    number = f"{counted}; {usual}" if timed else usual[:1].upper() + usual[1:]
    return [recent, meaning, f"-# {number}. {_since(texts, outage)}"]


def peak_at(outage: Outage) -> int:
    """The time of the peak, never after the end, although the 15 minutes of the count can reach beyond it."""
    return outage.peak_at if outage.ended is None else min(outage.peak_at, outage.ended)


def faded(texts: Texts, outage: Outage) -> list[str]:
    """The reason why it is not over although hardly anyone still reports it."""
    since = words.at(outage.seen if outage.faded is None else outage.faded)
    few = texts.say("Few people have reported it since {when}; some may be asleep or have given up.", when=since)
    return [few] if len(outage.still) == 1 else [few, _still_fails(texts, outage)]  # the headline names a single signal


def _still_fails(texts: Texts, outage: Outage) -> str:
    if not outage.still:
        return texts.say("It's not certain yet that it works again.")
    if len(outage.still) > 1:
        return texts.say("Our own check and the official page still show problems.")
    return texts.say(STILL_FAILS[Signal.PROBE if Signal.PROBE in outage.still else Signal.OFFICIAL])


def _since(texts: Texts, outage: Outage) -> str:
    began = words.at(outage.began)
    if not outage.unstable:
        # No age, because it would keep growing beside a count that waits for its next edit.
        return texts.say("It began about {when}.", when=began)
    times = texts.many("{n} time", "{n} times", outage.episodes)
    return texts.say("It has failed {times} since about {when}.", when=began, times=times)


def lasted(texts: Texts, outage: Outage) -> list[str]:
    """How long it failed, and the remaining trouble."""
    ended = words.at(outage.began if outage.ended is None else outage.ended)
    time, began = words.duration(texts, outage.lasted), words.at(outage.began)
    if outage.unwatched:
        blind = words.duration(texts, outage.unwatched)
        sentence = texts.say("It lasted at least **{lasted}**, starting at {began}.", lasted=time, began=began)
        lines = [
            " ".join((sentence, texts.say("We couldn't watch for {time} after {ended}.", ended=ended, time=blind)))
        ]
    elif outage.unstable:
        times = texts.many("{n} time", "{n} times", outage.episodes)
        lines = [
            texts.say(
                "It failed {times} between {began} and {ended}, for about **{lasted}** in all.",
                times=times,
                began=began,
                ended=ended,
                lasted=time,
            )
        ]
    else:
        lines = [
            texts.say("It lasted about **{lasted}**, from {began} to {ended}.", lasted=time, began=began, ended=ended)
        ]
    if outage.phase is Phase.RECOVERING and outage.unstable:
        steady = words.duration(texts, outage.steady_after)
        lines.append(texts.say("It may fail again. It counts as over after {time} without trouble.", time=steady))
    return [*lines, *although(texts, outage)]


def although(texts: Texts, outage: Outage) -> list[str]:
    """What speaks against an all-clear that was given nevertheless, and why it was; nothing if nothing does."""
    if not outage.still:
        return []
    nevertheless = texts.say("But reports are back to the usual level.")
    return [f"{_still_fails(texts, outage)} {nevertheless}"]


def official(texts: Texts, service: Service, outage: Outage) -> str:
    """The official page's post, and after the outage how much earlier or later we were; "" without a page."""
    said_already = outage.official_at is None and Signal.OFFICIAL in outage.still
    if said_already or not any(source.signal is Signal.OFFICIAL for source in service.sources):
        return ""
    if outage.official_at is None:
        if outage.official_older:
            return texts.say("The official page says nothing new about it, only of older trouble.")
        if outage.official_read:
            return texts.say("The official page says nothing about it.")
        return texts.say("We couldn't read an official status page.")
    title = plain(outage.official_title, _LONGEST_TITLE)
    sentence = (
        texts.say("The official page: “{title}”.", title=title)
        if title
        else texts.say("The official page confirms it.")
    )
    lead = outage.lead
    if lead is None or outage.phase in ONGOING:  # who was first matters when it is over
        return sentence
    time = words.duration(texts, abs(lead))
    reason = (
        texts.say("They posted {time} after we noticed.", time=time)
        if lead >= 0
        else texts.say("They posted {time} before we noticed.", time=time)
    )
    return f"{sentence} {reason}"


def named_symptoms(texts: Texts, service: Service, symptoms: Mapping[str, int]) -> str:
    """`12 × Login, 3 × Chats`, the most frequent first."""
    most = sorted(symptoms.items(), key=lambda item: -item[1])[:_MOST_SYMPTOMS]
    return ", ".join(
        f"{words.number(texts, count)} × {symptom.name(texts.language)}"
        for symptom_id, count in most
        if (symptom := service.symptom(symptom_id)) is not None
    )


def message(texts: Texts, service: Service, outage: Outage, post: Post, role: int | None) -> Card:
    """A post that is never edited: a role mention, a reminder, a mention of subscribers, a summary."""
    lines = [simulated(texts)] if outage.simulated else []
    link = _back_row(texts, service, outage, post)
    match post.kind:
        case PostKind.PING:
            name = texts.say(HEADLINES[Phase.ON], service=service.name)
            lines.append(f"<@&{role}> {name}." if role else f"{name}.")
        case PostKind.END:
            lines.append(_called(texts, service, outage))
        case PostKind.REOPENED:
            lines.append(texts.say("{service} is failing again. This thread is open again.", service=service.name))
        case PostKind.REMINDER if _held(outage):
            lines += [f"{headline(texts, service, outage)}.", *faded(texts, outage)]
        case PostKind.REMINDER:
            people, at = words.people(texts, outage.recent), words.at(outage.seen)
            sentence = texts.say(
                "{service} still has trouble: {people} reported it in the 15 minutes before {when}.",
                service=service.name,
                people=people,
                when=at,
            )
            lines.append(sentence)
        case PostKind.CALL:
            people = " ".join(f"<@{person}>" for person in post.people)
            lines.append(f"{people} {_called(texts, service, outage)}")
        case _:
            lines += [texts.say("**It's over. I'm closing this thread.**"), *story(texts, service, outage)]
    return note(shorten("\n".join(lines), MAX_TEXT), rows=[link])


def _called(texts: Texts, service: Service, outage: Outage) -> str:
    if outage.phase is Phase.DISMISSED:
        return texts.say("The trouble with {service} passed; it didn't become an outage.", service=service.name)
    sentence = texts.say("{service} looks back to normal.", service=service.name)
    lasted = words.duration(texts, outage.lasted)
    sentences = [
        sentence,
        texts.say("It lasted at least {lasted}.", lasted=lasted)
        if outage.unwatched
        else texts.say("It lasted about {lasted}.", lasted=lasted),
    ]
    return " ".join((*sentences, *although(texts, outage)))


def thread_name(texts: Texts, service: Service, outage: Outage) -> str:
    """The name of the thread; without a time, as readers have different time zones."""
    name = texts.say("{service}: what people see", service=service.name)
    return shorten(f"🧪 {name}" if outage.simulated else name, MAX_THREAD_NAME)


def _rows(texts: Texts, service: Service, outage: Outage, post: Post) -> list[Row]:
    """One main action; *Works for me again* comes with the answer to a report, and with *What helps?*."""
    mark = str(post.id)
    guide = button(texts.say("What helps?"), "help", service.id, mark)
    if outage.phase in {Phase.SUSPECTED, Phase.ON}:
        too = button(texts.say("I have this too"), "too", service.id, mark, style=Style.primary)
        made = [too, guide, back_button(texts, service, outage, post)]
    else:
        made = [still_button(texts, service, mark), guide]
    if outage.simulated:  # a simulation must not count
        made[0] = disabled(made[0])
    return [buttons(*made)]


def still_button(texts: Texts, service: Service, *mark: str) -> ui.Button[Any]:
    """*Still broken for me*, the first button after an outage."""
    return button(texts.say("Still broken for me"), "too", service.id, *mark)


def back_button(texts: Texts, service: Service, outage: Outage | None, post: Post | None = None) -> ui.Button[Any]:
    """*Tell me when it's back*."""
    scope = outage.id if outage is not None and outage.simulated else 0
    return button(texts.say("Tell me when it's back"), "back", service.id, str(scope), str(post.id if post else 0))


def _back_row(texts: Texts, service: Service, outage: Outage, post: Post) -> Row:
    if post.kind in {PostKind.CALL, PostKind.SUMMARY, PostKind.END}:
        still = still_button(texts, service, str(post.id))
        return buttons(disabled(still) if outage.simulated else still)
    return buttons(back_button(texts, service, outage, post))
