"""Names of forum tags that mark a post as solved, and names that do not."""

import pytest

from bot.core.solved import says_solved


@pytest.mark.parametrize(
    "tag",
    [
        "solved",
        "✅ Solved",
        "[RESOLVED]",
        "Solved!",
        "gelöst",
        "Geloest / Solved",
        "Résolu",
        "решено",
        "解決済み",
        "해결됨",
    ],
)
def test_marks_a_post_as_solved(tag: str) -> None:
    assert says_solved(tag)


@pytest.mark.parametrize(
    "tag", ["unsolved", "not solved", "ungelöst", "question", "", "✅", "open", "未解決", "미해결"]
)
def test_does_not(tag: str) -> None:
    assert not says_solved(tag)
