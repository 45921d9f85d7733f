"""The card of `/privacy`: what is stored and for how long, with buttons to export and delete one's own data."""

from bot.core.reports import DAY
from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, card, heading
from bot.usecases.upkeep.forget import PersonalData
from bot.usecases.upkeep.retention import REPORTS_KEPT_FOR


def privacy_card(texts: Texts, kept: PersonalData, notice: str = "") -> Card:
    """The data stored about everyone, and about this person.

    `notice`, the result of the last action, replaces the rules.
    """
    reports = texts.say("I have no reports from you.")
    if kept.reports:
        reports = texts.many("I have {n} report from you.", "I have {n} reports from you.", kept.reports)
    made = texts.many("You changed a setting {n} time.", "You changed settings {n} times.", kept.changes)
    waits = texts.many("You're waiting for {n} service.", "You're waiting for {n} services.", kept.waits)
    ignored = _ignored(texts, kept.ignored)
    some = ((kept.changes, made), (kept.waits, waits), (kept.ignored, ignored), (kept.votes, _votes(texts, kept.votes)))
    about = " ".join((reports, *(sentence for number, sentence in some if number)))
    replies = (
        texts.say("You get no auto-replies.")
        if kept.opted_out
        else texts.say("You may get auto-replies where moderators turned them on.")
    )
    return card(
        "" if notice else _rules(texts),
        "\n".join((heading(texts.say("About you")), f"{about} {replies}")),
        notice,
        rows=[_actions(texts, opted_out=kept.opted_out)],
    )


def _rules(texts: Texts) -> str:
    days = REPORTS_KEPT_FOR // DAY
    return "\n".join(
        (
            "## " + texts.say("What is kept, and for how long"),
            "- "
            + texts.say(
                "Your reports: service, kind of trouble, server and time, with a scrambled number (keyed hash) instead "
                "of your id. For {days} days.",
                days=days,
            ),
            "- " + texts.say("Counts per hour, without people, to know what is usual. For 31 days."),
            "- "
            + texts.say("If you asked to be told when it's back: your id, until I've pinged you. For 7 days at most."),
            "- " + texts.say("That you marked a reply as wrong, scrambled. For 30 days."),
            "- " + texts.say("That you want no auto-replies, or that moderators told me to ignore you, scrambled."),
            "- "
            + texts.say("For moderators: which settings you changed, with your id, while the server has settings."),
            "- " + texts.say("What you write in messages or in the support form is never kept."),
        )
    )


def _actions(texts: Texts, *, opted_out: bool) -> Row:
    on, off = texts.say("Reply to me again"), texts.say("Don't reply to me")
    return buttons(
        button(texts.say("Export mine"), "export"),
        button(texts.say("Delete mine"), "delete", style=Style.danger),
        button(on, "replies", "on") if opted_out else button(off, "replies", "off"),
    )


def delete_card(texts: Texts, kept: PersonalData) -> Card:
    """The data that *Delete mine* would delete, the data that stays, and the question whether to do it."""
    goes = [
        texts.many(
            "{n} report of yours, also from all counts.", "{n} reports of yours, also from all counts.", kept.reports
        )
    ]
    if kept.waits:
        goes.append(texts.say("Your request to be told when it's back: I won't ping you."))
    if kept.changes:
        goes.append(texts.say("Your name in the change log of `/setup`. The changes stay, without it."))
    stays: list[str] = []
    if kept.opted_out:
        stays.append(texts.say("That you want no auto-replies. *Reply to me again* ends it."))
    if kept.ignored:
        stays.append(_ignored(texts, kept.ignored) + " " + texts.say("Only they can change that, so it stays."))
    if kept.votes:
        stays.append(
            _votes(texts, kept.votes) + " " + texts.say("That stays for 30 days, so that nobody counts twice.")
        )
    lines = [
        "## " + texts.say("Delete what I keep about you?"),
        texts.say("**This is deleted** for good:"),
    ]
    lines += [f"- {one}" for one in goes]
    kept_on = [texts.say("**This stays**:"), *(f"- {one}" for one in stays)] if stays else []
    sure = button(texts.say("Delete it"), "deleteyes", style=Style.danger)
    return card(("\n".join(lines), "\n".join(kept_on)), rows=[buttons(sure, button(texts.say("Keep it"), "privacy"))])


def deleted(texts: Texts, reports: int, kept: PersonalData) -> str:
    """The text after deletion: what was deleted, and why the data named above on the card is still stored."""
    notice = [texts.many("Deleted: {n} report of yours.", "Deleted: {n} reports of yours.", reports)]
    if kept.votes:
        notice.append(texts.say("That you marked replies as wrong stays for 30 days, so that nobody counts twice."))
    if kept.ignored:
        notice.append(texts.say("Only moderators can change what they set, so it stays."))
    if kept.opted_out:
        notice.append(texts.say("You still won't get auto-replies."))
    if not (kept.votes or kept.ignored or kept.opted_out):
        notice.append(texts.say("Nothing else about you was kept."))
    return " ".join(notice)


def _votes(texts: Texts, rules: int) -> str:
    return texts.many(
        "You recently marked replies of {n} kind as wrong.", "You recently marked replies of {n} kinds as wrong.", rules
    )


def _ignored(texts: Texts, servers: int) -> str:
    return texts.many(
        "The moderators of {n} server told me to ignore you.",
        "The moderators of {n} servers told me to ignore you.",
        servers,
    )
