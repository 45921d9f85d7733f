"""The only package that uses aiohttp's client, with one guarded session and one module per provider."""
