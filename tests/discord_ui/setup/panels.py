"""The state of `/setup` for a server in which nothing is missing."""

from bot.core.gone import Gone
from bot.core.guild_settings import GuildSettings
from bot.core.service import Service
from bot.discord_ui.setup.state import Panel


def fine_panel(service: Service) -> Panel:
    """No setting is changed, and nothing is missing."""
    return Panel(
        settings=GuildSettings(),
        service=service,
        names={},
        has_message_text=True,
        missing={},
        lacking={},
        open_to_all=(),
        may_call_role=True,
        closed=(),
        scores={},
        resting={},
        refused=(),
        gone=Gone(),
        left_out=(),
        away=False,
        nonce="1a",
    )
