"""The change log in words, the changes of an import, and the settings to copy."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.guild_settings import BY_NAME, NOBODY, Change, ChangeEntry
from bot.core.texts import Texts
from bot.discord_ui.render.escape import code_block, plain
from bot.discord_ui.render.layout import Card, Style, button, buttons
from bot.discord_ui.render.signals import when
from bot.discord_ui.setup.overview import MORE
from bot.discord_ui.setup.pages import back
from bot.discord_ui.setup.parts import Part, page
from bot.discord_ui.setup.values import Names, difference

UNDO, IMPORT = "setundo", "setimportyes"
_LONGEST_EXPORT = 3500


def log_card(
    texts: Texts, entries: Sequence[ChangeEntry], names: Names, can_undo: Callable[[Change], bool], notice: str = ""
) -> Card:
    """The change log, newest first. The newest change of each setting can be undone."""
    title = "## " + texts.say("Latest changes")
    parts: list[Part] = [f"{title}\n{notice}" if notice else title]
    if not entries:
        parts.append(texts.say("Nothing has been changed yet."))
    seen = set[str]()
    for entry in entries:
        who = f"<@{entry.moderator_id}>" if entry.moderator_id != NOBODY else "—"
        line = f"{when(entry.at)} {who}: {change_line(texts, entry.change, names)}"
        if entry.change.field not in seen and can_undo(entry.change):
            parts.append((line, button(texts.say("Undo"), UNDO, entry.change.field, str(entry.at))))
        else:
            parts.append(line)
        seen.add(entry.change.field)
    return page(*parts, buttons(back(texts, MORE)))


def change_line(texts: Texts, change: Change, names: Names) -> str:
    """The setting that changed, and its change."""
    field = BY_NAME.get(change.field)
    if field is None:  # a setting from another version
        return f"**{plain(change.field, 40)}**"
    return f"**{texts.say(field.label)}**: {difference(texts, field, change.before, change.after, names)}"


def import_card(texts: Texts, changes: Sequence[Change], left_out: Sequence[str], names: Names) -> Card:
    """The changes of an import, the parts that this server does not have, and the question whether to do it."""
    lines = ["## " + texts.say("Import settings")]
    if changes:
        lines += ["- " + change_line(texts, change, names) for change in changes]
    else:
        lines.append(texts.say("Nothing would change."))
    rest = ""
    if left_out:
        labels = ", ".join(texts.say(BY_NAME[name].label) for name in left_out)
        missing = texts.say("Left out, because this server doesn't have it: {settings}", settings=labels)
        rest = f"🚪 {missing}"
    yes = [button(texts.say("Import this"), IMPORT, style=Style.primary)] if changes else []
    return page("\n".join(lines), rest, buttons(*yes, button(texts.say("Cancel"), "setpage", MORE)))


def export_text(texts: Texts, document: Mapping[str, Any]) -> tuple[str, tuple[str, bytes] | None]:
    """The settings to copy, or a file if they are too long for a message."""
    sentence = texts.say("Keep this, or take it to another server with *Import*.")
    # A backtick would close the code block; JSON can escape it.
    members = (f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in document.items())
    text = "\n".join(("{", ",\n".join(members), "}")).replace("`", "\\u0060")
    if len(text) > _LONGEST_EXPORT:
        return sentence, ("notjustyou-settings.json", json.dumps(document, separators=(",", ":")).encode())
    return f"{sentence}\n{code_block(text, _LONGEST_EXPORT)}", None
