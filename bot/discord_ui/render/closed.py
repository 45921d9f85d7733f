"""The texts for moderators about a channel in which we cannot write, and about roles that were deleted."""

from bot.core.texts import Texts
from bot.usecases.servers.ports import ClosedChannel


def closed_text(texts: Texts, closed: ClosedChannel) -> str:
    """The text for moderators, which is sent once."""
    line = closed_line(texts, closed)
    return line if closed.gone else f"{line} " + texts.say("`/setup` shows what is missing.")


def closed_line(texts: Texts, closed: ClosedChannel) -> str:
    """The line in `/setup` while the channel is closed."""
    channel = f"<#{closed.channel_id}>"
    if closed.gone:
        return texts.say(
            "{channel} is gone, so I can't post there any more. Choose another with `/setup`.", channel=channel
        )
    return texts.say(
        "I'm not allowed to write in {channel}, so I stay silent there until that changes.", channel=channel
    )


def roles_gone_text(texts: Texts) -> str:
    """The text for moderators if all roles that are answered were deleted: sent once, and shown in `/setup`."""
    return texts.say(
        "All roles of *Only these roles* in `/setup` were deleted, so **I answer no one**. "
        "Choose other roles, or none to answer everyone."
    )
