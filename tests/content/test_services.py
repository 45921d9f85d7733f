"""Service files: complete, merged with the built-in ones, and rejected with file and line if they are wrong."""

from pathlib import Path

import pytest

from bot.content.services import DEFAULT, each_of_operator, mark_of, open_services, read_services
from bot.core.errors import ConfigurationError
from bot.core.service import Counted, KnownService, Nature, Service
from bot.core.signals import Signal, State

SERVICE = """\
name = "Examplia"
words = ["examplia"]
[links]
website = "https://example.org"
support = "https://example.org/support"
[sources.probe]
kind = "http"
url = "https://example.org/health"
[symptoms]
login = "Cannot log in"
"""
PAGE = SERVICE.replace("probe", "official").replace('kind = "http"\n', "")
GUIDE = """\
error = "Error 500"
meaning = "It failed."
causes = ["A fault."]
contact = "Write to them."
summary = "Wait."
[[steps]]
title = "Wait"
do = "Wait a little."
reason = "It settles."
"""


SYMPTOM = """\
is = "account"
counts = "many"
meaning = "It lets nobody in."
contact = "Write to them."
words = ["log in", "sign in"]
[[steps]]
title = "Wait"
do = "Wait a little."
reason = "It settles."
"""


def write(folder: Path, name: str = "examplia", service: str = SERVICE, guide: str = GUIDE) -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "service.toml").write_text(service)
    (folder / name / "guide.en.toml").write_text(guide)
    return folder


def write_symptom(folder: Path, name: str = "login.en.toml", text: str = SYMPTOM) -> Path:
    inside = folder / "examplia" / "symptoms"
    inside.mkdir(parents=True, exist_ok=True)
    (inside / name).write_text(text)
    return folder


