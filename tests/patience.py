"""How long a test waits for what is to happen."""

PATIENCE = 120.0
"""Seconds after which a test gives up on something: whatever else the machine has to do meanwhile.

No test asks how fast something is; it waits for the event. This only ends a test that would fail anyway.
"""
