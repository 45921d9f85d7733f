"""The guide: what an error means, why it happens and what a person can do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One thing to try: what to do, and why it may help."""

    title: str
    do: str
    reason: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The guide of one service in one language. All texts are Markdown for Discord."""

    language: str
    error: str
    meaning: str
    causes: tuple[str, ...]
    steps: tuple[GuideStep, ...]
    others_say: tuple[str, ...]
    contact: str
    summary: str
