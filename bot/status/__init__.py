"""The only package that uses aiohttp's client: one guarded session, and one module per provider."""
