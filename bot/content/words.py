"""Reads the phrases of `mentions.toml` and builds a detector for each service."""

import tomllib
from collections.abc import Iterable
from importlib.resources import files

from bot.core.mentions import Detector, Kind
from bot.core.service import Service


def read_detectors(services: Iterable[Service]) -> dict[str, Detector]:
    """A detector for every service, by service id. A service's own words never count as another product."""
    data = tomllib.loads(files("bot.content").joinpath("mentions.toml").read_text("utf-8"))
    phrases = {kind: data["phrases"][kind] for kind in Kind}
    detectors: dict[str, Detector] = {}
    for service in services:
        own = {service.name.casefold(), *service.words, *service.aliases}
        detectors[service.id] = Detector(
            words=service.words,
            stand_ins=data["stand_ins"],
            phrases=phrases,
            spoilers=data["spoilers"]["clause"],
            everywhere_spoilers=[w for w in data["spoilers"]["message"] if w not in own],
        )
    return detectors
