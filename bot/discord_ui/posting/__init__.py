"""Messages that the bot sends unprompted."""
