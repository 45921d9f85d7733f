"""The only home of discord.py: what people see and press."""
