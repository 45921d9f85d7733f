"""Permissions are checked before values: a person who may not change a setting does not learn the expected value.

The client makes presses and forms, so any member can send any of them with any values. Every handler of `/setup` is
tried with values that even moderators may not choose.
"""

from typing import Any, cast

import pytest

from bot.core.guild_settings import BY_NAME, FIELDS
from bot.core.setting_kinds import Switch
from bot.discord_ui.setup.commands import SetupCommands
from bot.discord_ui.setup.forms import is_typed
from bot.discord_ui.setup.simulate import SetupSimulation
from bot.discord_ui.setup.sources import AutoModCommands
from bot.discord_ui.setup.transfer import SetupTransfer
from bot.discord_ui.setup.trial import TrialCommands, TryPhrases
from tests.e2e.conftest import Town
from tests.loopback import Interaction, Message, User
from tests.loopback.people import COMPONENT, MODAL

pytestmark = pytest.mark.asyncio(loop_scope="package")

COGS: list[Any] = [
    cog.__new__(cog)
    for cog in cast(
        "list[Any]", [SetupCommands, SetupTransfer, SetupSimulation, AutoModCommands, TrialCommands, TryPhrases]
    )
]
CHOSEN = [field.name for field in FIELDS if field.page and not is_typed(field) and not isinstance(field.kind, Switch)]
PRESSES = sorted(
    {action for cog in COGS for action in cog.handlers()}
    | {f"set:{field.name}:{field.page}:1" for field in FIELDS}
    | {f"setswitch:{field.name}:{field.page}:on" for field in FIELDS}
    | {f"setform:{field.name}:{field.page}" for field in FIELDS}
)
TYPED: dict[str, dict[str, str]] = {
    "quiet_hours": {"start": "25:00", "end": "7:00", "zone": "Nowhere/Here"},
    "reactions": {"reactions": "no emoji"},
    "phrases": {"phrases": "/(/"},
    "helpline": {"helpline": "[here](https://example.com)"},
}
FORMS = {
    **{f"setform:{name}:{BY_NAME[name].page}": typed for name, typed in TYPED.items()},
    "setimport": {"document": "{"},
    "settry": {"text": "is cai down?", "place": "nonsense"},
}


async def press(town: Town, user: User, card: Message, action: str, values: list[str] | None) -> Interaction:
    data: dict[str, Any] = {"custom_id": f"n1:{action}", "component_type": 3, "id": 1, "values": values or []}
    made = Interaction(town.world, COMPONENT, user, card.channel, data, message=card, label=action)
    return await user._send(made, True)


async def fill(town: Town, user: User, card: Message, action: str, typed: dict[str, Any]) -> Interaction:
    rows = [{"type": 18, "id": n, "component": one} for n, one in enumerate(typed.values(), 1)]
    data = {"custom_id": f"n1:{action}", "components": rows}
    opened = Interaction(town.world, COMPONENT, user, card.channel, {"custom_id": f"n1:{action}form"}, message=card)
    made = Interaction(town.world, MODAL, user, card.channel, data, message=card, label=action, opened_by=opened)
    return await user._send(made, True)


def fields(typed: dict[str, str]) -> dict[str, Any]:
    return {name: {"type": 4, "id": 50, "custom_id": name, "value": value} for name, value in typed.items()}


def refused(made: Interaction, name: str) -> bool:
    """Whether the panel says, with the setting's name, that this cannot be."""
    return made.ephemeral and f"⚠️ {BY_NAME[name].label}: " in made.text


async def panel(town: Town) -> tuple[Any, Message]:
    """A server's owner, and their panel."""
    channel = town.channel()
    owner: Any = channel.guild.owner
    return owner, await (await owner.slash(channel, "setup")).wait_response()


async def test_a_member_with_wrong_values_hears_of_the_right_and_of_nothing_else(town: Town) -> None:
    _, card = await panel(town)
    eve = town.user()
    tried = {action: await press(town, eve, card, action, ["nonsense"]) for action in PRESSES}
    tried |= {f"{action} (empty)": await press(town, eve, card, action, None) for action in PRESSES}
    tried |= {action: await fill(town, eve, card, action, fields(typed)) for action, typed in FORMS.items()}
    empty = {name: {"type": 3, "id": 50, "custom_id": name, "values": []} for name in ("start", "phrases")}
    tried |= {f"{action} (empty)": await fill(town, eve, card, action, empty) for action in FORMS}
    shown = {action: made.text for action, made in tried.items() if made.modal is not None or not made.ephemeral}
    assert shown == {}
    assert {action: made.text for action, made in tried.items() if "Manage Server" not in made.text} == {}
    assert town.rows("SELECT * FROM guild_settings WHERE guild_id = ?", card.channel.guild_id) == []


async def test_a_moderator_with_wrong_values_hears_what_they_should_be(town: Town) -> None:
    """So the values above are wrong: who may change nothing must not get as far as this."""
    owner, card = await panel(town)
    refusals: dict[str, bool] = {}
    for name in CHOSEN:
        refusals[name] = refused(await press(town, owner, card, f"set:{name}:main:1", ["nonsense"]), name)
    for name, typed in TYPED.items():
        refusals[name] = refused(await fill(town, owner, card, f"setform:{name}:main", fields(typed)), name)
    assert [name for name, right in refusals.items() if not right] == []
    assert "That isn't an export" in (await fill(town, owner, card, "setimport", fields({"document": "{"}))).text


async def test_every_form_has_values_here() -> None:
    assert {action for cog in COGS for action in cog.forms()} == {action.split(":")[0] for action in FORMS}
    assert TYPED.keys() == {field.name for field in FIELDS if is_typed(field)}
