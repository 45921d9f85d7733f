"""The weekly card for moderators: what happened in their server, in numbers."""

from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card, card, heading
from bot.discord_ui.render.words import number
from bot.usecases.reports.count_steps import Unknown
from bot.usecases.upkeep.weekly_summary import Week


def weekly_card(texts: Texts, week: Week) -> Card:
    """The card: a line for each number. It calls nobody and has no buttons."""
    lines = [heading(texts.say("The last 7 days"))]
    if week.quiet:
        lines.append(texts.say("A quiet week: no replies, no reports, no outages."))
    else:
        lines += [*_counted(texts, week), *_unknown(texts, week)]
    lines.append("-# " + texts.say("Counts only: no text is kept. `/setup` → *What it answers* turns this off."))
    return card("\n".join(lines))


def _counted(texts: Texts, week: Week) -> list[str]:
    replies, wrong, people, outages = (
        {"n": number(texts, n)} for n in (week.replies, week.wrong, week.people, week.outages)
    )
    return [
        texts.many("**{n}** auto-reply", "**{n}** auto-replies", week.replies, **replies),
        texts.many("**{n}** reply marked as wrong", "**{n}** replies marked as wrong", week.wrong, **wrong),
        texts.many("**{n}** person reported a problem", "**{n}** people reported a problem", week.people, **people),
        texts.many("**{n}** outage", "**{n}** outages", week.outages, **outages),
    ]


def _unknown(texts: Texts, week: Week) -> list[str]:
    """What people asked that no kind of trouble covers, under a heading of its own; nothing if there was nothing."""
    lines = [_times(texts, how, week.unknown[how]) for how in Unknown if week.unknown.get(how)]
    return [heading(texts.say("Problems I don't know")), *lines] if lines else []


def _times(texts: Texts, how: Unknown, times: int) -> str:
    shown = {"n": number(texts, times)}
    match how:
        case Unknown.MESSAGE:
            return texts.many(
                "**{n}** message I answered didn't name the problem",
                "**{n}** messages I answered didn't name the problem",
                times,
                **shown,
            )
        case Unknown.TYPED:
            return texts.many(
                "**{n}** time someone typed a problem that isn't in the list",
                "**{n}** times someone typed a problem that isn't in the list",
                times,
                **shown,
            )
        case Unknown.CHOSEN:
            return texts.many(
                "**{n}** time someone said that nothing in the list fits",
                "**{n}** times someone said that nothing in the list fits",
                times,
                **shown,
            )
