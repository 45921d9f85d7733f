"""Outages: detected, announced, remembered, simulated."""
