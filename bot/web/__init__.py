"""The only home of aiohttp's server."""
