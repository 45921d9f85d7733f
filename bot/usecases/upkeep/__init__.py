"""Keeping the installation in order: retention, deletion, diagnosis."""
