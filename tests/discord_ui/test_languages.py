"""Languages: a person's own in private, the server's in public, with every sentence translated."""

import ast
from pathlib import Path

import bot
from tests.discord_ui.conftest import Stage, labels_of, text_of
from tests.texts import collect


async def test_moderators_choose_the_language_of_public_answers(stage: Stage) -> None:
    await stage.turn_replies_on(language="de")
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    card = await stage.ann.slash(stage.channel, "500")
    assert "Noch unklar, ob es nur an dir liegt" in text_of(stage.replies()[0])
    guide = stage.app.base.services.default.guide("de")
    assert all(step.reason in text_of(card.response) for step in guide.steps)
    assert "Broken for me" not in labels_of(card.response)


async def test_commands_are_described_in_german_too(stage: Stage) -> None:
    [sync] = [r for r in stage.env.http_requests if r.method == "PUT" and r.path.endswith("/commands")]
    commands = {command["name"]: command for command in sync.json}
    assert all(c["description_localizations"].get("de") for c in commands.values() if c["type"] == 1)
    assert commands["Is it just them?"]["name_localizations"]["de"] == "Haben das auch andere?"


def test_no_sentence_hides_where_translators_do_not_see_it() -> None:
    """Babel skips calls inside f-strings; every literal given to `say`, `many` or `N_` must be collected."""
    known = {m.id if isinstance(m.id, str) else m.id[0] for m in collect() if m.id}
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in {"say", "many", "N_"} and node.args[0].value:
                    assert node.args[0].value in known, f"{path.name}: {node.args[0].value}"
