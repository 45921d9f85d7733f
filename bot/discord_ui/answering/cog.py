"""The base of our cogs: commands and listeners, with their presses, forms and menus."""

from collections.abc import Mapping, Sequence

from discord.app_commands import ContextMenu
from discord.ext import commands

from bot.discord_ui.answering.interceptor import Interceptor
from bot.discord_ui.answering.router import Handler


class FeatureCog(commands.Cog):
    """A part of a feature that is added to a client."""

    def handlers(self) -> Mapping[str, Handler]:
        """The handlers of buttons and menus, by action."""
        return {}

    def forms(self) -> Mapping[str, Handler]:
        """The handlers of forms, by action."""
        return {}

    def menus(self) -> Sequence[ContextMenu]:
        """Commands in the menu of a message."""
        return ()

    def interceptors(self) -> Sequence[Interceptor]:
        """The interceptors, which see events before discord.py does."""
        return ()
