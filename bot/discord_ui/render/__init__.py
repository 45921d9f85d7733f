"""Renders values as cards. Pure: no network, no clock. Discord's limits are in `layout`."""
