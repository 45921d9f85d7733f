"""NotJustYou: the Discord bot that answers "is it just me?" with evidence."""

__version__ = "0.1.0"
REPOSITORY = "owner.example/notjustyou"
"""Where this is published on GitHub. `make texts` writes it wherever it is named: docs/developers, "Publish it"."""
