"""`/privacy` in words: the data stored about a person, what deleting removes, and what stays."""

from typing import Any

from bot.discord_ui.render.privacy import delete_card, deleted, privacy_card
from bot.usecases.upkeep.forget import PersonalData
from tests.cards.measure import buttons_of, texts_of
from tests.resources import resources

TEXTS = resources().languages.texts("en")
STAYS = "Only they can change that, so it stays."


def kept(**more: Any) -> PersonalData:
    nothing = {"reports": 0, "changes": 0, "opted_out": False, "waits": 0, "ignored": 0, "votes": 0, "document": {}}
    return PersonalData(**{**nothing, **more})  # pyright: ignore[reportArgumentType]


def about(**more: Any) -> str:
    """The line about the person."""
    lines = texts_of(privacy_card(TEXTS, kept(**more)))
    return lines[lines.index("### About you") + 1]


def test_what_is_kept_about_a_person_is_counted_and_nothing_is_told_of_what_is_not() -> None:
    assert about() == "I have no reports from you. You may get auto-replies where moderators turned them on."
    text = about(reports=1, changes=2, waits=1, ignored=1, votes=3)
    for sentence in (
        "I have 1 report from you.",
        "You changed settings 2 times.",
        "You're waiting for 1 service.",
        "The moderators of 1 server told me to ignore you.",
        "You recently marked replies of 3 kinds as wrong.",
    ):
        assert sentence in text and sentence not in about()


def test_who_wants_no_replies_is_told_so_and_offered_the_way_back() -> None:
    assert about(opted_out=True).endswith("You get no auto-replies.")
    offered = [buttons_of(privacy_card(TEXTS, kept(opted_out=out)))[-1] for out in (True, False)]
    assert offered == ["Reply to me again", "Don't reply to me"]


def listed(**more: Any) -> tuple[list[str], list[str]]:
    """What *Delete mine* says that goes, and what stays."""
    lines = [line for line in texts_of(delete_card(TEXTS, kept(**more))) if line.startswith(("- ", "**This"))]
    heads = [number for number, line in enumerate(lines) if line.startswith("**This")]
    return lines[1 : heads[1] if len(heads) > 1 else None], lines[heads[1] + 1 :] if len(heads) > 1 else []


def test_before_deleting_it_is_said_what_goes_and_what_stays() -> None:
    assert listed(reports=2) == (["- 2 reports of yours, also from all counts."], [])
    goes, stays = listed(reports=1, waits=1, changes=1, opted_out=True, ignored=1, votes=1)
    assert len(goes) == len(stays) == 3
    assert STAYS in stays[1] and "so that nobody counts twice" in stays[2]


def test_after_deleting_it_is_said_what_is_still_kept() -> None:
    assert deleted(TEXTS, 3, kept()) == "Deleted: 3 reports of yours. Nothing else about you was kept."
    assert deleted(TEXTS, 1, kept(opted_out=True)).endswith("You still won't get auto-replies.")
    voted = deleted(TEXTS, 1, kept(votes=1))
    assert "so that nobody counts twice" in voted and "Nothing else" not in voted
    ignored = deleted(TEXTS, 1, kept(ignored=1, opted_out=True))
    assert "Only moderators can change what they set, so it stays." in ignored and "Nothing else" not in ignored
