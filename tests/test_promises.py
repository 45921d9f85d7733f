"""Times that the documents promise are those that the bot keeps."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.guild_settings import REMINDERS
from bot.core.reports import COUNTED_ONCE_FOR, DAY, MINUTE
from bot.discord_ui.posting import live_replies
from bot.storage import backups
from bot.usecases.cluster import claim_shards, leader, peers
from bot.usecases.outages import cache
from bot.usecases.outages.wait_for_recovery import WAITS_FOR
from bot.usecases.replies import follow_replies
from bot.usecases.reports.check_status import MIN_GAP
from bot.usecases.servers import closed_channels
from bot.usecases.upkeep import forget_servers, retention

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("file", "promise", "kept"),
    [
        ("docs/privacy.md", r"\| Reports \|.*\| (\d+) days; at once", retention.REPORTS_KEPT_FOR / DAY),
        ("docs/privacy.md", r"\| Counts per hour \|.*\| (\d+) days \|", retention.HOURS_KEPT_FOR / DAY),
        ("docs/privacy.md", r"\| Outages \|.*\| (\d+) days; simulations", cache.OUTAGES_KEPT_FOR / DAY),
        ("docs/privacy.md", r"until you are called, at most (\d+) days", WAITS_FOR / DAY),
        ("docs/privacy.md", r"\| Our auto-replies \|.*\| (\d+) days \|", follow_replies.REPLIES_KEPT_FOR / DAY),
        ("docs/privacy.md", r"until it may write there again, at most (\d+) days", closed_channels.RETRY_AFTER / DAY),
        ("docs/privacy.md", r"That a server removed the bot \|.*\| (\d+) days, or", forget_servers.GRACE / DAY),
        (
            "docs/privacy.md",
            r"changes the schema and keeps that for (\d+) days",
            backups.BEFORE_MIGRATION_KEPT_FOR.days,
        ),
        (
            "docs/operators/scaling.md",
            r"of a process that was killed are free (\d+) seconds later",
            claim_shards.VALID_FOR,
        ),
        ("docs/operators/scaling.md", r"renews the lease every (\d+) seconds", leader.RENEW_EVERY),
        ("docs/operators/scaling.md", r"ask for the lease every (\d+) second", leader.ASK_EVERY),
        ("docs/operators/scaling.md", r"(\d+) seconds after it was last heard of another decides", leader.VALID_FOR),
        ("docs/members/how-it-decides.md", r"counts once\*\* per service and (\d+) minutes", COUNTED_ONCE_FOR / MINUTE),
    ],
)
def test_a_document_says_what_is_so(file: str, promise: str, kept: float) -> None:
    [said] = re.findall(promise, (ROOT / file).read_text())
    assert int(said) == kept


def test_times_that_people_are_told_in_the_bot_itself() -> None:
    assert REMINDERS == (0, 1, 3, 6), "hours between reminders"
    assert MIN_GAP == live_replies.EDIT_EVERY == 10, "seconds between two looks, and between two edits of a reply"


def test_a_process_is_given_up_no_sooner_than_it_can_be_heard_of_again() -> None:
    assert peers.GONE_AFTER >= 3 * peers.HEARTBEAT_EVERY
    for lease in (leader, claim_shards):
        assert lease.VALID_FOR > 3 * lease.RENEW_EVERY
    assert timedelta(days=3) <= backups.DAILY_KEPT_FOR <= timedelta(days=7)


def test_every_test_that_a_document_names_is_there() -> None:
    documents = [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")]
    named = {path for file in documents for path in re.findall(r"\btests/[\w/]+\.py\b", file.read_text())}
    assert len(named) > 50
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []
