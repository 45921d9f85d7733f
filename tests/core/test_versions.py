"""Versions: which one is newer, and which text is not a release."""

import pytest

from bot.core.versions import is_newer, release_of


@pytest.mark.parametrize(
    ("tag", "release"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.10", "1.10"),
        ("v2.0.0-rc.1", None),
        ("v1.2.3\n", None),
        ("latest", None),
        ("", None),
        ("v" + "9" * 50, None),
    ],
)
def test_a_tag_is_of_a_release_or_of_something_else(tag: str, release: str | None) -> None:
    assert release_of(tag) == release


@pytest.mark.parametrize(
    ("version", "running", "newer"),
    [
        ("0.2.0", "0.1.0", True),
        ("0.10.0", "0.9.9", True),
        ("1.0.1", "1.0", True),
        ("1.0.0", "1.0", False),
        ("0.1.0", "0.1.0", False),
        ("0.1.0", "0.2.0", False),
        ("0.2.0", "0.2.0.dev1", False),
        ("0.3.0", "0.2.0rc1", True),
    ],
)
def test_which_is_newer(version: str, running: str, *, newer: bool) -> None:
    assert is_newer(version, running) is newer
