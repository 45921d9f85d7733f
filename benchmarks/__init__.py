"""Reproducible measurements, and the training of the mention detector."""
