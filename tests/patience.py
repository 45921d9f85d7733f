"""How long tests wait for events."""

PATIENCE = 120.0
"""Seconds until a test gives up waiting, long enough for a busy machine.

No test requires a speed; tests wait for events. This only ends a test that would fail anyway.
"""
