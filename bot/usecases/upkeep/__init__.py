"""Maintenance of the installation: retention, deletion, diagnosis."""
