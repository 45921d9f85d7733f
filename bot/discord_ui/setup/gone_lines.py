"""What the pages of `/setup` say of channels and roles that were deleted, and the button that drops them."""

from collections.abc import Collection, Mapping
from typing import Any

from discord import ui

from bot.core.gone import CHANNEL_FIELDS, ROLE_FIELDS, Gone, answers_nobody
from bot.core.guild_settings import GuildSettings
from bot.core.texts import N_, Texts
from bot.discord_ui.render.closed import roles_gone_text
from bot.discord_ui.render.layout import Style, button

EVERYWHERE = (*CHANNEL_FIELDS, *ROLE_FIELDS)
_NAMES: Mapping[str, str] = {
    "channels": N_("Auto-replies"),
    "denied_channels": N_("Channels left out"),
    "roles": N_("Only these roles"),
    "denied_roles": N_("Roles left out"),
    "ignored_roles": N_("Ignored everywhere"),
    "dry_run": N_("Dry run"),
    "outage_channel": N_("Outages"),
    "outage_role": N_("Role to call"),
    "helpers": N_("Helper roles"),
    "distress_channel": N_("People in distress"),
}


def gone_lines(texts: Texts, settings: GuildSettings, gone: Gone, fields: Collection[str]) -> list[str]:
    """One line for each channel or role that is gone, and what follows from it."""
    lines: list[str] = []
    for kind, ids in ((CHANNEL_FIELDS, sorted(gone.channels)), (ROLE_FIELDS, sorted(gone.roles))):
        for number in ids:
            places = [texts.say(_NAMES[f]) for f in kind if f in fields and number in gone.named_in(settings, f)]
            if places:
                thing = mention(number, role=kind is ROLE_FIELDS)
                sentence = texts.say(
                    "{thing} was deleted, but is still set: {places}", thing=thing, places=", ".join(places)
                )
                lines.append(f"🚪 {sentence}")
    if "roles" in fields and answers_nobody(settings, gone):
        lines.append(roles_gone_text(texts))
    if "dry_run" in fields and gone.named_in(settings, "dry_run"):
        lines.append(
            "⚠️ "
            + texts.say(
                "The channel of the dry run was deleted, so **nobody is told anything**. "
                "Choose another, or drop it: then people get replies."
            )
        )
    return lines


def left_out_lines(texts: Texts, left_out: Collection[str]) -> list[str]:
    """What was chosen just now, and was deleted meanwhile."""
    return ["🚪 " + texts.say("{thing} was deleted, so it was left out.", thing=thing) for thing in left_out]


def drop_buttons(
    texts: Texts, settings: GuildSettings, gone: Gone, fields: Collection[str], page: str
) -> list[ui.Button[Any]]:
    """The button that drops what is gone, if these settings name anything that is."""
    if not any(gone.named_in(settings, field) for field in fields):
        return []
    return [button(texts.say("Drop what was deleted"), "setdropgone", page, style=Style.danger)]


def mention(number: int, *, role: bool = False) -> str:
    """A channel or role. Discord shows deleted ones without a name, so the id stands beside it."""
    return f"<@&{number}> (`{number}`)" if role else f"<#{number}> (`{number}`)"
