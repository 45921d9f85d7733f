"""A fake store for the few values that the bot keeps by name."""


class Shelf:
    """Keeps values across restarts, like the database."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value
