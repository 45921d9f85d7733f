"""The first lines of a card: the verdict, how many and since when, and what to do. Also the colour at its edge."""

from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY
from bot.core.signals import FRESH_FOR
from bot.core.texts import N_, Texts
from bot.core.verdict import Confidence, Word
from bot.discord_ui.render import words
from bot.discord_ui.render.layout import Edge
from bot.discord_ui.render.outage import although, held, lasted, named_symptoms, nothing_to_fix
from bot.discord_ui.render.signals import calm
from bot.usecases.reports.answer_help import HelpAnswer

FADED = N_("Fewer reports, but our own check still fails")
FADED_BY_PAGE = N_("Fewer reports, but the official page still shows problems")
FADED_AND_UNSURE = N_("Fewer reports, but it may not be over")
UNDER_MAINTENANCE = N_("No one else has reported this, but maintenance is in progress")
UNSEEN = N_("We can't tell yet whether it's just you")
_EDGES = {
    Word.NOT_JUST_YOU: Edge.OUTAGE,
    Word.SOME_OTHERS: Edge.SOME,
    Word.SERVICE_SAYS_SO: Edge.SOME,
    Word.NOBODY_ELSE: Edge.CALM,
    Word.BACK_TO_NORMAL: Edge.BACK,
}


def edge(answer: HelpAnswer) -> Edge:
    """The colour of the state; never better or worse than the headline."""
    if has_faded(answer) or maintained(answer):
        return Edge.SOME
    return Edge.UNKNOWN if unseen(answer) else _EDGES[answer.verdict.word]


def has_faded(answer: HelpAnswer) -> bool:
    """Whether there is an outage that only the other signals still show."""
    return answer.outage is not None and answer.outage.phase is Phase.ON and answer.outage.faded is not None


def unseen(answer: HelpAnswer) -> bool:
    """Whether there are no other reports and no readable sources: this does not mean that all is calm."""
    if answer.verdict.word is not Word.NOBODY_ELSE or not answer.seen:
        return False
    fresh = answer.at - FRESH_FOR
    return not any(seen is not None and seen.now.known and seen.now.at > fresh for seen in answer.seen.values())


def maintained(answer: HelpAnswer) -> bool:
    """Whether there are no other reports, but the official page says that maintenance is in progress."""
    return answer.verdict.maintenance and answer.verdict.word is Word.NOBODY_ELSE


def waiting_helps(answer: HelpAnswer) -> bool:
    """Whether the trouble is the service's: then the steps are behind a button, not on the card."""
    return answer.verdict.trouble or has_faded(answer) or maintained(answer)


def others_have_it(answer: HelpAnswer) -> bool:
    """Whether others report it, too, or an outage is on: else nobody can have it "too"."""
    return answer.tally.others > 0 or (answer.outage is not None and answer.outage.phase is Phase.ON)


def headline(texts: Texts, answer: HelpAnswer) -> str:
    """The verdict in a few words."""
    if answer.outage is not None and has_faded(answer):
        return texts.say(held(answer.outage, FADED, FADED_BY_PAGE, FADED_AND_UNSURE))
    if maintained(answer):
        return texts.say(UNDER_MAINTENANCE)
    return texts.say(UNSEEN) if unseen(answer) else words.headline(texts, answer.verdict)


def opening(texts: Texts, answer: HelpAnswer, *more: str, symptoms: bool = True, timed: bool = True) -> tuple[str, str]:
    """The verdict, how many, and what to do; and in small type since when, how sure, and `more`.

    It is for a card that is never edited. `timed` states the time, unless a picture on the card does.
    """
    lines = [f"## {headline(texts, answer)}", *counted(texts, answer), *what_to_do(texts, answer)]
    lines += words.failing_too(texts, answer.too)
    named = named_symptoms(texts, answer.service, answer.tally.symptoms) if symptoms and answer.back is None else ""
    small = ["-# " + texts.say("Most common: {symptoms}.", symptoms=named)] if named else []
    small.append("-# " + " ".join(facts(texts, answer, timed=timed)))
    return "\n".join(lines), "\n".join(filter(None, (*small, *more)))


def counted(texts: Texts, answer: HelpAnswer, *, exact: bool = True) -> list[str]:
    """The number in a sentence, unless the headline already states it."""
    if answer.back is not None:
        first, *more = how_long(texts, answer, answer.back)
        return [f"**{answer.service.name}**: {first}", *more]
    if has_faded(answer):
        return []
    return [f"{reported(texts, answer, exact=exact)}."] if answer.tally.everywhere.quarter else []


