"""Settings from another server: what does not exist here is left out, and wrong values are kept for the parser."""

from typing import Any

import pytest

from bot.core.errors import InvalidValueError
from bot.core.imported_settings import fit

CHANNEL, THREAD, FORUM, ROLE, EVERYBODY, ELSEWHERE = "10", "11", "12", "20", "21", "99"


class Here:
    def has_channel(self, channel_id: int) -> bool:
        return str(channel_id) in {CHANNEL, FORUM}

    def has_place(self, channel_id: int) -> bool:
        return str(channel_id) in {CHANNEL, FORUM, THREAD}

    def has_writable_place(self, channel_id: int) -> bool:
        return str(channel_id) in {CHANNEL, THREAD}

    def has_role(self, role_id: int) -> bool:
        return str(role_id) in {ROLE, EVERYBODY}

    def is_everybody(self, role_id: int) -> bool:
        return str(role_id) == EVERYBODY


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"channels": [CHANNEL, THREAD, ELSEWHERE, ROLE]}, {"channels": [CHANNEL, THREAD]}),
        ({"denied_channels": [FORUM, ELSEWHERE]}, {"denied_channels": [FORUM]}),
        ({"roles": [ROLE, ELSEWHERE], "denied_roles": [CHANNEL]}, {"roles": [ROLE], "denied_roles": []}),
        ({"ignored_roles": [ROLE, ELSEWHERE], "ignored": ["1"]}, {"ignored_roles": [ROLE], "ignored": ["1"]}),
        ({"channels": ["x", 10, None, [CHANNEL]]}, {"channels": []}),
        ({"outage_channel": CHANNEL, "outage_role": ROLE}, {"outage_channel": CHANNEL, "outage_role": ROLE}),
        ({"outage_channel": THREAD, "outage_role": ELSEWHERE}, {"outage_channel": None, "outage_role": None}),
        ({"dry_run": THREAD, "channels": [CHANNEL]}, {"dry_run": THREAD, "channels": [CHANNEL]}),
        ({"dry_run": None, "channels": [CHANNEL]}, {"dry_run": None, "channels": [CHANNEL]}),
        (
            {"channels": "all", "outage_channel": 7, "dry_run": "x"},
            {"channels": "all", "outage_channel": 7, "dry_run": "x"},
        ),
        ({"cooldown": 60, "colour": 1}, {"cooldown": 60, "colour": 1}),
    ],
)
def test_what_is_not_here_is_left_out(given: dict[str, Any], kept: dict[str, Any]) -> None:
    before = dict(given)
    assert fit(given, Here(), None) == kept | {"automod": None}
    assert given == before


@pytest.mark.parametrize("lost", [ELSEWHERE, FORUM])
def test_a_dry_run_whose_channel_is_not_here_does_not_become_public_answers(lost: str) -> None:
    fitted = fit({"dry_run": lost, "channels": [CHANNEL]}, Here(), None)
    assert fitted["dry_run"] is None and fitted["channels"] == []


def test_everybody_cannot_be_called_by_an_import() -> None:
    assert fit({"roles": [EVERYBODY]}, Here(), None)["roles"] == [EVERYBODY]
    with pytest.raises(InvalidValueError) as error:
        fit({"outage_role": EVERYBODY}, Here(), None)
    assert error.value.field == "outage_role"


def test_the_automod_rule_is_this_servers_own() -> None:
    assert fit({"automod": "5"}, Here(), 7)["automod"] == "7"
    assert fit({"automod": "5"}, Here(), None)["automod"] is None
