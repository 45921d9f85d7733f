"""The JSON of change events: read as it was written, even with members of a newer version."""

import json
from dataclasses import asdict

from bot.core.outage_life import Outage, Phase
from bot.core.reports import Report
from bot.core.signals import Cause, Incident, Maintenance, Reading, Signal, State
from bot.usecases.cluster.events import as_outage, as_reading, as_report, readings


def through_json(value: object) -> object:
    return json.loads(json.dumps(value))


def test_a_reading_arrives_as_it_was_seen() -> None:
    incident = Incident("Errors", "investigating", "https://example.org/1", 5.0, "i1", State.UP)
    work = Maintenance("Upgrade", True, "https://example.org/2", 6.0, 9.0)
    link = "https://example.org"
    seen = Reading(Signal.OFFICIAL, State.DOWN, Cause.ANSWERED, 7.0, link, "all", (incident,), (work,))
    service, [document] = through_json(readings("s", [seen]))  # type: ignore[misc]
    assert service == "s" and as_reading(document) == seen
    assert as_reading(document).incidents[0].impact is State.UP
    assert as_reading({**document, "new": 1, "incidents": [{**document["incidents"][0], "new": 2}]}) == seen


def test_a_reading_of_an_older_version_arrives_without_what_it_did_not_know() -> None:
    seen = Reading(Signal.OFFICIAL, State.DOWN, Cause.ANSWERED, 7.0, incidents=(Incident("Errors", "investigating"),))
    _, [document] = through_json(readings("s", [seen]))  # type: ignore[misc]
    del document["maintenances"], document["incidents"][0]["id"], document["incidents"][0]["impact"]
    assert as_reading(document) == seen


def test_a_report_is_made_of_a_row_that_may_have_more_columns() -> None:
    report = Report(1, "s", 7, -5, "login", 1000, young=True)
    assert as_report({**report._asdict(), "more": 1}) == report


def test_an_outage_is_made_of_its_row_and_the_document_in_it() -> None:
    outage = Outage("s", Phase.ON, 100, id=5, detected=160, peak=9, symptoms={"login": 3})
    values = asdict(outage)
    columns = {name: values.pop(name) for name in ("service", "phase", "began", "id")}
    row = {**columns, "phase": "on", "document": json.dumps({**values, "new": 1}), "another": 2}
    assert as_outage(row) == outage
