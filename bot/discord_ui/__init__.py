"""The only user of discord.py: everything that people see and press."""
