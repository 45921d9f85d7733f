"""Data that people write: services, guides, phrases, translations; and what reads and checks it."""