def faults(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        read_services(folder)
    return [fault.removeprefix(f"{folder}/") for fault in error.value.faults]


def built_in(service_id: str = DEFAULT, extra: Path | None = None) -> Service:
    return next(service for service in read_services(extra) if service.id == service_id)


def examplia(folder: Path) -> Service:
    return built_in("examplia", folder)


def test_character_ai_is_complete() -> None:
    service = built_in()
    guide = service.guide("en")
    assert service.id == "character-ai"
    assert (known := KnownService.of(service)).answers_to("c.ai") and known.answers_to("CAI")
    assert {s.signal for s in service.sources} == {Signal.OFFICIAL, Signal.PROBE}
    assert len(guide.causes) == 3 and len(guide.steps) == 6 and guide.others_say
    assert all(step.title and step.do and step.reason for step in guide.steps)
    assert "/requests/new" in service.links.support


def test_every_guide_fits_on_one_card() -> None:
    for service in read_services():
        for guide in service.guides.values():
            assert sum(len(s.title) + len(s.do) + len(s.reason) + 12 for s in guide.steps) < 2600


def test_a_dozen_symptoms_of_character_ai_have_a_guide_of_their_own_in_english_and_german() -> None:
    service = built_in()
    own = {symptom.id: set(symptom.guides) for symptom in service.symptoms if symptom.guides}
    assert len(own) >= 12
    assert all(languages == {"en", "de"} for languages in own.values())
    for symptom in service.symptoms:
        assert set(symptom.names) == {"en", "de"}
        for language, guide in symptom.guides.items():
            assert guide.error == symptom.names[language] and guide.contact
            assert len(guide.steps) >= 2 and all(step.title and step.do and step.reason for step in guide.steps)
            texts = [guide.meaning, guide.contact, *(f"{s.title}{s.do}{s.reason}" for s in guide.steps)]
            assert sum(map(len, texts)) < 1800, "it stands on a card with the evidence"


def test_only_what_is_no_outage_never_counts() -> None:
    service = built_in()
    never = {symptom.id: symptom.nature for symptom in service.symptoms if symptom.counted is Counted.NEVER}
    assert never == {"limit": Nature.LIMIT, "account": Nature.ACCOUNT, "filter": Nature.FILTER}
    many = {symptom.id for symptom in service.symptoms if symptom.counted is Counted.MANY}
    assert many >= {"wall", "network", "login", "too-fast"}
    assert service.guide("de", service.symptom("error")) is service.guide("de"), "the guide of /500 is that of the 500"


def test_ids_of_symptoms_that_stand_in_stored_reports_are_still_known() -> None:
    service = built_in()
    for stored in ("error", "chats", "loading", "login", "characters", "search", "voices", "app", "other"):
        assert service.symptom(stored) is not None


def test_an_operators_service_joins_the_built_in_ones(tmp_path: Path) -> None:
    ids = [s.id for s in read_services(write(tmp_path))]
    assert (ids[0], ids[-1]) == ("character-ai", "examplia")


def test_every_built_in_service_is_known_and_read_when_it_is_asked_for() -> None:
    every = {one.id: one for one in read_services()}
    services = open_services()
    assert {one.id for one in services.known} == set(every)
    assert [s.id for s in services] == ["character-ai"]
    assert services.find("c.ai") == every["character-ai"] and services.find("openai") == every["chatgpt"]
    assert [s.id for s in services] == ["character-ai", "chatgpt"]
    assert [KnownService.of(every[one.id]) for one in services.known] == list(services.known)


def test_what_the_operator_has_a_folder_for_is_read_at_once_and_stands_first(tmp_path: Path) -> None:
    (write(tmp_path) / "steam").mkdir()
    (tmp_path / "steam" / "service.toml").write_text('name = "Steam, but ours"\n')
    services = open_services(tmp_path)
    assert [s.name for s in services] == ["Character.AI", "Steam, but ours", "Examplia"]
    assert [one.id for one in services.known][:4] == ["character-ai", "steam", "examplia", "chatgpt"]


def test_an_operators_file_is_read_over_the_built_in_one_member_by_member(tmp_path: Path) -> None:
    (tmp_path / "character-ai").mkdir()
    (tmp_path / "character-ai" / "service.toml").write_text('[links]\nsupport = "https://help.example.org/"\n')
    service = built_in(extra=tmp_path)
    assert service.links.support == "https://help.example.org/"
    assert service.links.website == "https://character.ai" and len(service.symptoms) > 5


def test_what_a_healthy_probe_answers_keeps_its_type(tmp_path: Path) -> None:
    expect = 'expect = { redis = "UP", ok = true, status = 200, load = 0.5, code = "200" }\n'
    write(tmp_path, service=SERVICE.replace("[symptoms]", f"{expect}[symptoms]"))
    [source] = examplia(tmp_path).sources

    found = [(name, type(value), value) for name, value in source.expect.items()]
    assert found == [
        *[("redis", str, "UP"), ("ok", bool, True), ("status", int, 200), ("load", float, 0.5), ("code", str, "200")]
    ]


def test_a_source_without_a_kind_is_a_page_that_is_recognised_or_a_plain_probe(tmp_path: Path) -> None:
    probe = '[sources.probe]\nurl = "https://example.org/health"\n'
    write(tmp_path, service=PAGE.replace("[symptoms]", f"{probe}[symptoms]"))

    assert [(one.signal, one.kind) for one in examplia(tmp_path).sources] == [
        (Signal.OFFICIAL, "auto"),
        (Signal.PROBE, "http"),
    ]


def test_an_operator_can_say_where_the_state_stands_in_any_json(tmp_path: Path) -> None:
    lines = 'kind = "json"\npointer = "/status/state"\nstates = { up = ["OK", "fine"], down = ["false"] }\n'
    write(tmp_path, service=PAGE.replace("[symptoms]", f"{lines}[symptoms]"))
    [source] = examplia(tmp_path).sources

    assert (source.pointer, source.states) == (
        "/status/state",
        {State.UP: {"ok", "fine"}, State.DOWN: {"false"}},
    )


def test_an_official_page_may_be_read_for_some_of_its_parts(tmp_path: Path) -> None:
    page = SERVICE.replace("probe", "official").replace('"http"', '"statuspage"')
    write(tmp_path, service=page.replace("[symptoms]", 'components = ["Chat", "k1v2"]\n[symptoms]'))
    [source] = examplia(tmp_path).sources

    assert source.components == ("Chat", "k1v2")


def test_all_faults_are_told_at_once_with_file_and_line(tmp_path: Path) -> None:
    bad = SERVICE.replace('kind = "http"', 'kind = "telepathy"').replace(
        'support = "https://example.org/support"', 'support = "example.org"\ncolour = "red"'
    )
    found = faults(write(tmp_path, service=bad, guide=GUIDE.replace('reason = "It settles."', "")))
    assert [f for f in found if f.startswith("examplia/service.toml, line 5: links.support: should be a web address")]
    assert [f for f in found if f.startswith("examplia/service.toml, line 6: links.colour: there is no such member")]
    assert [f for f in found if f.startswith("examplia/service.toml, line 8: sources.probe.kind: should be one of")]
    assert [f for f in found if f.startswith("examplia/guide.en.toml, line 6: steps.0.reason: is missing")]
    assert len(found) == 4


@pytest.mark.parametrize(
    ("service", "guide", "wording"),
    [
        ("name = \n", GUIDE, "service.toml: cannot be read: Invalid value (at line 1"),
        (SERVICE.replace('name = "Examplia"\n', ""), GUIDE, "name: is missing"),
        (SERVICE + '"No Id" = "x"\n', GUIDE, "an id has at most 32 of a-z"),
        (SERVICE.replace("Cannot log in", "@everyone"), GUIDE, "mentions and masked links are not allowed"),
        (SERVICE, GUIDE.replace("It failed.", "[free](https://evil.example)"), "masked links are not allowed"),
        (SERVICE, GUIDE.replace("Wait a little.", "<@1234>"), "mentions and masked links"),
        (SERVICE, GUIDE.replace("It failed.", "Type </500:1>"), "mentions and masked links"),
        (SERVICE, GUIDE.replace("It failed.", "Look at <id:browse>"), "mentions and masked links"),
        (SERVICE.replace("Examplia", "Ex**amp**lia"), GUIDE, "name: should be words on one line, without Markdown"),
        (SERVICE.replace("Cannot log in", "a\\nb"), GUIDE, "symptoms.login: should be words on one line"),
        (SERVICE, GUIDE.replace("Error 500", "# Error 500"), "error: should be words on one line"),
        (SERVICE, GUIDE.replace('"Wait"', '"See https://example.org"'), "steps.0.title: should be words on one line"),
        (SERVICE, GUIDE + '[symptoms]\nlogin = "||no||"\n', "symptoms.login: should be words on one line"),
        (SERVICE.replace("/support", "/" + "x" * 600), GUIDE, "links.support: a web address has at most 512"),
        (SERVICE.replace("/support", "/a>b"), GUIDE, "links.support: should be a web address"),
        (SERVICE.replace("sources.probe", "sources.oracle"), GUIDE, "a source is called official or probe"),
        (SERVICE.replace("https://example.org/health", "file:///etc/passwd"), GUIDE, "should be a web address"),
        (
            SERVICE.replace("[symptoms]", 'expect = { redis = ["UP"] }\n[symptoms]'),
            GUIDE,
            "service.toml, line 9: sources.probe.expect: redis: should be a text in quotes, a number, true or false",
        ),
        (
            SERVICE.replace("[symptoms]", "expect = { since = 2026-01-01 }\n[symptoms]"),
            GUIDE,
            "since: should be a text in quotes, a number, true or false",
        ),
        (
            SERVICE.replace("[symptoms]", 'components = ["Chat"]\n[symptoms]'),
            GUIDE,
            "line 9: sources.probe.components: only a status page has components",
        ),
        (SERVICE.replace("[symptoms]", "components = [7]\n[symptoms]"), GUIDE, "line 9: sources.probe.components.0"),
        (
            PAGE.replace("[symptoms]", 'kind = "uptime-robot"\n[symptoms]'),
            GUIDE,
            "should be one of auto, incident.io, ",
        ),
        (
            PAGE.replace("[symptoms]", 'kind = "json"\n[symptoms]'),
            GUIDE,
            "sources.official.states: the kind json needs pointer and states",
        ),
        (
            PAGE.replace("[symptoms]", 'pointer = "/state"\n[symptoms]'),
            GUIDE,
            "line 8: sources.official.pointer: only the kind json has pointer",
        ),
        (
            PAGE.replace("[symptoms]", 'kind = "json"\npointer = "state"\nstates = { up = ["ok"] }\n[symptoms]'),
            GUIDE,
            "service.toml, line 9: sources.official.pointer: should be a JSON Pointer such as /status/state",
        ),
        (
            PAGE.replace("[symptoms]", 'kind = "json"\npointer = "/s"\nstates = { fine = ["ok"] }\n[symptoms]'),
            GUIDE,
            "fine: a state is one of degraded, down, maintenance, up",
        ),
        (
            PAGE.replace("[symptoms]", 'kind = "feed"\ncomponents = ["Chat"]\n[symptoms]'),
            GUIDE,
            "sources.official.components: only a status page has components, and feed tells nothing of them",
        ),
    ],
)
def test_wrong_files_are_refused_by_name(tmp_path: Path, service: str, guide: str, wording: str) -> None:
    assert any(wording in fault for fault in faults(write(tmp_path, service=service, guide=guide)))


def test_a_symptom_has_its_file_in_each_language_and_the_facts_are_in_the_english_one(tmp_path: Path) -> None:
    write_symptom(write_symptom(write(tmp_path)), "login.de.toml", 'words = ["anmelden"]\n')
    login = examplia(tmp_path).symptom("login")
    assert login is not None
    assert (login.nature, login.counted) == (Nature.ACCOUNT, Counted.MANY)
    assert sorted(login.phrases.words) == ["anmelden", "log in", "sign in"]
    assert login.guides["en"].meaning == "It lets nobody in." and login.guides["en"].error == "Cannot log in"


def test_an_operators_symptom_file_is_read_over_the_built_in_one(tmp_path: Path) -> None:
    inside = tmp_path / "character-ai" / "symptoms"
    inside.mkdir(parents=True)
    (inside / "login.en.toml").write_text('contact = "Ask us."\n')
    service = built_in(extra=tmp_path)
    guide = service.guide("en", service.symptom("login"))
    assert guide.contact == "Ask us." and len(guide.steps) == 4


@pytest.mark.parametrize(
    ("name", "text", "wording"),
    [
        ("gremlins.en.toml", SYMPTOM, "service.toml has no symptom gremlins"),
        ("login.toml", SYMPTOM, "login.toml: is not called <symptom>.<language>.toml"),
        (
            "login.en.toml",
            SYMPTOM.replace('"account"', '"magic"'),
            "login.en.toml, line 1: is: should be one of outage, limit",
        ),
        ("login.en.toml", SYMPTOM.replace('"many"', '"often"'), "line 2: counts: should be one of always, many, never"),
        ("login.en.toml", SYMPTOM.replace('"many"', '"always"'), "only an outage always counts"),
        ("login.en.toml", SYMPTOM + 'title2 = "x"\n', "line 10: steps.0.title2: there is no such member"),
        ("login.en.toml", SYMPTOM.replace("reason =", "because ="), "steps.0.reason: is missing"),
        (
            "login.en.toml",
            SYMPTOM.replace('meaning = "It lets nobody in."\n', ""),
            "a guide has meaning, steps and contact",
        ),
        ("login.en.toml", SYMPTOM.replace("Wait a little.", "<@1>"), "line 8: steps.0.do: mentions and masked links"),
        ("login.en.toml", SYMPTOM.replace('"sign in"', '"*"'), "line 5: words.1: '*': a phrase is 2 to 80 characters"),
        ("login.en.toml", SYMPTOM.replace('"sign in"', "7"), "line 5: words.1: should be a text in quotes"),
        ("login.en.toml", "is = \n", "login.en.toml: cannot be read: Invalid value (at line 1"),
        ("login.de.toml", 'counts = "many"\n', "login.de.toml, line 1: counts: stands in the English file"),
        ("login.de.toml", SYMPTOM.split("\n", 2)[2], "login.en.toml has no guide; every guide is there in English"),
    ],
)
def test_wrong_symptom_files_are_refused_by_name(tmp_path: Path, name: str, text: str, wording: str) -> None:
    found = faults(write_symptom(write(tmp_path), name, text))
    assert any(wording in fault for fault in found), found


@pytest.mark.parametrize("deep", ["x = " + "[" * 5000 + "]" * 5000, "x = " + "{a=" * 5000 + "1" + "}" * 5000])
def test_a_file_that_is_nested_thousands_of_times_is_a_fault_with_its_name(tmp_path: Path, deep: str) -> None:
    with pytest.raises(ConfigurationError, match=r"service\.toml: cannot be read: brackets or tables are nested too"):
        read_services(write(tmp_path, service=deep))


def test_a_service_without_an_english_guide_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "examplia" / "guide.en.toml").rename(tmp_path / "examplia" / "guide.de.toml")
    assert "there is no guide.en.toml" in faults(tmp_path)[0]


def test_a_folder_with_a_strange_name_or_nothing_in_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "Bad Name").mkdir()
    (tmp_path / "empty").mkdir()
    assert len(faults(tmp_path)) == 2


def test_a_fault_keeps_no_other_service_from_being_read(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "broken", SERVICE.replace("[symptoms]", "[wrong]"))
    found = each_of_operator(tmp_path)
    assert list(found.ids) == ["character-ai", "broken", "examplia"] and "broken" not in found.services
    assert any("broken/service.toml" in fault for fault in found.faults)


def test_the_mark_differs_once_something_in_the_folder_has_changed(tmp_path: Path) -> None:
    marks = [mark_of(None), mark_of(tmp_path)]
    write(tmp_path)
    marks.append(mark_of(tmp_path))
    (tmp_path / "examplia" / "service.toml").write_text(SERVICE + "# more\n")
    marks.append(mark_of(tmp_path))
    (tmp_path / "claude").mkdir()
    marks.append(mark_of(tmp_path))
    assert len(set(marks)) == len(marks) and marks[-1] == mark_of(tmp_path)
