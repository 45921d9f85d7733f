"""Versions of this program, such as 1.2.3 or v1.2.3."""

import re

_RELEASE = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})")


def release_of(tag: str) -> str | None:
    """The version of a release tag, without its `v`; None for a test version, or if it is not a version."""
    found = _RELEASE.fullmatch(tag)
    return found[1] if found else None


def is_newer(version: str, running: str) -> bool:
    """Whether a released version is newer than the running one. A test version counts as its release."""
    return _numbers(version) > _numbers(running)


def newest_release_of(repository: str) -> str | None:
    """The GitHub API address of the newest release of `owner/name`.

    None for an owner who cannot be on GitHub, such as `owner.example`: then this repository is not published.
    """
    owner, _, _ = repository.partition("/")
    return None if "." in owner else f"https://api.github.com/repos/{repository}/releases/latest"


def _numbers(version: str) -> list[int]:
    found = _RELEASE.match(version)
    numbers = [int(number) for number in found[1].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
