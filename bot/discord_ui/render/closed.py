"""The texts for moderators about a channel in which we cannot write, and about roles that were deleted."""

from bot.core.texts import Texts
from bot.usecases.servers.ports import ClosedChannel


def closed_text(texts: Texts, closed: ClosedChannel) -> str:
    """The text for moderators: sent once, and shown in `/setup` while the channel is closed."""
    channel = f"<#{closed.channel_id}>"
    if closed.gone:
        return "🚪 " + texts.say(
            "{channel} is gone, so I say nothing there. Choose another with `/setup`.", channel=channel
        )
    sentence = texts.say(
        "I may not write in {channel}, so I say nothing there until that changes. `/setup` names what is missing.",
        channel=channel,
    )
    return "🚪 " + sentence


def roles_gone_text(texts: Texts) -> str:
    """The text for moderators when all roles that are answered were deleted: sent once, and shown in `/setup`."""
    sentence = texts.say(
        "All roles of *Only these roles* in `/setup` were deleted, so **nobody is answered**. "
        "Choose others, or drop them: then everybody is answered."
    )
    return "⚠️ " + sentence
