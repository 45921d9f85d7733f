"""The Atom feed: its outages, their order, and the facts of each."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, MINUTE
from bot.usecases.reports.public_state import PublicService
from bot.web.document import DocumentRequest
from bot.web.feed import feed
from tests.web.served import LANGUAGES
from tests.web.states import NOW, named, worlds

ATOM = "{http://www.w3.org/2005/Atom}"
CALM = worlds()["calm"][0]
AT = "2026-11-20T00:00:00Z"
BEGAN = NOW - 10 * DAY - 12 * 3600


def over(**more: object) -> Outage:
    """An outage of 41 minutes that is over."""
    one = Outage("character-ai", Phase.OVER, BEGAN, id=1, detected=BEGAN + 240, ended=BEGAN + 41 * MINUTE)
    return replace(one, peak=58, peak_at=BEGAN + 600, **more)  # type: ignore[arg-type]


def read(*outages: Outage, chosen: bool = False) -> ET.Element:
    return read_all(replace(CALM, outages=outages), chosen=chosen)


def read_all(*services: PublicService, chosen: bool = False) -> ET.Element:
    request = DocumentRequest(LANGUAGES.texts("en"), services, NOW, chosen)
    return ET.fromstring(feed(request, services, "/feed.atom").text)


def entries(root: ET.Element, name: str) -> list[str | None]:
    return [entry.findtext(f"{ATOM}{name}") for entry in root.findall(f"{ATOM}entry")]


def test_an_outage_that_is_over_says_when_and_how_long_and_how_many() -> None:
    root = read(over())
    assert entries(root, "published") == [AT]
    assert entries(root, "updated") == ["2026-11-20T00:41:00Z"], "when it ended"
    assert entries(root, "summary") == [
        "It lasted about 41 minutes. Most in 15 minutes: 58 people, at 2026-11-20 00:10 UTC."
    ]
    assert root.findtext(f"{ATOM}updated") == "2026-11-20T00:41:00Z"


def test_an_outage_that_goes_on_says_since_when_and_is_as_new_as_its_call() -> None:
    root = read(over(phase=Phase.ON, ended=None))
    assert entries(root, "summary") == ["Ongoing since 2026-11-20 00:00 UTC."]
    assert entries(root, "updated") == ["2026-11-20T00:04:00Z"]
    suspected = read(over(phase=Phase.SUSPECTED, ended=None, detected=None))
    assert entries(suspected, "updated") == [AT]


def test_the_newest_fifty_are_told_newest_first_whatever_their_service() -> None:
    ours = tuple(over(began=BEGAN + number * DAY // 10, ended=BEGAN + number * DAY // 10 + 60) for number in range(40))
    theirs = tuple(replace(one, began=one.began + 60, ended=one.began + 120) for one in ours)
    other = replace(named(CALM, "other", "Other"), outages=theirs)
    times = entries(read_all(replace(CALM, outages=ours), other), "published")
    assert len(times) == 50 and times == sorted(times, key=str, reverse=True)
    titles = entries(read_all(replace(CALM, outages=ours), other), "title")
    assert titles[:2] == ["Other: the outage is over", "Character.AI: the outage is over"]


def test_a_feed_without_outages_is_as_new_as_what_is_known() -> None:
    root = read()
    assert root.findall(f"{ATOM}entry") == [] and root.findtext(f"{ATOM}updated") == "2026-11-30T12:00:00Z"


def test_links_lead_to_the_page_in_the_chosen_language() -> None:
    def links(root: ET.Element, within: str = "") -> dict[str, str]:
        return {link.attrib["rel"]: link.attrib["href"] for link in root.findall(f"{within}{ATOM}link")}

    root, chosen = read(over()), read(over(), chosen=True)
    assert links(root) == {"self": "./feed.atom", "alternate": "./"}
    assert links(chosen) == {"self": "./feed.atom?lang=en", "alternate": "./?lang=en"}
    assert links(root, f"{ATOM}entry/") == {"alternate": "./services/character-ai"}


def test_two_outages_are_two_entries_and_one_stays_the_same_entry() -> None:
    first, second = entries(read(over(), over(began=BEGAN + DAY)), "id")
    assert first != second
    assert entries(read(over(phase=Phase.ON, ended=None)), "id") == [second], "before it was over"