def what_to_do(texts: Texts, answer: HelpAnswer) -> list[str]:
    """Advice for the person who asks, one sentence per line."""
    about_it = [] if answer.thread is None else [talk(texts, answer.thread)]
    if answer.back is not None:
        return about_it
    if answer.outage is not None and has_faded(answer):
        since = words.at(answer.outage.faded or answer.outage.seen)
        few = texts.say("Few people have reported it since {when}.", when=since)
        return [f"{_whose_fault(texts, answer)} {few}" if answer.outage.still else few]
    if about_it and answer.verdict.word is Word.NOT_JUST_YOU:
        return [" ".join((_whose_fault(texts, answer), *about_it))]
    return [_advice(texts, answer)]


def maintenance_may_be_why(texts: Texts) -> str:
    """A note about maintenance if the headline does not mention it."""
    return texts.say("The official page reports maintenance: that may be why.")


def talk(texts: Texts, thread: int) -> str:
    """The link to the thread where people write about it."""
    return texts.say("Talk about it in {thread}.", thread=f"<#{thread}>")


def _advice(texts: Texts, answer: HelpAnswer) -> str:
    if answer.verdict.word is Word.NOT_JUST_YOU:
        return nothing_to_fix(texts, answer.typical, answer.outage, first=_whose_fault(texts, answer))
    if answer.verdict.trouble:
        return _whose_fault(texts, answer)
    if unseen(answer):
        return texts.say("We can't check {service} itself right now.", service=answer.service.name)
    if maintained(answer):
        return texts.say("That may be why it fails for you.")
    if answer.verdict.maintenance:
        return maintenance_may_be_why(texts)
    alone = answer.verdict.word is Word.NOBODY_ELSE
    return texts.say("It may be just you, or you're the first.") if alone else texts.say("That may be a coincidence.")


def _whose_fault(texts: Texts, answer: HelpAnswer) -> str:
    """The sentence that the fault is the service's, no surer than the verdict."""
    if answer.verdict.confidence is Confidence.HIGH:
        return texts.say("Nothing to fix on your side.")
    return texts.say("Most likely it's their servers, not you.")


def reported(texts: Texts, answer: HelpAnswer, *, exact: bool = True) -> str:
    """`**41 people** in 12 servers report trouble with Character.AI`."""
    tally, service, count = answer.tally, answer.service.name, answer.tally.everywhere.quarter
    people = f"**{words.people(texts, count, exact=exact)}**"
    servers = words.servers(texts, tally.servers, exact=exact) if tally.servers > 1 else ""
    several = count if exact else max(count, 2)  # "a few people" are several
    return words.report_trouble(texts, people, several, service, servers)


def facts(texts: Texts, answer: HelpAnswer, *, exact: bool = True, timed: bool = True) -> list[str]:
    """The meaning of the number, its time, the usual number, the beginning of the trouble, and the confidence."""
    why = words.why(texts, answer.verdict, answer.tally)
    return [*_number(texts, answer, exact=exact, timed=timed), *([why] if why else [])]


def _number(texts: Texts, answer: HelpAnswer, *, exact: bool, timed: bool) -> list[str]:
    if answer.back is not None:
        return [f"{answer.service.name}: {calm(texts, answer, answer.back)}."]
    count, usual = _window(texts, answer, exact=exact), answer.tally.usual
    count = words.as_of(texts, count, answer.at) if timed else count
    # Zero reports only mean something if the usual number is high.
    compared = usual is not None and (usual >= 1 or answer.tally.everywhere.quarter > 0)
    count = f"{count}; {words.usually(texts, usual, exact=exact)}." if compared and usual is not None else f"{count}."
    if answer.outage is None or answer.outage.phase is not Phase.ON:
        return [count]
    # No age, because it would keep growing beside a fixed count.
    return [count, texts.say("It began about {when}.", when=_began(answer, answer.outage.began))]


def _window(texts: Texts, answer: HelpAnswer, *, exact: bool) -> str:
    """What was counted, and in which time span."""
    if not answer.tally.everywhere.quarter:
        return texts.say("{service}: no reports in the last 15 minutes", service=answer.service.name)
    if has_faded(answer):
        people = words.people(texts, answer.tally.everywhere.quarter, exact=exact)
        return texts.say("{people} in the last 15 minutes", people=people)
    return texts.say("Counted in the last 15 minutes")


def how_long(texts: Texts, answer: HelpAnswer, outage: Outage) -> list[str]:
    """The duration of the outage after which the service looks back to normal."""
    if outage.unstable:
        return lasted(texts, outage)
    time, began = words.duration(texts, outage.lasted), _began(answer, outage.began)
    sentence = texts.say("The outage began about {when} and lasted about {lasted}.", when=began, lasted=time)
    return [sentence, *although(texts, outage)]


def _began(answer: HelpAnswer, began: int) -> str:
    return words.at(began) if answer.at - began < DAY / 2 else words.day_and_time(began)
