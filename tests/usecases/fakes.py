"""Small values and fake ports for use cases."""

from bot.core.guide import Guide, GuideStep
from bot.core.service import Links, Service, Symptom


def a_service(service_id: str = "examplia") -> Service:
    """The smallest service there can be."""
    guide = Guide(
        "en", "Error", "It failed.", ("A fault.",), (GuideStep("Wait", "Wait.", "It settles."),), (), "Write.", "Wait."
    )
    return Service(
        id=service_id,
        name=service_id.capitalize(),
        aliases=("ex",),
        words=(service_id,),
        links=Links("https://example.org", "https://example.org/support"),
        sources=(),
        symptoms=(Symptom("login", {"en": "Login"}),),
        guides={"en": guide},
    )
