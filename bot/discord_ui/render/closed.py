"""The text about a channel in which we cannot write."""

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
