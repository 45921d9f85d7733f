"""Feeds as providers really write them: the state, title and times of incidents."""

from datetime import UTC, datetime
from html import escape

import pytest

from bot.core.service import Source
from bot.core.signals import Cause, Reading, Signal, State
from bot.status.page import reading_of
from bot.status.providers import feed

AT = datetime(2026, 3, 1, 13, tzinfo=UTC).timestamp()
SOURCE = Source(Signal.OFFICIAL, "feed", "https://status.example.org/history.rss")
SITE = "https://status.example.org"


def item(
    body: str = "",
    *,
    title: str = "Chats fail",
    link: str = f"{SITE}/incidents/1",
    date: str = "12:00:00",
    more: str = "",
) -> str:
    """An entry of today; `date` is the time of day, or a whole date."""
    when = date if "," in date else f"Sun, 01 Mar 2026 {date} +0000"
    return (
        f"<item><title>{title}</title><description>{escape(body)}</description><pubDate>{when}</pubDate>"
        f"<link>{link}</link>{more}</item>"
    )


def read(*items: str) -> Reading:
    rss = f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><link>{SITE}</link>{"".join(items)}'
    document = feed.decode(f"{rss}</channel></rss>".encode())
    return reading_of(SOURCE, feed.page(SOURCE, [document], AT), AT)


@pytest.mark.parametrize(
    ("entry", "state"),
    [
        (item("<p><small>Mar 1</small><br /><strong>Investigating</strong> - We look.</p>"), State.DEGRADED),
        (item("<b>Status: Monitoring</b><br/><br/>It is better.<ul><li>Chat (Operational)</li></ul>"), State.DEGRADED),
        (item("<b>Status: Resolved</b><br/>Over.<b>Affected components</b><ul><li>Chat</li></ul>"), State.UP),
        (item("<strong class='x'><em>Resolved</em></strong> - Over."), State.UP),
        (item("Resolved - The outage is over."), State.UP),
        (item("<p>Status: Identified</p><p>It will be resolved soon.</p>"), State.DEGRADED),
        (item(title="[Resolved] Chats fail"), State.UP),
        (item(title="Resolved - Chats fail"), State.UP),
        (item(title="Service is operating normally: [RESOLVED] Chats fail", link=f"{SITE}/"), State.UP),
        (item(title="Service disruption: Chats fail", link=f"{SITE}/"), State.DEGRADED),
        (item("<strong>Not resolved yet</strong>"), State.UNKNOWN),
        (item("We have not resolved it, and an <b>outage</b> goes on."), State.UNKNOWN),
        (item(title="Unresolved: chats fail"), State.UNKNOWN),
    ],
)
def test_how_far_an_incident_is_stands_where_the_makers_write_it(entry: str, state: State) -> None:
    assert read(entry).state is state


def test_an_entry_that_does_not_say_how_far_it_is_leaves_the_state_unknown_until_it_is_old() -> None:
    over = item("<strong>Resolved</strong> - Over.", link=f"{SITE}/incidents/2")

    fresh = read(item("Some words."), over)
    old = read(item("Some words.", date="Sun, 01 Feb 2026 12:00:00 +0000"), over)

    assert (fresh.state, fresh.cause, fresh.detail) == (State.UNKNOWN, Cause.UNKNOWN_VALUE, "Chats fail")
    assert old.state is State.UP


def test_entries_that_link_to_the_whole_page_are_told_apart_by_what_they_are_about() -> None:
    entries = [
        item(title="Service is operating normally: [RESOLVED] Chats fail", link=SITE, date="12:30:00"),
        item(title="Service disruption: Chats fail", link=SITE, date="12:00:00"),
        item(title="Performance issues: Search [Investigating]", link=SITE, date="11:00:00"),
    ]

    reading = read(*entries)

    assert [(one.title, one.state) for one in reading.incidents] == [
        ("Performance issues: Search [Investigating]", "investigating")
    ]


def test_a_title_is_shown_without_html_on_one_line() -> None:
    reading = read(item("<b>Identified</b>", title="<![CDATA[<b>Chats</b> fail\n &amp; more]]>"))

    assert [one.title for one in reading.incidents] == ["Chats fail & more"]


def test_maintenance_has_the_times_that_statuspage_writes() -> None:
    text = "<p><strong>THIS IS A SCHEDULED EVENT Mar 1, 14:00 - 16:00 UTC</strong></p><p><strong>{}</strong> - x</p>"
    end = "<maintenanceEndDate>Sun, 01 Mar 2026 16:00:00 +0000</maintenanceEndDate>"

    [planned] = read(item(text.format("Scheduled"), date="14:00:00", more=end)).maintenances
    done = read(item(text.format("Completed"), more=end))

    assert (planned.active, planned.starts, planned.ends) == (False, AT + 3_600, AT + 3 * 3_600)
    assert (done.state, done.maintenances) == (State.UP, ())


def test_the_date_of_an_announcement_is_not_the_beginning_of_the_work() -> None:
    [planned] = read(item("<b>Scheduled</b>", date="12:00:00")).maintenances

    assert (planned.starts, planned.ends) == (None, None)


@pytest.mark.parametrize(
    "date", ["two hours ago", "Sun, 99 Mar 2026 12:00:00 +0000", "Thu, 01 Jan 1970 00:00:00 +0000"]
)
def test_an_incident_without_a_date_that_can_be_right_began_nobody_knows_when(date: str) -> None:
    broken = item("<b>Investigating</b>").replace("Sun, 01 Mar 2026 12:00:00 +0000", date)

    [shown] = read(broken).incidents

    assert shown.since is None


def test_a_feed_with_undeclared_entities_and_the_wrong_charset_is_read() -> None:
    entry = item("<b>Investigating</b>", title="API&nbsp;down &mdash; St\xf6rung &foo;").encode("latin-1")
    body = b'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>x</title>' + entry

    document = feed.decode(body + b"</channel></rss>")
    reading = reading_of(SOURCE, feed.page(SOURCE, [document], AT), AT)

    assert (reading.state, len(reading.incidents)) == (State.DEGRADED, 1)
