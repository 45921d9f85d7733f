"""Webhook events of an outage: each change once, no small numbers, and a signature that receivers can check."""

import base64
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from bot.core.outage_life import Outage, Phase
from bot.core.webhook_secret import key_of
from bot.core.webhooks import EventType, WebhookMessage, document, event_type, headers, message_id, receiver_of
from tests.usecases.fakes import a_service

START = 1_790_000_000
ON = Outage(
    "examplia",
    Phase.ON,
    START,
    id=7,
    detected=START + 300,
    seen=START + 600,
    recent=41,
    peak=43,
    usual=1.3,
    widespread=True,
)
RECOVERING = replace(ON, phase=Phase.RECOVERING, ended=START + 3600, recent=3, seen=START + 4000)
OVER = replace(RECOVERING, phase=Phase.OVER, recent=0, official_at=START + 900, seen=START + 6000)
SUSPECTED = replace(ON, phase=Phase.SUSPECTED, detected=None)
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
DOCS = (Path(__file__).parents[2] / "docs" / "operators" / "webhooks.md").read_text()
BLOCKS = [block.split("```")[0] for block in DOCS.split("```json\n")[1:]]
SCHEMA = json.loads(BLOCKS[1])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, ON, EventType.ANNOUNCED),
        (SUSPECTED, ON, EventType.ANNOUNCED),
        (ON, replace(ON, seen=START + 660, recent=50), None),
        (ON, replace(ON, official_at=START + 900), EventType.UPDATED),
        (replace(ON, widespread=False), ON, EventType.UPDATED),
        (ON, RECOVERING, EventType.RECOVERING),
        (RECOVERING, OVER, EventType.ENDED),
        (ON, OVER, EventType.ENDED),
        (RECOVERING, ON, EventType.UPDATED),
        (OVER, ON, EventType.UPDATED),
        (OVER, replace(OVER, final=True), None),
        (OVER, replace(OVER, official_at=START + 5000), EventType.UPDATED),
        (None, SUSPECTED, None),
        (SUSPECTED, replace(SUSPECTED, phase=Phase.DISMISSED), None),
        (SUSPECTED, OVER, None),
        (None, replace(ON, guild_id=5), None),
    ],
)
def test_which_turns_are_told(before: Outage | None, after: Outage, expected: EventType | None) -> None:
    assert event_type(before, after) is expected


def event_of(kind: EventType, outage: Outage) -> Any:
    return json.loads(document(kind, a_service(), outage))


def test_the_docs_show_what_is_sent() -> None:
    example = event_of(EventType.ANNOUNCED, ON)
    shown = json.dumps(example, indent=2)
    assert BLOCKS[0].strip() == shown, f"docs/operators/webhooks.md should have:\n{shown}"
    for number, one in enumerate(EventType):
        assert f"`{one}`" in DOCS and SCHEMA["properties"]["type"]["enum"][number] == one


@given(
    outage=st.builds(
        Outage,
        service=st.just("examplia"),
        phase=st.sampled_from([Phase.ON, Phase.RECOVERING, Phase.OVER]),
        began=st.integers(START, START + 60),
        detected=st.none() | st.integers(START + 60, START + 120),
        ended=st.none() | st.integers(START + 120, START + 180),
        seen=st.integers(START + 180, START + 240),
        recent=st.integers(0, 40),
        peak=st.integers(0, 40),
        usual=st.floats(0, 40),
        official_at=st.none() | st.integers(START, START + 240),
        episodes=st.integers(1, 5),
        widespread=st.booleans(),
    ),
    kind=st.sampled_from(EventType),
)
def test_whatever_is_sent_fits_the_schema_and_names_no_few_people(outage: Outage, kind: EventType) -> None:
    event = event_of(kind, outage)
    jsonschema.validate(event, SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    assert not {1, 2, 3, 4} & set(event["data"]["people"].values())


def test_all_messages_of_an_outage_name_it_alike_and_differ_otherwise() -> None:
    outages = (ON, RECOVERING, OVER, replace(OVER, official_at=START + 5000))
    documents = [document(EventType.UPDATED, a_service(), one) for one in outages]
    assert len({json.loads(one)["data"]["outage"] for one in documents}) == 1
    assert len({message_id(one) for one in documents}) == len(documents)
    assert message_id(documents[0]) == message_id(document(EventType.UPDATED, a_service(), ON))


def test_others_can_check_the_signature() -> None:
    text = document(EventType.ANNOUNCED, replace(a_service(), name="Exämplia"), ON)
    sent = headers(key_of(SECRET), WebhookMessage("r", message_id(text), text, START), int(time.time()))
    assert Webhook(SECRET).verify(text, sent) == json.loads(text)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(SECRET).verify(text.replace("on", "off"), sent)


def test_the_name_of_a_receiver_does_not_tell_its_address() -> None:
    name = receiver_of("https://example.org/hooks/a-secret")
    assert len(name) == 16 and "secret" not in name and name != receiver_of("https://example.org/hooks/another")
