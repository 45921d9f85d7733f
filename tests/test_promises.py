"""The times in the documents are those in the code."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core import few, outage_life, spread
from bot.core.evidence import FADES_WITHIN
from bot.core.guild_settings import REMINDERS, GuildSettings
from bot.core.reports import COUNTED_ONCE_FOR, DAY, HOUR, MINUTE, YOUNG_FOR
from bot.discord_ui.posting import live_replies
from bot.features.services import NOTICE_EVERY
from bot.storage import backups
from bot.usecases.cluster import claim_shards, leader, peers
from bot.usecases.outages import cache, history, send_webhooks
from bot.usecases.outages.wait_for_recovery import WAITS_FOR
from bot.usecases.replies import distress_guard, follow_replies, humans_first, judge_replies
from bot.usecases.reports.check_status import MIN_GAP
from bot.usecases.servers import closed_channels
from bot.usecases.upkeep import forget_servers, retention
from bot.web import serving

ROOT = Path(__file__).parent.parent
WORDS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


@pytest.mark.parametrize(
    ("file", "promise", "kept"),
    [
        ("docs/privacy.md", r"\| Reports \|.*\| (\d+) days; at once", retention.REPORTS_KEPT_FOR / DAY),
        ("docs/privacy.md", r"\| Counts per hour \|.*\| (\d+) days \|", retention.HOURS_KEPT_FOR / DAY),
        ("docs/privacy.md", r"\| Outages \|.*\| (\d+) days; simulations", cache.OUTAGES_KEPT_FOR / DAY),
        ("docs/privacy.md", r"until you are notified, at most (\d+) days", WAITS_FOR / DAY),
        ("docs/privacy.md", r"\| Our auto-replies \|.*\| (\d+) days \|", follow_replies.REPLIES_KEPT_FOR / DAY),
        ("docs/privacy.md", r"until it may write there again, at most (\d+) days", closed_channels.RETRY_AFTER / DAY),
        ("docs/privacy.md", r"Servers that removed the bot \|.*\| (\d+) days, or", forget_servers.GRACE / DAY),
        (
            "docs/privacy.md",
            r"each schema change, kept for (\d+) days",
            backups.BEFORE_MIGRATION_KEPT_FOR.days,
        ),
        (
            "docs/operators/scaling.md",
            r"of a killed process become free after (\d+) seconds",
            claim_shards.VALID_FOR,
        ),
        ("docs/operators/scaling.md", r"renews the lease every (\d+) seconds", leader.RENEW_EVERY),
        ("docs/operators/scaling.md", r"try to take it every (\d+) second", leader.ASK_EVERY),
        ("docs/operators/scaling.md", r"(\d+) seconds after its last\s+renewal", leader.VALID_FOR),
        ("docs/members/how-it-decides.md", r"counts once\*\* per service and (\d+) minutes", COUNTED_ONCE_FOR / MINUTE),
        ("docs/members/how-it-decides.md", r"the probe counts, fades within (\w+) hours", FADES_WITHIN / HOUR),
        ("docs/members/index.md", r"You count as one person for (\d+) minutes", COUNTED_ONCE_FOR / MINUTE),
        ("docs/members/commands.md", r"`/report` .* counts once every (\d+) minutes", COUNTED_ONCE_FOR / MINUTE),
        ("docs/moderators/outages.md", r"- a picture of the last (\w+) hours", history.HOURS / HOUR),
        ("docs/moderators/outages.md", r"and at most once in (\w+) hours", outage_life.ROLE_RESTS / HOUR),
        ("docs/moderators/people-first.md", r"wrote in the last (\w+) minutes", humans_first.HELPED_FOR / MINUTE),
        ("docs/moderators/people-first.md", r"waits some seconds \((\w+), or the time you set", GuildSettings().wait),
        (
            "docs/moderators/people-first.md",
            r"sends that person no replies for (\w+) hours",
            distress_guard.LEFT_ALONE_FOR / HOUR,
        ),
        ("docs/moderators/settings.md", r"I keep quiet for (\w+) minutes", humans_first.HELPED_FOR / MINUTE),
        ("docs/privacy.md", r"\| Votes on wrong replies \|.*\| (\d+) days; also", judge_replies.VOTES_KEPT_FOR / DAY),
        ("docs/privacy.md", r"backup of its database every day, kept for (\d+) days", backups.DAILY_KEPT),
        ("docs/operators/own-service.md", r"checks `SERVICES_DIR` every (\w+) seconds", NOTICE_EVERY),
        ("docs/operators/page.md", r"or a count of fewer than (\w+) people", few.EXACT_FROM),
        (
            "docs/operators/reliability.md",
            r"without reports only if (\w+) accounts older than a week",
            spread.AGED_ACCOUNTS,
        ),
        ("docs/operators/reliability.md", r"report in (\w+) servers of different owners", spread.OWNERS),
        ("docs/operators/reliability.md", r"only if \w+ accounts older than (\w+) week", YOUNG_FOR / DAY / 7),
        (
            "docs/operators/reliability.md",
            r"server gets the announcement with (\w+) people of its own",
            spread.OWN_CROWD,
        ),
        (
            "docs/operators/reliability.md",
            r"delay an all-clear for longer than (\d+) hours",
            outage_life.HELD_BY_BOTH / HOUR,
        ),
        ("docs/operators/reliability.md", r"hold a connection for (\d+) s after each", serving.LONGEST_VISIT),
        ("docs/operators/reliability.md", r"and up to ([\d,]+) event streams", serving.MOST_STREAMS),
        ("docs/operators/scaling.md", r"for named shards exits after (\d+) seconds", claim_shards.WAIT_FOR),
        ("docs/operators/webhooks.md", r"retried after (\d+) s, 20 s, 80 s", send_webhooks.FIRST_PAUSE),
        ("docs/operators/webhooks.md", r"up to every (\w+) hours; dropped", send_webhooks.LONGEST_PAUSE / HOUR),
        ("docs/operators/webhooks.md", r"dropped after (\w+) day, with", send_webhooks.TRIED_FOR / DAY),
    ],
)
def test_a_document_says_what_is_so(file: str, promise: str, kept: float) -> None:
    [said] = re.findall(promise, (ROOT / file).read_text())
    assert (WORDS.get(said) or int(said.replace(",", ""))) == kept


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
