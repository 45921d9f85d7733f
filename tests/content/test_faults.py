"""Broken service files: each fault is reported with file, line, member and the expected value."""

from pathlib import Path

import pytest

from bot.content.services import read_services
from tests.content.test_services import GUIDE, PAGE, SERVICE, SYMPTOM, faults, write, write_symptom

STATES = 'kind = "json"\npointer = "/s"\nstates = { up = ["ok"], down = ["OK"] }\n'
WORDS = '["examplia"]'
A_LIST = 'should be a list: ["one", "two"]'
A_WORD = "should be on one line, with 2 letters or more and at most 60"

WRONG_SERVICES = [
    (SERVICE.replace('"Examplia"', "7"), "line 1: name: should be a text in quotes"),
    (SERVICE.replace('"Examplia"', '""'), "line 1: name: should not be empty"),
    (SERVICE.replace("Examplia", "E" * 50), "line 1: name: should have at most 40 characters, and has 50"),
    (SERVICE.replace(f"words = {WORDS}\n", ""), 'words: is missing; add words = ["examplia", "examplia app"]'),
    (SERVICE.replace(WORDS, "[]"), 'line 2: words: should not be empty; write words = ["examplia", "examplia app"]'),
    (SERVICE.replace(WORDS, '"examplia"'), 'line 2: words: should be a list: words = ["examplia", "examplia app"]'),
    (SERVICE.replace(WORDS, '["..."]'), f"line 2: words.0: {A_WORD}"),
    (SERVICE.replace(WORDS, '["examplia", "e"]'), f"line 2: words.1: {A_WORD}"),
    (SERVICE.replace(WORDS, '["a\\nb"]'), f"line 2: words.0: {A_WORD}"),
    (SERVICE.replace(WORDS, '["examplia", "Examplia"]'), "line 2: words.1: Examplia stands there already"),
    (
        SERVICE.replace(WORDS, f"{[f'word {number}' for number in range(101)]}"),
        "line 2: words: should have at most 100",
    ),
    (SERVICE.replace("words =", 'aliases = ["a\\nb"]\nwords ='), "line 2: aliases.0: should be words on one line"),
    (
        SERVICE.replace("https://example.org/health", "https://[::1"),
        "line 8: sources.probe.url: should be a web address",
    ),
    (SERVICE.replace("example.org/health", "example.org:99999"), "line 8: sources.probe.url: should be a web address"),
    (SERVICE.replace("[symptoms]", "expect = { t = nan }\n[symptoms]"), "line 9: sources.probe.expect: t: should be a"),
    (
        PAGE.replace("[symptoms]", STATES.replace('"OK"', "") + "[symptoms]"),
        "line 10: sources.official.states.down: should not be empty",
    ),
    (
        SERVICE.replace("[links]", '[careful_words]\nexamplia = ["xx"]\n[links]'),
        "line 4: careful_words.examplia.0: should be one of de, en, fr, pt, vi",
    ),
    (SERVICE.replace("words =", "aliases = [1]\nwords ="), "line 2: aliases.0: should be a text in quotes"),
    (
        SERVICE.replace("words =", 'support_language = "english"\nwords ='),
        "line 2: support_language: should be the tag of a language, such as en, de or pt-BR",
    ),
    (
        SERVICE.replace("[links]", '[careful_words]\nother = ["pt"]\n[links]'),
        "line 4: careful_words.other: should be one of the words, written as it stands there",
    ),
    (
        SERVICE.replace("[links]", '[careful_words]\nexamplia = "pt"\n[links]'),
        f"line 4: careful_words.examplia: {A_LIST}",
    ),
    (
        SERVICE.replace('support = "https://example.org/support"\n', ""),
        'line 3: links.support: is missing; add support = "https://example.org/support"',
    ),
    (
        SERVICE.replace("[sources.probe]", 'helpcentre = "https://example.org"\n[sources.probe]'),
        "line 6: links.helpcentre: there is no such member; did you mean help_centre?",
    ),
    (
        SERVICE.replace("[sources.probe]", 'colour = "red"\n[sources.probe]'),
        "line 6: links.colour: there is no such member; here are website, support, help_centre, community, status_page",
    ),
    (
        SERVICE.replace("[sources.probe]", "[[sources.probe]]"),
        "line 6: sources.probe: should be a table: a line [sources.probe] with its members below",
    ),
    (
        SERVICE.replace('url = "https://example.org/health"\n', ""),
        'line 6: sources.probe.url: is missing; add url = "https://status.example.org"',
    ),
    (
        SERVICE.replace('"http"', '"statuspage"'),
        "line 7: sources.probe.kind: a probe is http or json; a status page stands under [sources.official]",
    ),
    (
        PAGE.replace("url =", 'kind = "http"\nurl ='),
        "line 7: sources.official.kind: http is for a probe; leave the kind of a page out to have it recognised",
    ),
    (
        PAGE.replace("[symptoms]", "expect = { ok = true }\n[symptoms]"),
        "line 8: sources.official.expect: only a probe of the kind http has it",
    ),
    (
        PAGE.replace("[symptoms]", f"{STATES}[symptoms]"),
        "line 10: sources.official.states: ok means two states; it can mean only one",
    ),
    (PAGE.replace("[symptoms]", 'components = "Chat"\n[symptoms]'), f"line 8: sources.official.components: {A_LIST}"),
    (SERVICE.split("[symptoms]", maxsplit=1)[0], "symptoms: is missing; add [symptoms] with lines such as login ="),
    (SERVICE.replace("login =", "Login ="), "line 10: symptoms.Login: an id has at most 32 of a-z, 0-9 and -"),
    (SERVICE.replace("Cannot log in", "x" * 120), "line 10: symptoms.login: should have at most 100 characters, and"),
    (
        SERVICE + "".join(f's{number} = "x"\n' for number in range(26)),
        "line 9: symptoms: should have at most 25 entries, and has 27",
    ),
    (
        SERVICE.replace("words =", 'links.website = "nope"\nwords =').replace(
            '[links]\nwebsite = "https://example.org"', ""
        ),
        "line 2: links.website: should be a web address",
    ),
]


