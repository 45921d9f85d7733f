"""Makes other people's text harmless: no mentions, no Markdown, no links, no invites to servers, no line breaks."""

import re
import unicodedata

from bot.discord_ui.render.layout import shorten

# Characters that end a line or are invisible: by Unicode category, and blank ones that are not spaces.
_ENDS_LINE = frozenset({"Cc", "Zl", "Zp"})
_INVISIBLE = frozenset({"Cf", "Cs"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_MARKDOWN = re.compile(r"[\\*_~|`\[\]]")
_LINE_START = re.compile(r"^([#>+-]|\d+(?=[.)]))")
_INVITE = re.compile(r"(discord(?:app)?)\.(?=[a-z])", re.IGNORECASE)
"""Discord turns `discord.gg/…` and similar links into an invite, even without a scheme."""
_LONGEST_READ = 20_000
_BREAKS_MENTION = "\u200b"


def plain(text: str, limit: int = 200) -> str:
    """One line of plain text. Escaped, it may be twice as long as `limit`.

    Each character is escaped. discord.py's function looks for whole constructs, so it misses those in links.
    """
    line = "".join(map(_visible, text[:_LONGEST_READ]))
    line = shorten(" ".join(line.split()), limit)
    escaped = _MARKDOWN.sub(r"\\\g<0>", line)
    escaped = _LINE_START.sub(_escape_start, escaped)
    escaped = escaped.replace("<", f"<{_BREAKS_MENTION}").replace("://", f":{_BREAKS_MENTION}//")
    escaped = _INVITE.sub(rf"\1.{_BREAKS_MENTION}", escaped)
    return escaped.replace("@", f"@{_BREAKS_MENTION}")


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind in _ENDS_LINE:
        return " "
    return "" if kind in _INVISIBLE or character in _BLANK else character


def _escape_start(match: re.Match[str]) -> str:
    start = match[0]
    return f"{start}\\" if start.isdigit() else f"\\{start}"


def code(text: str) -> str:
    """A person's text unchanged, as inline code."""
    return f"`{text.replace('`', '')}`"


def code_block(text: str, limit: int) -> str:
    """Text to copy, in a code block that the text cannot close."""
    whole = text.encode("utf-8", "replace").decode()  # half a character (a lone surrogate) cannot be sent
    safe = shorten(whole.replace("```", "'''"), limit)
    return f"```\n{safe}\n```"
