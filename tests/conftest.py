"""What all tests share: a word on what could not be checked on this machine."""

import os
from pathlib import Path


def pytest_report_header() -> str:
    """Say whether requests are held against Discord's OpenAPI document."""
    spec = os.environ.get("LOOPBACK_SPEC")
    if spec and Path(spec).is_file():
        return "Discord's OpenAPI document: every request of the bot is held against it"
    return "Discord's OpenAPI document: LOOPBACK_SPEC names none, so the contract check is left out"