@pytest.mark.parametrize(("service", "wording"), WRONG_SERVICES)
def test_a_wrong_member_of_a_service_is_named_with_what_would_be_right(
    tmp_path: Path, service: str, wording: str
) -> None:
    found = faults(write(tmp_path, service=service))
    assert any(fault.startswith("examplia/service.toml") and wording in fault for fault in found), found


@pytest.mark.parametrize(
    ("guide", "wording"),
    [
        (GUIDE.replace('meaning = "It failed."\n', ""), 'meaning: is missing; add meaning = "What the error means."'),
        (GUIDE.replace("do =", "todo ="), "line 8: steps.0.todo: there is no such member; did you mean do?"),
        (GUIDE.replace("[[steps]]", "[steps]"), "line 6: steps: should be a list: [[steps]] with title, do and reason"),
        (GUIDE.replace("It failed.", "x" * 700), "line 2: meaning: should have at most 600 characters, and has 700"),
        (GUIDE + '[[steps]]\ntitle = "a"\ndo = ""\nreason = "c"\n', "line 12: steps.1.do: should not be empty"),
        (GUIDE + '[symptoms]\nlogn = "x"\n', "line 11: symptoms.logn: service.toml has no symptom logn; did you mean"),
        (GUIDE.replace("It failed.", "It \\u0007 failed."), "line 2: meaning: should have no control characters"),
        (GUIDE.replace("It failed.", "It \\u202e failed."), "line 2: meaning: should have no control characters"),
    ],
)
def test_a_wrong_member_of_a_guide_is_named_with_what_would_be_right(tmp_path: Path, guide: str, wording: str) -> None:
    found = faults(write(tmp_path, guide=guide))
    assert any(fault.startswith("examplia/guide.en.toml") and wording in fault for fault in found), found


def test_a_wrong_member_of_a_symptom_has_the_nearest_right_one_beside_it(tmp_path: Path) -> None:
    [fault] = faults(write_symptom(write(tmp_path), text=SYMPTOM.replace("counts", "count")))
    assert fault.endswith("login.en.toml, line 2: count: there is no such member; did you mean counts?")


@pytest.mark.parametrize(
    ("wrong", "wording"),
    [
        (SYMPTOM.replace("many", "always"), 'line 2: counts: only an outage always counts; else counts = "many" or'),
        (
            SYMPTOM.replace('contact = "Write to them."\n', ""),
            "line 3: meaning: a guide has meaning, steps and contact",
        ),
    ],
)
def test_members_of_a_symptom_that_do_not_fit_together_are_named(tmp_path: Path, wrong: str, wording: str) -> None:
    [fault] = faults(write_symptom(write(tmp_path), text=wrong))
    assert wording in fault


@pytest.mark.parametrize("leads_to", ["/nowhere", "/dev/null"])
def test_a_link_that_leads_to_no_file_is_named(tmp_path: Path, leads_to: str) -> None:
    (write(tmp_path) / "examplia" / "guide.de.toml").symlink_to(leads_to)
    [fault] = faults(tmp_path)
    assert fault == "examplia/guide.de.toml: is no file, or a link that leads to none; it should be a file"


def test_a_file_in_the_place_of_the_folder_for_symptoms_is_named(tmp_path: Path) -> None:
    (write(tmp_path) / "examplia" / "symptoms").write_text("")
    [fault] = faults(tmp_path)
    assert fault.startswith("examplia/symptoms: is a file; it should be a folder")


