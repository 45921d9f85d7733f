"""Other people's text made harmless: no mentions, no markdown, no masked links, no line breaks."""

import re

from bot.discord_ui.render.layout import shorten

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_MARKDOWN = re.compile(r"[\\*_~|`\[\]]|^[#>+-]")
_NUMBERED = re.compile(r"^(\d+)(?=[.)])")
_BREAKS_MENTION = "\u200b"


def plain(text: str, limit: int = 200) -> str:
    """One line of text as it was meant to be read, and nothing else."""
    line = _INVISIBLE.sub(" ", text)
    line = shorten(" ".join(line.split()), limit)
    # Not discord.py's escape_markdown: that leaves alone what stands in links, and a link is none any more here.
    escaped = _NUMBERED.sub(r"\1\\", _MARKDOWN.sub(r"\\\g<0>", line))
    escaped = escaped.replace("<", f"<{_BREAKS_MENTION}").replace("://", f":{_BREAKS_MENTION}//")
    return escaped.replace("@", f"@{_BREAKS_MENTION}")


def code(text: str) -> str:
    """Somebody's text as it is, within a line."""
    return f"`{text.replace('`', '')}`"


def code_block(text: str, limit: int) -> str:
    """Text to copy, in a code block that it cannot leave."""
    whole = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    safe = shorten(whole.replace("```", "'''"), limit)
    return f"```\n{safe}\n```"
