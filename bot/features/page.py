"""The public page. Opened by `run` if HTTP_PORT is set, and imported only then: it loads aiohttp's server."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from bot.features.base import Base
from bot.features.outages import Outages
from bot.jobs import Job, Supervisor
from bot.usecases.reports.public_state import PublicState
from bot.web.site import LOOK_EVERY, Site


@asynccontextmanager
async def open_page(base: Base, outages: Outages) -> AsyncGenerator[Site]:
    """The page, kept up to date while this is open."""
    state = PublicState(
        followed=base.followed,
        answers=base.answers,
        history=outages.history,
        outages=base.outages,
        scopes=base.scopes,
        states=outages.states,
        reachable=outages.reachable,
        clock=base.clock,
    )
    site = Site(state.look, base.languages, base.clock, time.monotonic)
    async with Supervisor([Job("renew the page", site.tick, LOOK_EVERY, longest_pause=60.0)], base.rng):
        try:
            yield site
        finally:
            await site.close()
