"""Reproducible measurements, and what is learnt from data."""
