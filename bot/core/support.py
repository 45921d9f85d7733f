"""The report for support: what a member tells the people behind the service, as text to copy."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SupportDraft:
    """What the member filled in. Used once to write the text, and never kept."""

    happened: str
    since: str = ""
    device: str = ""
    steps_tried: Sequence[int] = ()
    """Numbers of the guide's steps, from 0."""
