"""The catalogue: the service that somebody means by a typed name."""

from dataclasses import replace

import pytest

from bot.core.errors import ConfigurationError, UnknownServiceError
from bot.core.guild_settings import GuildSettings
from bot.core.service import KnownService, Service
from bot.usecases.services import ByService, Services
from tests.usecases.fakes import a_service

ONE, OTHER = a_service("examplia"), replace(a_service("other"), name="Another One", aliases=("oth", "Zwei"))
BOTH = Services([ONE, OTHER])


def test_the_first_is_the_default_and_there_is_always_one() -> None:
    assert BOTH.default is ONE and list(BOTH) == [ONE, OTHER] and len(BOTH) == 2
    with pytest.raises(ConfigurationError, match="no service to watch"):
        Services([])


@pytest.mark.parametrize(
    ("typed", "found"), [("EX", ONE), (" examplia ", ONE), ("zwei", OTHER), ("another one", OTHER)]
)
def test_a_service_is_found_by_id_name_or_alias_however_it_is_typed(typed: str, found: object) -> None:
    assert BOTH.find(typed) is found
    assert BOTH.find(typed, preferred="other") is found, "what was typed counts more than the server's own"


def test_an_id_counts_before_the_name_of_another_service() -> None:
    first, second = replace(ONE, id="first", aliases=("second",)), replace(OTHER, id="second")
    assert Services([first, second]).find("second") is second


def test_nothing_typed_means_the_servers_own_or_the_default() -> None:
    assert BOTH.find(None, "other") is BOTH.find("", "other") is OTHER
    assert BOTH.find(None) is BOTH.find(None, "no longer watched") is ONE


def test_a_name_that_nothing_answers_to_is_refused_with_the_name() -> None:
    for ask in (lambda: BOTH.find("exam"), lambda: BOTH.get("exam")):
        with pytest.raises(UnknownServiceError) as error:
            ask()
        assert error.value.name == "exam"
    assert BOTH.get("other") is OTHER


def test_suggestions_hold_what_was_typed_and_are_no_more_than_discord_shows() -> None:
    assert [one.id for one in BOTH.suggest("ONE")] == ["other"]
    assert [one.id for one in BOTH.suggest("  ")] == ["examplia", "other"]
    assert [one.id for one in BOTH.suggest("ex")] == ["examplia"] and list(BOTH.suggest("nothing")) == []
    many = Services([a_service(f"s{number}") for number in range(40)])
    assert [one.id for one in many.suggest("s")] == [f"s{number}" for number in range(25)]
    assert len(many.suggest("s", 3)) == 3


MANY = Services([ONE, OTHER, a_service("third")])


def test_a_server_follows_its_own_service_and_those_it_chose_its_own_first() -> None:
    assert MANY.followed_by(GuildSettings()) == (ONE,)
    settings = GuildSettings(service="third", more_services=frozenset({"other", "gone"}))
    assert [one.id for one in MANY.followed_by(settings)] == ["third", "other"]
    assert [MANY.follows(settings, one) for one in MANY] == [False, True, True]
    assert MANY.follows(GuildSettings(service="gone"), ONE), "the default stands for what is no longer watched"


def test_suggestions_begin_with_what_is_given_first() -> None:
    assert [one.id for one in MANY.suggest("", first=[OTHER])] == ["other", "examplia", "third"]


def test_what_is_watched_can_be_replaced() -> None:
    services = Services([ONE])
    services.replace([OTHER, ONE])
    assert list(services) == [OTHER, ONE] and services.default is OTHER
    assert "other" in services and "third" not in services


class Shelf:
    """Services that come with the bot, and how often each was read."""

    def __init__(self, *ids: str) -> None:
        self.others = [KnownService.of(a_service(one)) for one in ids]
        self.read: list[str] = []
        self.services = Services([ONE], self.others, self.take)

    def take(self, service_id: str) -> Service:
        self.read.append(service_id)
        return a_service(service_id)

    def held(self) -> list[str]:
        return [one.id for one in self.services]


def test_what_comes_with_the_bot_is_known_and_read_once_it_is_asked_for() -> None:
    shelf = Shelf("two", "three")
    services = shelf.services
    assert [one.id for one in services.known] == ["examplia", "two", "three"]
    assert "two" in services and shelf.held() == ["examplia"] and len(services) == 1
    assert [one.id for one in services.suggest("t")] == ["two", "three"]
    assert services.find("THREE").id == services.get("three").id == "three"
    assert shelf.read == ["three"] and shelf.held() == ["examplia", "three"]
    assert [one.id for one in services.followed_by(GuildSettings(service="two"))] == ["two"]
    assert shelf.held() == ["examplia", "two", "three"]
    with pytest.raises(UnknownServiceError):
        services.get("four")


async def test_what_nobody_needs_any_longer_is_let_go_of() -> None:
    shelf = Shelf("two", "three")
    await shelf.services.hold(["two", "three", "examplia", "unknown"])
    await shelf.services.hold(["two"])
    assert shelf.read == ["two", "three"]
    assert shelf.services.unload({"three"}) == ["two"] and shelf.held() == ["examplia", "three"]
    assert shelf.services.unload(()) == ["three"] and shelf.held() == ["examplia"]
    assert shelf.services.get("two").id == "two"


def test_what_was_read_stays_when_the_files_of_the_operator_are_read_again() -> None:
    shelf = Shelf("two", "three")
    two, own = shelf.services.get("two"), replace(a_service("three"), name="Ours")
    shelf.services.replace([ONE, own], shelf.others[:1])
    assert shelf.services.get("two") is two and shelf.services.get("three") is own
    assert shelf.services.unload({"two"}) == []
    shelf.services.replace([ONE], shelf.others)
    assert shelf.held() == ["examplia", "two"] and shelf.services.get("three").name != "Ours"


async def test_what_each_service_has_is_made_when_it_is_asked_for_and_again_when_it_is_told() -> None:
    made, services = list[str](), Services([ONE, OTHER])

    def make(service: Service) -> str:
        made.append(service.id)
        return service.name

    of_each = ByService(services, make)
    assert (list(of_each), len(of_each), made) == (["examplia", "other"], 2, [])
    assert of_each["other"] == of_each["other"] == "Another One" and made == ["other"]
    with pytest.raises(KeyError):
        of_each["third"]
    services.replace([replace(OTHER, name="Renamed")])
    assert of_each["other"] == "Another One"
    await of_each.make_again()
    assert of_each["other"] == "Renamed" and made == ["other", "other"]
    of_each.unload({"other"})
    assert of_each["other"] == "Renamed" and made == ["other", "other"]
    of_each.unload(())
    assert of_each["other"] == "Renamed" and made == ["other", "other", "other"]
    assert "examplia" not in of_each


async def test_what_will_be_needed_is_made_beforehand_and_once() -> None:
    made, services = list[str](), Services([ONE, OTHER])

    def make(service: Service) -> str:
        made.append(service.id)
        if service is OTHER:
            services.replace([ONE])  # its files change meanwhile
        return service.name

    of_each = ByService(services, make)
    await of_each.make([ONE, OTHER])
    await of_each.make([ONE])
    assert made == ["examplia", "other"]
    with pytest.raises(KeyError):
        of_each["other"]
