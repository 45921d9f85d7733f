"""The repository of the bot is set in one place, `bot.REPOSITORY`, and all other files agree with it."""

import pytest

import bot
from bot.core.versions import newest_release_of
from bot.settings import Settings
from tests.published import ROOT, image, places, written

PLACES = places()


def test_all_who_name_it_are_found() -> None:
    assert {
        "README.md",
        "compose.yaml",
        "deploy/hosts/pterodactyl-egg.json",
        "deploy/hosts/render.yaml",
        "deploy/hosts/unraid.xml",
        "deploy/kubernetes/kustomization.yaml",
        "docs/operators/database.md",
        "docs/operators/install.md",
        "pyproject.toml",
    } <= set(PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_all_say_the_same(place: str) -> None:
    assert written(place) == (ROOT / place).read_text("utf-8"), "run `make texts`"


@pytest.mark.parametrize("place", PLACES)
def test_a_fork_changes_one_line(place: str) -> None:
    text = written(place, "Some-Body/NotJustYou")
    assert bot.REPOSITORY not in text
    assert "ghcr.io/some-body/notjustyou" in text or "https://github.com/Some-Body/NotJustYou" in text
    assert "ghcr.io/Some-Body" not in text, "a registry takes small letters only"


def test_as_long_as_nobody_publishes_it_nobody_is_asked() -> None:
    assert Settings().update_url == newest_release_of(bot.REPOSITORY)
    assert newest_release_of("owner.example/notjustyou") is None
    assert (
        newest_release_of("somebody/notjustyou") == "https://api.github.com/repos/somebody/notjustyou/releases/latest"
    )


def test_a_name_of_nobody_is_one_that_docker_takes() -> None:
    assert image("owner.example/notjustyou") == "ghcr.io/owner.example/notjustyou"
