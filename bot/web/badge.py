"""A badge for other pages: a small SVG with the service's name and its state in a word."""

from markupsafe import Markup

from bot.usecases.reports.public_state import PublicService
from bot.web.document import Document, DocumentRequest
from bot.web.states import SHORT, PageState, state_of

COLOURS = {
    PageState.OUTAGE: "#b91c1c",
    PageState.SOME: "#8a5200",
    PageState.UNKNOWN: "#525a66",
    PageState.BACK: "#137333",
    PageState.CALM: "#1c62b8",
}
_LETTER, _SPACE = 6.7, 12
"""Pixels: the approximate width of a letter, and the space beside a word. The text is stretched to fit exactly."""


def badge(request: DocumentRequest, one: PublicService) -> Document:
    """The badge of a service."""
    state = state_of(one)
    name, word = one.service.name, request.texts.say(SHORT[state])
    left, right = (round(len(text) * _LETTER + _SPACE) for text in (name, word))
    text = Markup('<text x="{}" y="14" textLength="{}" lengthAdjust="spacingAndGlyphs">{}</text>')
    made = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="20" role="img" aria-label="{1}: {2}">'
        '<clipPath id="round"><rect width="{0}" height="20" rx="4"/></clipPath><g clip-path="url(#round)">'
        '<rect width="{3}" height="20" fill="#24292f"/><rect x="{3}" width="{4}" height="20" fill="{5}"/></g>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">{6}{7}</g></svg>'
    ).format(
        *(left + right, name, word, left, right, COLOURS[state]),
        text.format(_SPACE / 2, left - _SPACE, name),
        text.format(left + _SPACE / 2, right - _SPACE, word),
    )
    return Document(str(made), "image/svg+xml")
