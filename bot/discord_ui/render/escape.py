"""Other people's text made harmless: no mentions, no markdown, no masked links, no line breaks."""

import re

import discord

from bot.discord_ui.render.layout import shorten

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_BREAKS_MENTION = "\u200b"


def plain(text: str, limit: int = 200) -> str:
    """One line of text as it was meant to be read, and nothing else."""
    line = _INVISIBLE.sub(" ", text)
    line = shorten(" ".join(line.split()), limit)
    escaped = discord.utils.escape_markdown(line, as_needed=False)
    escaped = escaped.replace("[", "\\[").replace("<", f"<{_BREAKS_MENTION}").replace("://", f":{_BREAKS_MENTION}//")
    return escaped.replace("@", f"@{_BREAKS_MENTION}")


def code(text: str) -> str:
    """Somebody's text as it is, within a line."""
    return f"`{text.replace('`', '')}`"


def code_block(text: str, limit: int) -> str:
    """Text to copy, in a code block that it cannot leave."""
    safe = shorten(text.replace("```", "'''"), limit)
    return f"```\n{safe}\n```"