def test_a_phrase_that_is_the_name_of_the_service_is_refused(tmp_path: Path) -> None:
    [fault] = faults(write_symptom(write(tmp_path), text=SYMPTOM.replace('"sign in"', '"Examplia*"')))
    assert fault.endswith(
        "login.en.toml, line 5: words: 'Examplia*': is the service's name, which says nothing of this symptom"
    )


@pytest.mark.parametrize(
    ("path", "wording"),
    [
        (
            "guide.german.toml",
            "is not read; a service has service.toml and guide.<language>.toml, such as guide.de.toml",
        ),
        ("guide.de.toml.txt", "is not read; a service has service.toml and guide.<language>.toml"),
        (
            "guide.pt-br.toml",
            "is not read; a service has service.toml and guide.<language>.toml, such as guide.de.toml",
        ),
        ("services.toml", "is not read; a service has service.toml and guide.<language>.toml"),
        ("symptom/login.en.toml", "symptom: is not read; the folder for symptoms is called symptoms"),
        ("guide.de.toml/notes", "guide.de.toml: is a folder; it should be a file"),
        ("symptoms/login.en.toml.txt", "is not called <symptom>.<language>.toml, such as login.en.toml"),
        ("symptoms/logn.en.toml", "service.toml has no symptom logn; it names all of them; did you mean login?"),
    ],
)
def test_a_file_that_would_be_passed_over_in_silence_is_named(tmp_path: Path, path: str, wording: str) -> None:
    write(tmp_path)
    (tmp_path / "examplia" / path).parent.mkdir(exist_ok=True)
    (tmp_path / "examplia" / path).write_text(SYMPTOM)
    [fault] = faults(tmp_path)
    assert fault.startswith(f"examplia/{path.split('/', maxsplit=1)[0]}") and wording in fault


def test_notes_and_pictures_beside_the_files_are_no_fault(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "examplia" / "pictures").mkdir()
    for name in ("README.md", "guide.de.toml~", ".guide.de.toml.swp", "pictures/logo.png"):
        (tmp_path / "examplia" / name).write_text("x")
    assert read_services(tmp_path)


@pytest.mark.parametrize(
    ("written", "wording"),
    [
        (
            SERVICE.replace("Examplia", "Exämplia").encode("latin-1"),
            ", line 1: cannot be read: it should be saved as UTF-8",
        ),
        (SERVICE.replace('"Examplia"', '"Examplia').encode(), ": cannot be read: Illegal character"),
        (f"{SERVICE}[links]\n".encode(), ": cannot be read: Cannot declare ('links',) twice (at line 11"),
        (SERVICE.encode() + b"#" * 300_000, ": cannot be read: it should have at most 256 KiB"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, written: bytes, wording: str) -> None:
    (write(tmp_path) / "examplia" / "service.toml").write_bytes(written)
    [fault] = faults(tmp_path)
    assert fault.startswith(f"examplia/service.toml{wording}")


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("name = Examplia\n", 'a text stands in quotes, as in name = "Examplia"'),
        ('name = "Examplia\n', "a text ends on its own line, with a quotation mark"),
        ('name = "a"\nname = "b"\n', "it stands there twice: keep one of them"),
        ('name "Examplia"\n', 'a line is a member and its value, as in name = "Examplia"'),
        ('words = ["a" "b"]\n', 'a list ends with ], and has commas between its entries: ["one", "two"]'),
        ('name = "C:\\q"\n', "before a backslash stands another, or the text stands in single quotes"),
    ],
)
def test_a_file_that_is_no_toml_is_named_with_what_would_be_right(tmp_path: Path, written: str, right: str) -> None:
    [fault] = faults(write(tmp_path, service=written))
    assert fault.startswith("examplia/service.toml: cannot be read: ") and fault.endswith(f"; {right}")


def test_a_name_that_another_of_the_operators_services_has_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, "second", SERVICE.replace('name = "Examplia"', 'name = "Other"\naliases = ["EXAMPLIA"]'))

    [fault] = faults(tmp_path)

    assert fault == "second/service.toml, line 2: aliases.0: should be another name: examplia is called EXAMPLIA, too"


@pytest.mark.parametrize("written", ["\ufeff" + SERVICE, SERVICE.replace("\n", "\r\n")])
def test_files_as_windows_writes_them_are_read(tmp_path: Path, written: str) -> None:
    (write(tmp_path) / "examplia" / "service.toml").write_bytes(written.encode())
    assert read_services(tmp_path)[-1].name == "Examplia"


def test_faults_in_several_files_are_told_together(tmp_path: Path) -> None:
    wrong = SERVICE.replace('"Examplia"', "7")
    write(tmp_path, service=wrong, guide=GUIDE.replace("do =", "todo ="))
    write_symptom(tmp_path, text=SYMPTOM.replace("counts", "count"))
    files = [fault.removeprefix("examplia/").split(".")[0] for fault in faults(tmp_path)]
    assert files == ["service", "guide", "guide", "symptoms/login"]
