"""A fake of the few values that the bot keeps by name."""


class Shelf:
    """Keeps values as the database does, beyond a restart."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value
