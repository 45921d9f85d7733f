"""The bot with a discord.py in which, for our check, all private parts have changed."""

import asyncio

from bot.cli.configured import configured
from bot.discord_ui.connection import internals
from bot.run import run


def main() -> None:
    internals.verify = lambda: {part: ["something is gone"] for part in internals.Capability}
    asyncio.run(run(configured(need_token=True)))


if __name__ == "__main__":
    main()
