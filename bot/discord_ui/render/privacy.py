"""The card of `/privacy`: what is stored and for how long, with buttons to export and delete one's own data."""

from bot.core.reports import DAY
from bot.core.texts import Texts
from bot.discord_ui.render.layout import Card, Style, button, buttons, card, heading
from bot.usecases.upkeep.forget import PersonalData
from bot.usecases.upkeep.retention import REPORTS_KEPT_FOR


def privacy_card(texts: Texts, kept: PersonalData, notice: str = "") -> Card:
    """What is stored about everybody, and about this person. `notice` says what was just done."""
    days = REPORTS_KEPT_FOR // DAY
    rules = "\n".join(
        (
            "## " + texts.say("What is kept, and for how long"),
            "- "
            + texts.say(
                "Your reports: service, symptom, server and time, with a scrambled number (keyed hash) instead of "
                "your id. "
                "Deleted after {days} days.",
                days=days,
            ),
            "- " + texts.say("Counts per hour without any person, for what is usual. Deleted after 31 days."),
            "- "
            + texts.say(
                "If you asked to be told when it's back: your id, until you are called, or for 7 days at most."
            ),
            "- " + texts.say("That you want no auto-replies, if you said so, as a keyed hash."),
            "- " + texts.say("Whom moderators told me to leave alone, as keyed hashes, as long as the settings."),
            "- " + texts.say("That you called a reply wrong, as a keyed hash. Deleted after 30 days."),
            "- " + texts.say("For moderators: who changed which setting, with your id, as long as the settings."),
            "- " + texts.say("What you write in messages or in the support form is never kept."),
        )
    )
    reports = texts.many("{n} report of yours is kept.", "{n} reports of yours are kept.", kept.reports)
    made = texts.many("{n} change of settings names you.", "{n} changes of settings name you.", kept.changes)
    waits = texts.many("You wait for {n} service.", "You wait for {n} services.", kept.waits)
    ignored = _ignored(texts, kept.ignored)
    some = ((kept.changes, made), (kept.waits, waits), (kept.ignored, ignored), (kept.votes, _votes(texts, kept.votes)))
    about = " ".join((reports, *(sentence for number, sentence in some if number)))
    replies = (
        texts.say("You get no auto-replies.")
        if kept.opted_out
        else texts.say("You may get auto-replies where moderators turned them on.")
    )
    toggle = (
        button(texts.say("Reply to me again"), "replies", "on")
        if kept.opted_out
        else button(texts.say("Don't reply to me"), "replies", "off")
    )
    return card(
        rules,
        "\n".join((heading(texts.say("About you")), f"{about} {replies}")),
        notice,
        rows=[
            buttons(
                button(texts.say("Export mine"), "export"),
                button(texts.say("Delete mine"), "delete", style=Style.danger),
                toggle,
            )
        ],
    )


def delete_card(texts: Texts, kept: PersonalData) -> Card:
    """What *Delete mine* would delete, what stays, and whether to do it."""
    goes = [
        texts.many(
            "{n} report of yours, also from all counts.", "{n} reports of yours, also from all counts.", kept.reports
        )
    ]
    if kept.waits:
        goes.append(texts.say("Your wish to be told when it's back: I will not call you."))
    if kept.changes:
        goes.append(texts.say("Your name in the change log of `/setup`. The changes stay, without it."))
    stays: list[str] = []
    if kept.opted_out:
        stays.append(texts.say("That you want no auto-replies. *Reply to me again* ends it."))
    if kept.ignored:
        stays.append(_ignored(texts, kept.ignored) + " " + texts.say("That is theirs to change, so it stays."))
    if kept.votes:
        stays.append(
            _votes(texts, kept.votes) + " " + texts.say("That stays for 30 days, so that nobody counts twice.")
        )
    lines = [
        "## " + texts.say("Delete what I keep about you?"),
        texts.say("**This goes**, and nobody can bring it back:"),
    ]
    lines += [f"- {one}" for one in goes]
    if stays:
        lines += [texts.say("**This stays**:"), *(f"- {one}" for one in stays)]
    sure = button(texts.say("Delete it"), "deleteyes", style=Style.danger)
    return card("\n".join(lines), rows=[buttons(sure, button(texts.say("Keep it"), "privacy"))])


def deleted(texts: Texts, reports: int, kept: PersonalData) -> str:
    """The text after deleting: what was deleted, and what is still stored."""
    notice = [texts.many("Deleted: {n} report of yours.", "Deleted: {n} reports of yours.", reports)]
    if kept.votes:
        notice.append(
            _votes(texts, kept.votes) + " " + texts.say("That stays for 30 days, so that nobody counts twice.")
        )
    if kept.ignored:
        notice.append(_ignored(texts, kept.ignored) + " " + texts.say("That is theirs to change, so it stays."))
    elif kept.opted_out:
        notice.append(texts.say("You still get no auto-replies; that wish is all that is kept."))
    elif not kept.votes:
        notice.append(texts.say("Nothing else about you was kept."))
    return " ".join(notice)


def _votes(texts: Texts, rules: int) -> str:
    return texts.many(
        "You called replies of {n} rule wrong lately.", "You called replies of {n} rules wrong lately.", rules
    )


def _ignored(texts: Texts, servers: int) -> str:
    return texts.many(
        "The moderators of {n} server told me to leave you alone.",
        "The moderators of {n} servers told me to leave you alone.",
        servers,
    )
