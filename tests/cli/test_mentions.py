"""`mentions`: reads an export, prints results, reports bad lines, and stores nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import app
from bot.settings import setting_names

EXPORT = [
    {"text": "is cai down for anyone else?", "label": "outage", "id": 7},
    {"text": "good morning", "label": "other"},
    {"text": "the page dosent open", "label": "outage"},
]


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in setting_names():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def run(lines: list[Any], *args: str) -> Result:
    typed = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    return CliRunner().invoke(app, ["mentions", *args], input=typed, catch_exceptions=False)


def test_each_line_comes_back_with_its_verdict(tmp_path: Path) -> None:
    done = run(EXPORT)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [(r["text"], r["mention"], r["suggest"]) for r in rows] == [
        (EXPORT[0]["text"], True, True),
        ("good morning", False, False),
        ("the page dosent open", False, True),
    ]
    assert rows[0]["id"] == 7 and rows[0]["label"] == "outage"
    assert rows[0]["why"].startswith("asks whether others have it, too: 'is Character.AI down")
    assert rows[1]["why"] == "does not say that the service fails now"
    assert all(0 <= r["confidence"] <= 1 for r in rows)
    assert list(tmp_path.iterdir()) == [], "nothing is kept"


def test_summary_counts_instead() -> None:
    done = run([*EXPORT, {"text": "cai is down", "label": False}], "--summary")
    assert done.stdout.splitlines() == [
        "4 lines, 2 would be answered, 3 count as talk of trouble",
        "4 labelled",
        "  reply    precision 0.500  recall 0.500  F1 0.500  false positives 1",
        "  suggest  precision 0.667  recall 1.000  F1 0.800  false positives 1",
    ]
    assert run([{"text": "hi"}], "--summary").stdout == "1 lines, 0 would be answered, 0 count as talk of trouble\n"


def test_lines_that_cannot_be_read_are_named_and_the_others_go_on() -> None:
    bad = [
        "nope",
        "[1]",
        '{"text": 3}',
        '{"text": "a", "label": "maybe"}',
        '{"text": "a", "label": [1]}',
        "",
        '{"text": "\\ud800"}',
    ]
    deep = '{"text": "a", "deep": ' + "[" * 400 + "]" * 400 + "}"
    assert "no deeper than 250 levels" in run([deep, EXPORT[0]]).stderr
    assert run(["\ufeff" + json.dumps(EXPORT[0])]).exit_code == 0, "a mark of byte order is no fault"
    assert "and 10 more lines" in run(["nope"] * 30).stderr
    done = run([*bad, EXPORT[0]])
    assert done.exit_code == 2
    assert [json.loads(line)["mention"] for line in done.stdout.splitlines()] == [True]
    assert "line 1: the line should be a JSON object" in done.stderr
    assert "line 3: text should be the message as a string" in done.stderr
    assert 'line 4: label should be "outage" or "other"' in done.stderr
    assert "line 5: label" in done.stderr and "line 7: the line" in done.stderr


def test_an_unknown_service_is_refused_by_name() -> None:
    done = run([], "--service", "nope")
    assert done.exit_code == 2
    assert "no service called 'nope'; `notjustyou services list` shows them" in done.stderr


def test_the_lines_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    file.write_text("\n".join(json.dumps(line) for line in EXPORT))
    typed = run(EXPORT)
    assert run([], str(file)).stdout == run(EXPORT, "-").stdout == typed.stdout != ""
    assert run([], str(file), "--summary").stdout.startswith("3 lines, 1 would be answered")


def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.jsonl", "FileNotFoundError"), (tmp_path, "IsADirectoryError")):
        done = run([], str(path))
        assert done.exit_code == 2
        assert f"FILE: should be a text file that can be read ({why}: {path})" in done.stderr
