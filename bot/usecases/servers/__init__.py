"""Moderators' settings, and the channels that are closed to us."""
