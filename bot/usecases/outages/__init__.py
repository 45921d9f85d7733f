"""Outages: noticed, announced, remembered, simulated."""
