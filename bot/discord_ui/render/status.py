"""The cards of `/status`: the verdict with the last three hours; on request all details, with the last day."""

from bot.core.texts import Texts
from bot.discord_ui.render import verdict
from bot.discord_ui.render.help import main_button, steps_button
from bot.discord_ui.render.layout import Card, Picture, button, buttons, card
from bot.discord_ui.render.outage import back_button
from bot.discord_ui.render.signals import incident_lines, planned_lines, short_lines, signal_lines
from bot.usecases.reports.answer_help import HelpAnswer


def status_card(texts: Texts, answer: HelpAnswer, picture: Picture) -> Card:
    """The answer to `/status`, with the picture of the last three hours. In an outage only the most important facts."""
    waiting, service = verdict.waiting_helps(answer), answer.service
    then = back_button(texts, service, answer.outage) if waiting else steps_button(texts, service)
    made = [main_button(texts, answer, None), then, button(texts.say("Details"), "day", service.id)]
    top = verdict.opening(
        texts, answer, short_lines(texts, answer, people=not waiting), symptoms=not waiting, timed=False
    )
    more = () if waiting else (incident_lines(texts, answer), planned_lines(texts, answer))
    return card(top, *more, rows=[buttons(*made)], picture=picture, edge=verdict.edge(answer))


def details_card(texts: Texts, answer: HelpAnswer, picture: Picture) -> Card:
    """*Details*: the full text of each signal, with the picture of the last 24 hours."""
    title = "## " + texts.say("{service}: details and the last 24 hours", service=answer.service.name)
    made = [button(texts.say("All outages"), "outages", answer.service.id)]
    if answer.back is None or answer.back.unstable:
        made.insert(0, back_button(texts, answer.service, answer.outage))
    return card(
        f"{title}\n{signal_lines(texts, answer)}",
        incident_lines(texts, answer),
        planned_lines(texts, answer),
        rows=[buttons(*made)],
        picture=picture,
        edge=verdict.edge(answer),
    )
