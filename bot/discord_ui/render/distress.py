"""The notice for moderators about a person in distress, and the server's own text that they can have sent."""

from bot.core.texts import Texts
from bot.discord_ui.render.escape import plain
from bot.discord_ui.render.layout import Card, Row, Style, button, buttons, note

SEND = "care"


def distress_card(texts: Texts, url: str, channel_id: int, message_id: int | None, *, helpline: bool) -> Card:
    """The notice: a link and a sentence, never the message's text. With a `helpline` text, a button to have it sent."""
    lines = [
        texts.say("Someone may not be okay: {message}", message=url),
        texts.say("I didn't answer there. A message from a person helps more than anything I could say."),
    ]
    rows: list[Row] = []
    if helpline and message_id is not None:
        label = texts.say("Send them the server's text")
        rows.append(buttons(button(label, SEND, str(channel_id), str(message_id), style=Style.primary)))
    return note("\n".join(lines), rows=rows)


def sent_card(texts: Texts, url: str) -> Card:
    """The notice after the server's text was sent."""
    return note(
        "\n".join(
            (
                texts.say("Someone may not be okay: {message}", message=url),
                texts.say("The server's text was sent to them as a direct message."),
            )
        )
    )


def helpline_card(texts: Texts, server: str, helpline: str) -> Card:
    """The direct message: the server's name, then its text."""
    return note("\n".join((texts.say("From the moderators of {server}:", server=plain(server, 100)), helpline)))
