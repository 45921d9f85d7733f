"""The kinds of readable sources, by their name in service files."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.service import JSON, Source
from bot.status.answers import Unread
from bot.status.fetch import MAX_BODY
from bot.status.page import OfficialPage
from bot.status.providers import (
    better_stack,
    cachet,
    cachet_v2,
    feed,
    google,
    incident_io,
    instatus,
    json_pointer,
    status_io,
    statuspage,
)

FALLBACK = "statuspage"
"""The assumed kind of an address that answers like no kind; its reading shows what is wrong."""
_MAX_HISTORY = 4 * 1024 * 1024
"""Bytes for Google's list, which covers years."""
_MAX_LONG = 2 * 1024 * 1024
"""Bytes for Better Stack's document, which has three months of days for each part, and for a feed with a history."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A kind of status page.

    `urls` returns the addresses to request, `fits` says whether the first answer has the form of this kind, `page`
    makes a page from answers that have it (None if the requested value is missing), `decode` makes a document from
    bytes (or raises ValueError), and `paths` are added to a page's address to find out whether it is of this kind. If
    the kind is already known, `may_be` replaces `fits` and may accept more.
    """

    urls: Callable[[Source], tuple[str, ...]]
    fits: Callable[[Any], bool]
    page: Callable[[Source, Sequence[Any], float], OfficialPage | None]
    paths: tuple[str, ...] = ()
    decode: Callable[[bytes], Any] = json.loads
    accept: str = "application/json"
    limit: int = MAX_BODY
    may_be: Callable[[Any], bool] | None = None

    def read(self, source: Source, documents: Sequence[Any], at: float) -> OfficialPage | None:
        """The page; None if the answer has another form. A document that could not be read is missing."""
        read = [None if isinstance(one, Unread) else one for one in documents]
        has_the_form = self.may_be or self.fits
        return self.page(source, read, at) if has_the_form(read[0]) else None


# In the order in which they are tried. incident.io's pages also answer at Statuspage's address, so they come first.
PROVIDERS: Mapping[str, Provider] = {
    "incident.io": Provider(incident_io.urls, incident_io.fits, incident_io.page, (incident_io.PATH,)),
    "statuspage": Provider(statuspage.urls, statuspage.fits, statuspage.page, (statuspage.PATH,)),
    "instatus": Provider(instatus.urls, instatus.fits, instatus.page, (instatus.PATH,)),
    "better-stack": Provider(
        better_stack.urls, better_stack.fits, better_stack.page, (better_stack.PATH,), limit=_MAX_LONG
    ),
    "cachet": Provider(cachet.urls, cachet.fits, cachet.page, cachet.PATHS[:1]),
    "cachet-v2": Provider(cachet_v2.urls, cachet_v2.fits, cachet_v2.page, cachet_v2.PATHS[:1]),
    "status.io": Provider(status_io.urls, status_io.fits, status_io.page, ("",)),
    "google": Provider(
        google.urls, google.fits, google.page, ("", google.PATH), limit=_MAX_HISTORY, may_be=google.may_be
    ),
    "feed": Provider(
        feed.urls,
        feed.fits,
        feed.page,
        ("", *feed.PATHS),
        feed.decode,
        "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.9",
        limit=_MAX_LONG,
    ),
    JSON: Provider(json_pointer.urls, json_pointer.fits, json_pointer.page, may_be=json_pointer.may_be),
}
