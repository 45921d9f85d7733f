"""The weekly card for moderators: what happened in their server, in numbers."""

from collections.abc import Mapping

from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card, card, heading
from bot.discord_ui.render.words import number
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.upkeep.weekly_summary import Week


def weekly_card(texts: Texts, week: Week) -> Card:
    """The card: a line for each number. It mentions no one and has no buttons."""
    lines = [heading(texts.say("The last 7 days"))]
    if week.quiet:
        lines.append(texts.say("A quiet week: no replies, no reports, no outages."))
    else:
        lines += [*_counted(texts, week), *unknown_lines(texts, week.unknown)]
    lines.append("-# " + texts.say("Counts only: no text is kept. To stop this card: `/setup` → *What I answer*."))
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


def unknown_lines(texts: Texts, unknown: Mapping[Unknown, int]) -> list[str]:
    """The questions that no kind of trouble covers, under a separate heading; empty if there were none."""
    lines = [_times(texts, how, unknown[how]) for how in Unknown if unknown.get(how)]
    return [heading(texts.say("Problems I didn't recognise")), *lines] if lines else []


def _times(texts: Texts, how: Unknown, times: int) -> str:
    shown = {"n": number(texts, times)}
    match how:
        case Unknown.MESSAGE:
            return texts.many(
                "**{n}** answered message didn't say what was wrong",
                "**{n}** answered messages didn't say what was wrong",
                times,
                **shown,
            )
        case Unknown.TYPED:
            return texts.many(
                "**{n}** time someone typed a problem that isn't in my list",
                "**{n}** times someone typed a problem that isn't in my list",
                times,
                **shown,
            )
        case Unknown.CHOSEN:
            return texts.many(
                "**{n}** time someone said that nothing in my list fits",
                "**{n}** times someone said that nothing in my list fits",
                times,
                **shown,
            )
