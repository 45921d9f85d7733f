"""The files with guides: `guide.<language>.toml` of a service, and `symptoms/<symptom>.<language>.toml`."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import Any

from marshmallow import ValidationError, validates_schema

from bot.content.fault_words import meant
from bot.content.toml_layers import (
    Faults,
    Strict,
    at_most,
    many,
    one_line,
    one_of,
    part,
    read_layers,
    some,
    table,
    text,
    validate,
)
from bot.core.guide import Guide, GuideStep
from bot.core.service import FALLBACK_LANGUAGE, Counted, Nature, Phrases, Symptom

_FOLDER = "symptoms"
_LANGUAGE = r"([a-z]{2,3}(?:-(?:[A-Z]{2}|[A-Z][a-z]{3}|[0-9]{3}))?)"
"""As Discord writes them (`pt-BR`, `es-419`): a different spelling would be a language that no one has set."""
_GUIDE = re.compile(rf"guide\.{_LANGUAGE}\.toml")
_SYMPTOM = re.compile(rf"([a-z0-9-]+)\.{_LANGUAGE}\.toml")
_TOML = (".toml", ".toml.txt")
"""Windows hides file extensions, and some editors add their own."""
_PHRASE = re.compile(r"[^\n]{2,80}")


def _is_phrase(phrase: str) -> None:
    if not _PHRASE.fullmatch(phrase) or not phrase.strip("* "):
        raise ValidationError(f"{phrase[:80]!r}: a phrase is 2 to 80 characters on one line")


class _StepSchema(Strict):
    makes = GuideStep

    title = text(at_most(80), one_line, required=True)
    do = text(at_most(300), required=True)
    reason = text(at_most(300), required=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFile:
    """The guide of a service in one language."""

    error: str
    meaning: str
    causes: list[str]
    steps: list[GuideStep]
    others_say: Sequence[str] = ()
    contact: str
    summary: str
    symptoms: Mapping[str, str] = field(default_factory=dict[str, str])


class GuideSchema(Strict):
    """`guide.<language>.toml`."""

    makes = GuideFile

    error = text(at_most(80), one_line, required=True)
    meaning = text(at_most(600), required=True)
    causes = many(text(), some, at_most(5, "entries"), required=True)
    steps = many(part(_StepSchema), some, at_most(10, "entries"), required=True)
    others_say = many(text(), at_most(5, "entries"))
    contact = text(at_most(500), required=True)
    summary = text(at_most(300), required=True)
    symptoms = table(text(one_line))


@dataclass(frozen=True, slots=True, kw_only=True)
class SymptomFile:
    """The description of a symptom, its guide, and people's phrases for it, in one language. Everything is optional."""

    nature: str | None = None
    counts: str | None = None
    meaning: str | None = None
    steps: Sequence[GuideStep] = ()
    contact: str | None = None
    words: Sequence[str] = ()
    named: Sequence[str] = ()
    shown: Sequence[str] = ()


class SymptomSchema(Strict):
    """`symptoms/<symptom>.<language>.toml`."""

    makes = SymptomFile

    nature = text(one_of(Nature), data_key="is")
    counts = text(one_of(Counted))
    meaning = text(at_most(600))
    steps = many(part(_StepSchema), at_most(6, "entries"))
    contact = text(at_most(300))
    words = many(text(_is_phrase), at_most(200, "entries"))
    named = many(text(_is_phrase), at_most(200, "entries"))
    shown = many(text(_is_phrase), at_most(200, "entries"))

    @validates_schema
    def whole(self, data: dict[str, Any], **_: Any) -> None:
        """Refuse an incomplete guide, and symptoms that cannot always count."""
        present = [name for name in ("meaning", "steps", "contact") if data.get(name)]
        if 0 < len(present) < 3:  # noqa: PLR2004 - these three
            raise ValidationError(
                "a guide has meaning, steps and contact; without all three, the service's guide is shown", present[0]
            )
        if data.get("counts") == Counted.ALWAYS and data.get("nature") not in {None, Nature.OUTAGE}:
            raise ValidationError('only an outage always counts; else counts = "many" or "never"', "counts")


def language_tag(value: str) -> None:
    """Check the tag of a language."""
    if not re.fullmatch(_LANGUAGE, value):
        raise ValidationError("should be the tag of a language, such as en, de or pt-BR")


def name_strangers(folders: Sequence[Traversable], faults: Faults) -> None:
    """Report files and folders that look like a part of the service but are not read."""
    for folder in folders:
        for one in sorted(folder.iterdir(), key=lambda one: one.name):
            if one.name == _FOLDER and not one.is_dir():
                faults.messages.append(f"{one}: is a file; it should be a folder, with a file for each symptom")
            elif one.is_dir() and one.name != _FOLDER and meant(one.name, [_FOLDER]):
                faults.messages.append(f"{one}: is not read; the folder for symptoms is called {_FOLDER}")
            elif one.is_dir() and one.name.endswith(_TOML):
                faults.messages.append(f"{one}: is a folder; it should be a file")
            elif one.name.endswith(_TOML) and one.name != "service.toml" and not _GUIDE.fullmatch(one.name):
                reason = "is not read; a service has service.toml and guide.<language>.toml, such as guide.de.toml"
                faults.messages.append(f"{one}: {reason}")


