"""The only home of aiohttp's client: one guarded session, one module a provider."""
