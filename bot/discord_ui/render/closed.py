"""Words for channels in which we cannot write."""

from bot.core.texts import Texts
from bot.usecases.servers.ports import ClosedChannel


def closed_text(texts: Texts, closed: ClosedChannel) -> str:
    """What moderators are told, once, and read in `/setup` while it is so."""
    channel = f"<#{closed.channel_id}>"
    if closed.gone:
        return "🚪 " + texts.say(
            "{channel} is gone, so I say nothing there. Choose another with `/setup`.", channel=channel
        )
    told = texts.say(
        "I may not write in {channel}, so I say nothing there until that changes. `/setup` names what is missing.",
        channel=channel,
    )
    return "🚪 " + told
