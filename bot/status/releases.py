"""The newest release of this program, from GitHub's API. The request reveals only this bot's version."""

import json
import logging

from bot.core.versions import release_of
from bot.status.fetch import Fetcher, FetchFailedError

_logger = logging.getLogger(__name__)


async def newest_release(url: str, *, allow_private: bool = False) -> str | None:
    """The version of the newest release; None if it could not be read, which is not important."""
    try:
        async with Fetcher(allow_private=allow_private) as fetcher:
            answer = await fetcher.get(url, {"Accept": "application/vnd.github+json"})
        return release_of(str(json.loads(answer.body)["tag_name"]))
    except (FetchFailedError, ValueError, KeyError, TypeError) as error:
        _logger.debug("newest release not read", extra={"error": f"{type(error).__name__}: {error}"})
        return None
