"""Other people's text: links, mentions and invites in it become plain text."""

import pytest

from bot.discord_ui.render.escape import plain


@pytest.mark.parametrize(
    "text",
    [
        "join discord.gg/abcdef now",
        "DISCORD.GG/abcdef",
        "https://discord.gg/abcdef",
        "discord.com/invite/abcdef",
        "discordapp.com/invite/abcdef",
        "dis\u200bcord.gg/abcdef",
        "discord\u00ad.gg/abcdef",
        "(discord.gg/a)discord.gg/b",
    ],
)
def test_an_invite_to_a_server_is_none(text: str) -> None:
    shown = plain(text)
    for invite in ("discord.gg", "discord.com", "discordapp.com", "://"):
        assert invite not in shown.lower()
    assert "discord" in shown.lower(), "it can still be read"


def test_other_words_stay_as_they_are() -> None:
    assert plain("Discord. It is down.") == "Discord. It is down."
    assert plain("discord.") == "discord."
