"""Other people's text made harmless: no mentions, no markdown, no masked links, no line breaks."""

import re
import unicodedata

from bot.discord_ui.render.layout import shorten

# Characters that end a line or hide: by their kind in Unicode, and those that are blank without being a space.
_ENDS_LINE = frozenset({"Cc", "Zl", "Zp"})
_HIDDEN = frozenset({"Cf", "Cs"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MARKDOWN = re.compile(r"[\\*_~|`\[\]]")
_LINE_START = re.compile(r"^([#>+-]|\d+(?=[.)]))")
_LONGEST_READ = 20_000
_BREAKS_MENTION = "\u200b"


def plain(text: str, limit: int = 200) -> str:
    """One line of text as it was meant to be read, and nothing else. It may be twice as long as `limit` when escaped.

    Escaped character by character: what looks for whole constructs, as discord.py does, leaves those in links alone.
    """
    line = "".join(map(_visible, text[:_LONGEST_READ]))
    line = shorten(" ".join(line.split()), limit)
    escaped = _MARKDOWN.sub(r"\\\g<0>", line)
    escaped = _LINE_START.sub(_escape_start, escaped)
    escaped = escaped.replace("<", f"<{_BREAKS_MENTION}").replace("://", f":{_BREAKS_MENTION}//")
    return escaped.replace("@", f"@{_BREAKS_MENTION}")


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _ENDS_LINE:
        return " "
    return "" if kind in _HIDDEN or character in _BLANK else character


def _escape_start(found: re.Match[str]) -> str:
    start = found[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def code(text: str) -> str:
    """Somebody's text as it is, within a line."""
    return f"`{text.replace('`', '')}`"


def code_block(text: str, limit: int) -> str:
    """Text to copy, in a code block that it cannot leave."""
    whole = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    safe = shorten(whole.replace("```", "'''"), limit)
    return f"```\n{safe}\n```"
