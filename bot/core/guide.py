"""The guide: what an error means, why it happens and what a person can do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One thing to try: what to do, and the reason why it may help."""

    title: str
    do: str
    reason: str


@dataclass(frozen=True, slots=True)
class Guide:
    """The step guide of one service in one language. All texts are Markdown as Discord shows it."""

    language: str
    error: str
    meaning: str
    causes: tuple[str, ...]
    steps: tuple[GuideStep, ...]
    others_say: tuple[str, ...]
    contact: str
    summary: str