def guide_languages(folders: Sequence[Traversable]) -> list[str]:
    """The languages with a guide."""
    matches = (_GUIDE.fullmatch(file.name) for folder in folders for file in folder.iterdir())
    return sorted({match[1] for match in matches if match})


def read_symptom_files(
    folders: Sequence[Traversable], known: Sequence[str], names: Collection[str], faults: Faults
) -> dict[str, dict[str, SymptomFile]]:
    """Symptom -> language -> its file. `known` are the symptoms of service.toml, `names` the words for the service."""
    inside = [folder.joinpath(_FOLDER) for folder in folders if folder.joinpath(_FOLDER).is_dir()]
    read: dict[str, dict[str, SymptomFile]] = {}
    for symptom_id, language in _found(inside, known, faults):
        layers = list(read_layers(inside, f"{symptom_id}.{language}.toml", faults))
        parsed: SymptomFile | None = validate(SymptomSchema, layers, faults) if layers else None
        if parsed is None:
            continue
        if language != FALLBACK_LANGUAGE and (parsed.nature or parsed.counts):
            member = "is" if parsed.nature else "counts"
            faults.add(layers, (member,), "stands in the English file, for all languages")
        for member, phrase in _names_alone(parsed, {name.casefold() for name in names}):
            faults.add(layers, (member,), f"{phrase!r}: is the service's name, which says nothing of this symptom")
        read.setdefault(symptom_id, {})[language] = parsed
    for symptom_id, by_language in read.items():
        if any(one.steps for one in by_language.values()) and not _english(by_language).steps:
            faults.messages.append(f"{inside[-1]}: {symptom_id}.en.toml has no guide; every guide is there in English")
    return read


def _names_alone(file: SymptomFile, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """Phrases that occur in most messages about the service, so that each message would be about this symptom."""
    for member, phrases in (("words", file.words), ("named", file.named), ("shown", file.shown)):
        yield from ((member, phrase) for phrase in phrases if phrase.strip("* ").casefold() in names)


def _found(inside: Sequence[Traversable], known: Sequence[str], faults: Faults) -> Iterator[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    for folder in inside:
        for file in sorted(folder.iterdir(), key=lambda one: one.name):
            if not file.name.endswith(_TOML):
                continue
            match = _SYMPTOM.fullmatch(file.name)
            if match is None:
                faults.messages.append(f"{file}: is not called <symptom>.<language>.toml, such as login.en.toml")
            elif match[1] not in known:
                faults.messages.append(
                    f"{file}: service.toml has no symptom {match[1]}; it names all of them{meant(match[1], known)}"
                )
            elif (found := (match[1], match[2])) not in seen:
                seen.add(found)
                yield found


def _english(by_language: Mapping[str, SymptomFile]) -> SymptomFile:
    return by_language.get(FALLBACK_LANGUAGE) or SymptomFile()


def symptom(symptom_id: str, names: Mapping[str, str], by_language: Mapping[str, SymptomFile]) -> Symptom:
    """The symptom from these files."""
    facts, found = _english(by_language), list(by_language.values())
    return Symptom(
        symptom_id,
        names,
        Nature(facts.nature or Nature.OUTAGE),
        Counted(facts.counts or (Counted.ALWAYS if facts.nature in {None, Nature.OUTAGE} else Counted.NEVER)),
        {tag: _symptom_guide(tag, names, file) for tag, file in by_language.items() if file.steps},
        Phrases(
            words=tuple(phrase for file in found for phrase in file.words),
            named=tuple(phrase for file in found for phrase in file.named),
            shown=tuple(phrase for file in found for phrase in file.shown),
        ),
    )


def _symptom_guide(language: str, names: Mapping[str, str], file: SymptomFile) -> Guide:
    return Guide(
        language=language,
        error=names.get(language, names[FALLBACK_LANGUAGE]),
        meaning=file.meaning or "",
        causes=(),
        steps=tuple(file.steps),
        others_say=(),
        contact=file.contact or "",
        summary="",
    )


def guide(language: str, parsed: GuideFile) -> Guide:
    """The guide from a file."""
    return Guide(
        language=language,
        error=parsed.error,
        meaning=parsed.meaning,
        causes=tuple(parsed.causes),
        steps=tuple(parsed.steps),
        others_say=tuple(parsed.others_say),
        contact=parsed.contact,
        summary=parsed.summary,
    )
