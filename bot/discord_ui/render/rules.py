"""Rules as text: the reason why a message is answered, or would have been."""

from collections.abc import Mapping, Sequence

from bot.core.mentions import MentionKind
from bot.core.own_phrases import phrase_rule
from bot.core.service import Nature
from bot.core.texts import N_, Texts
from bot.discord_ui.render.escape import code
from bot.discord_ui.render.layout import Card, Style, button, buttons, note
from bot.usecases.replies.judge_replies import ASKED, AUTOMOD

DRY_RIGHT, DRY_WRONG = "dryright", "drywrong"
KINDS: Mapping[str, str] = {
    MentionKind.ERROR: N_("quotes an error message"),
    MentionKind.LOGIN: N_("says that they can't get in"),
    MentionKind.QUESTION: N_("asks whether others have it, too"),
    MentionKind.SYMPTOM: N_("says that the service isn't working"),
    Nature.LIMIT: N_("is about a limit, not an outage"),
    Nature.ACCOUNT: N_("is about an account, not an outage"),
    Nature.FILTER: N_("is about the content filter, not an outage"),
    Nature.WALL: N_("is about a check against bots, not an outage"),
    Nature.DEVICE: N_("is about a device, not an outage"),
    ASKED: N_("mentions the bot"),
    AUTOMOD: N_("flagged by AutoMod"),
}


def rule_off_text(texts: Texts, rule: str, phrases: Sequence[str]) -> str:
    """The line for moderators when a rule turned itself off."""
    own = next((code(phrase) for phrase in phrases if phrase_rule(phrase) == rule), None)
    name = own or (texts.say(KINDS[rule]) if rule in KINDS else texts.say("one of your own phrases"))
    return texts.say(
        "I no longer answer here for this reason: {rule}. It was marked as wrong too often. A moderator can turn it on "
        "again: `/setup` → *What I answer* → *Turn rules on again*.",
        rule=name,
    )


def dry_run_text(texts: Texts, url: str, rule: str, confidence: float | None) -> str:
    """The line for moderators in a dry run, instead of a reply: a link to the message, never its text."""
    why = texts.say(KINDS[rule]) if rule in KINDS else texts.say("one of your own phrases")
    sentence = texts.say("I would have answered {message}: {why}", message=url, why=why)
    if confidence is None:
        return sentence
    return f"{sentence} " + texts.say("({percent}% sure)", percent=int(100 * confidence))


def dry_run_card(texts: Texts, url: str, rule: str, confidence: float | None) -> Card:
    """The dry-run line, with the question whether it would have been right."""
    right = button(texts.say("Right"), DRY_RIGHT, rule, style=Style.success)
    wrong = button(texts.say("Wrong"), DRY_WRONG, rule, style=Style.danger)
    return note(dry_run_text(texts, url, rule, confidence), rows=[buttons(right, wrong)])


def judged_text(texts: Texts, line: str, moderator_id: int, *, right: bool, turned_off: bool) -> str:
    """The dry-run line after a moderator judged it."""
    who = f"<@{moderator_id}>"
    state = (
        "✅ " + texts.say("Right, says {who}.", who=who) if right else "❌ " + texts.say("Wrong, says {who}.", who=who)
    )
    off = " " + texts.say("It was wrong too often here, so it is off in this server from now on.") if turned_off else ""
    return f"{line}\n-# {state}{off}"
