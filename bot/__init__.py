"""NotJustYou: the Discord bot that answers "is it just me?" with evidence."""

__version__ = "0.1.0"
