"""The report for support: a text that a member can copy and send to the service's support."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.service import Symptom


@dataclass(frozen=True, slots=True)
class SupportDraft:
    """The member's input. Used once to write the text, and never stored."""

    happened: str
    since: str = ""
    device: str = ""
    steps_tried: Sequence[int] = ()
    """Numbers of the guide's steps, from 0."""
    symptom: Symptom | None = None
    """The symptom that they chose before; its guide has the steps."""
    all_evidence: bool = False
    """Whether to include evidence that does not support them."""
