"""The change log in words, and the settings to copy."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.core.guild_settings import BY_NAME, NOBODY, ChangeEntry
from bot.core.texts import Texts
from bot.discord_ui.render.escape import code_block, plain
from bot.discord_ui.render.layout import heading
from bot.discord_ui.render.signals import when
from bot.discord_ui.setup.values import Names, difference

_LONGEST_EXPORT = 3500


def log_text(texts: Texts, entries: Sequence[ChangeEntry], names: Names) -> str:
    """The change log, newest first. Discord shows times and people for each reader."""
    if not entries:
        return texts.say("Nothing has been changed yet.")
    return "\n".join((heading(texts.say("Latest changes")), *(log_line(texts, entry, names) for entry in entries)))


def log_line(texts: Texts, entry: ChangeEntry, names: Names) -> str:
    """One change: when, who, which setting, and how it differs."""
    who = f"<@{entry.moderator_id}>" if entry.moderator_id != NOBODY else "—"
    change = entry.change
    field = BY_NAME.get(change.field)
    if field is None:  # a setting of another version
        return f"- {when(entry.at)} {who}: **{plain(change.field, 40)}**"
    told = difference(texts, field, change.before, change.after, names)
    return f"- {when(entry.at)} {who}: **{texts.say(field.label)}**: {told}"


def export_text(texts: Texts, document: Mapping[str, Any]) -> tuple[str, tuple[str, bytes] | None]:
    """The settings to copy, or a file if they are too long for a message."""
    sentence = texts.say("Keep this, or bring it to another server with *Import*.")
    # A backtick would end the code block; JSON can escape it.
    text = json.dumps(document, ensure_ascii=False, indent=1).replace("`", "\\u0060")
    if len(text) > _LONGEST_EXPORT:
        return sentence, ("notjustyou-settings.json", json.dumps(document, separators=(",", ":")).encode())
    return f"{sentence}\n{code_block(text, _LONGEST_EXPORT)}", None
