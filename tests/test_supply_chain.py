"""The bot's supply chain, and its rights at run time: the lock, the workflows, the image."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import tomllib
import zipfile
from fnmatch import fnmatch
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename

from bot.exits import Exit

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
_STEP = re.compile(r"^\s*(?:- )?uses: (?P<action>[\w./-]+)@(?P<sha>[0-9a-f]{40}) # v\d+\.\d+\.\d+$")


def needs(tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"no {tool} on this machine")


def ran(*command: object, **env: str) -> tuple[int, str]:
    """A command's exit code and all it said."""
    done = subprocess.run(
        list(map(str, command)), check=False, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def make(target: str, folder: Path) -> None:
    """A target of the Makefile, written to a folder of our own, with no network to ask."""
    needs("make")
    code, printed = ran("make", "--silent", target, f"DIST={folder}", UV_OFFLINE="1")
    assert code == 0, printed


def run_packages(*extras: str, python: str = "") -> dict[str, str]:
    """Name and version of everything that this machine's installed bot needs to run, by the packages' own word.

    With `python` ("3.11"), what it needs on that Python.
    """
    here = {"python_version": python, "python_full_version": f"{python}.0"} if python else {}
    found: dict[str, str] = {}
    wanted = [Requirement(f"notjustyou[{','.join(extras)}]")]
    while wanted:
        one = wanted.pop()
        name = canonicalize_name(one.name)
        package = metadata.distribution(name)
        found[name] = package.version
        for line in package.requires or ():
            more = Requirement(line)
            extras = one.extras or {""}
            needed = more.marker is None or any(more.marker.evaluate({**here, "extra": extra}) for extra in extras)
            if needed and canonicalize_name(more.name) not in found:
                wanted.append(more)
    return found


class TestLock:
    def test_every_file_is_named_with_its_hash_and_comes_from_one_place(self) -> None:
        lock = tomllib.loads((ROOT / "uv.lock").read_text())
        files = 0
        for package in lock["package"]:
            if package["source"] == {"editable": "."}:
                continue
            assert package["source"] == {"registry": "https://pypi.org/simple"}, package["name"]
            for file in (*package.get("wheels", ()), *filter(None, [package.get("sdist")])):
                assert re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]), file
                files += 1
        assert files > 1000

    @pytest.mark.parametrize(
        "file", ["Makefile", "Dockerfile", *(f".github/workflows/{one.name}" for one in WORKFLOWS)]
    )
    def test_nothing_is_installed_past_the_lock(self, file: str) -> None:
        for line in (ROOT / file).read_text().replace("\\\n", " ").splitlines():
            if re.search(r"\bpip install\b", line):
                assert "--require-hashes" in line and ".txt" in line, line
            for call in re.findall(r"(?:\buv|\$\(UV\)) (?:sync|run|export)\b[^&]*", line):
                assert "--frozen" in call, line
            for call in re.findall(r"(?:\buv|\$\(UV\)) build\b[^&]*", line):
                assert "--no-build-isolation" in call, line
            assert not re.search(r"\buv (pip|tool|add)\b|\buvx\b|\bpipx\b|\bcurl\b|\bwget\b", line), line

    def test_uv_itself_is_the_one_that_is_pinned_by_hash(self) -> None:
        pinned = (ROOT / ".ci" / "uv.txt").read_text()
        _, installed = ran(BIN / "uv", "--version")
        assert f"uv=={installed.split()[1]} " in pinned
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) > 10

    def test_what_is_published_is_built_from_the_lock_alone(self, tmp_path: Path) -> None:
        make("dist", tmp_path)
        [wheel], [_] = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")
        names = zipfile.ZipFile(wheel).namelist()
        assert "bot/cli/run.py" in names and any(name.startswith("bot/migrations/versions/") for name in names)
        assert not [name for name in names if name.startswith("tests/") or ".env" in name or name.endswith(".key")]
        # Whoever has only the wheel has no Makefile.
        zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
        without = (
            "import sys; sys.modules['simcord'], sys.argv[1:] = None, ['demo']; import bot.__main__ as m; m.main()"
        )
        done = subprocess.run(
            [sys.executable, "-c", without], cwd=tmp_path / "installed", capture_output=True, text=True, check=False
        )
        assert done.stderr.startswith('the demo is not installed: run `pip install "notjustyou[demo]"`')
        # Nor does it leave its data in whatever folder it is called in.
        (tmp_path / "here").mkdir()
        home = {"HOME": str(tmp_path / "home"), "XDG_DATA_HOME": "", "PYTHONPATH": str(tmp_path / "installed")}
        command = [sys.executable, "-m", "bot", "doctor", "--offline"]
        done = subprocess.run(command, cwd=tmp_path / "here", env=home, capture_output=True, text=True, check=False)
        folder = tmp_path / "home" / ".local" / "share" / "notjustyou"
        assert f"✓ database: {folder}/notjustyou.db can be written" in done.stdout, done
        assert f"there is no .env in {folder}; run `notjustyou init`" in done.stdout


def test_sbom_lists_what_runs_and_nothing_else(tmp_path: Path) -> None:
    make("sbom", tmp_path)
    document = json.loads((tmp_path / "notjustyou.cdx.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    about = document["metadata"]["component"]
    runs = run_packages()
    assert (about["name"], about["version"]) == ("notjustyou", runs.pop("notjustyou"))
    listed = {one["name"]: one for one in document["components"]}
    assert runs.items() <= {name: one["version"] for name, one in listed.items()}.items()
    for name, one in listed.items():
        assert one["purl"] == f"pkg:pypi/{name}@{one['version']}"
        assert all(file["hashes"][0]["alg"] == "SHA-256" for file in one["externalReferences"])
    # Others are for other systems only; what tests and builds us is not among them.
    assert not listed.keys() & {"pytest", "ruff", "hypothesis", "simcord", "hatchling", "pip-audit", "zizmor"}


def test_where_python_makes_no_environment_make_says_what_to_install_and_leaves_nothing(tmp_path: Path) -> None:
    needs("make")
    python, made = tmp_path / "python3", tmp_path / "venv"
    python.write_text(f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    code, printed = ran("make", f"PYTHON={python}", f"VENV={made}", f"{made}/bin/uv")
    assert code != 0 and "apt install python3-venv" in printed
    assert not made.exists()


class TestWorkflows:
    @staticmethod
    def lint(folder: Path) -> tuple[int, str]:
        return ran(BIN / "zizmor", "--offline", "--persona", "auditor", "--no-progress", "--quiet", folder)

    def test_an_auditor_finds_nothing(self) -> None:
        code, printed = self.lint(ROOT / ".github")
        assert code == 0, printed

    @pytest.mark.parametrize(
        ("was", "becomes", "found"),
        [
            (r"@[0-9a-f]{40} # v7.0.1", "@v7", "unpinned-uses"),
            ("  pull_request:", "  pull_request_target:", "dangerous-triggers"),
            ("permissions: {}", "permissions: write-all", "excessive-permissions"),
            ("persist-credentials: false", "persist-credentials: true", "artipacked"),
            ("- run: make test", "- run: echo ${{ github.head_ref }}", "template-injection"),
        ],
    )
    def test_the_auditor_would_find_what_is_wrong(self, tmp_path: Path, was: str, becomes: str, found: str) -> None:
        workflows = tmp_path / ".github" / "workflows"
        workflows.mkdir(parents=True)
        text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
        poisoned, times = re.subn(was, becomes, text)
        assert times
        (workflows / "ci.yml").write_text(poisoned)
        code, printed = self.lint(tmp_path)
        assert code != 0 and found in printed

    @pytest.mark.parametrize("file", WORKFLOWS, ids=lambda one: one.stem)
    def test_each_job_has_its_own_rights_and_an_end(self, file: Path) -> None:
        text = file.read_text()
        workflow = yaml.safe_load(text)
        assert workflow["permissions"] == {} and "concurrency" in workflow
        for name, job in workflow["jobs"].items():
            assert job["permissions"] and 0 < job["timeout-minutes"] <= 90, name
            assert job["runs-on"] == "ubuntu-24.04", name
        used = [line for line in text.splitlines() if re.match(r"\s*(- )?uses:", line)]
        assert used and all(map(_STEP.match, used)), used

    def test_one_action_is_one_commit_everywhere(self) -> None:
        pins: dict[str, set[str]] = {}
        for line in "\n".join(file.read_text() for file in WORKFLOWS).splitlines():
            if step := _STEP.match(line):
                pins.setdefault(step["action"], set()).add(step["sha"])
        assert {action for action, shas in pins.items() if len(shas) > 1} == set()

    def test_only_the_release_may_write_and_nobody_holds_a_password(self) -> None:
        writing = {
            (file.stem, name, right)
            for file in WORKFLOWS
            for name, job in yaml.safe_load(file.read_text())["jobs"].items()
            for right, how in job["permissions"].items()
            if how != "read"
        }
        assert writing == {
            ("release", "attest", "id-token"),
            ("release", "attest", "attestations"),
            ("release", "pypi", "id-token"),
            ("release", "image", "packages"),
            ("release", "image", "id-token"),
            ("release", "image", "attestations"),
            ("release", "page", "contents"),
        }
        assert not [file.name for file in WORKFLOWS if "secrets." in file.read_text()]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, a continued line as one."""
    text = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text())
    return [
        (name, rest)
        for name, _, rest in (line.partition(" ") for line in text.splitlines() if line and not line.startswith("#"))
    ]


def fits(tag: Tag) -> bool:
    """Whether the Python of the image takes a wheel with this tag."""
    if tag.abi == "abi3":
        return int(tag.interpreter.removeprefix("cp3")) <= 11
    return (tag.interpreter, tag.abi) in {("cp311", "cp311"), ("py3", "none"), ("cp311", "none")}


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a file out: the last rule that meets it, or a folder above it, decides."""
    out, places = False, [path, *map(str, Path(path).parents)]
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        rule = line.removeprefix("!")
        if rule.startswith("**/"):
            met = any(fnmatch(Path(one).name, rule[3:]) for one in places)
        else:
            met = any(fnmatch(one, rule) and one.count("/") == rule.count("/") for one in places)
        if met and not line.startswith("#"):
            out = not line.startswith("!")
    return out


class TestContainer:
    def test_its_base_is_one_image_forever(self) -> None:
        froms = [rest for name, rest in instructions() if name == "FROM"]
        assert re.fullmatch(r"python:3\.11-slim-bookworm@sha256:[0-9a-f]{64} AS base", froms[0])
        assert froms[1:] == ["base AS build", "base"]

    def test_it_holds_no_builder_and_nothing_but_the_entrypoint_runs_as_root(self) -> None:
        """What that does with root's rights is tested where there are some: `tests/e2e/test_confined.py`."""
        last = instructions()
        while any(name == "FROM" for name, _ in last[1:]):
            last = last[1:]
        assert [rest for name, rest in last if name == "COPY"] == [
            "--from=build /app/.venv /app/.venv",
            "--chmod=0755 deploy/entrypoint.sh /usr/local/bin/notjustyou",
        ]
        assert ("ENTRYPOINT", '["notjustyou"]') in last
        [made] = [rest for name, rest in last if name == "RUN"]
        # Whoever a host starts it as must be able to begin in the folder, but not to look around in it.
        assert made.startswith("useradd --uid 10001 ") and made.endswith("install -d -m 0711 -o notjustyou /data")
        assert not [rest for name, rest in instructions() if name in {"ADD", "ARG"}]

    @pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
    def test_both_machines_that_it_is_published_for_find_a_wheel_of_everything(self, machine: str) -> None:
        """The Dockerfile builds nothing but ourselves."""
        lock = {one["name"]: one for one in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
        least = 36  # Debian 12 has glibc 2.36
        here = {"any", *(f"manylinux_2_{minor}_{machine}" for minor in range(5, least + 1))}
        here |= {f"manylinux{old}_{machine}" for old in ("1", "2010", "2014")}
        runs = run_packages("postgres", python="3.11")
        for name in runs.keys() - {"notjustyou"}:
            tags = {
                tag for wheel in lock[name]["wheels"] for tag in parse_wheel_filename(wheel["url"].split("/")[-1])[3]
            }
            fitting = [tag for tag in tags if tag.platform in here and fits(tag)]
            assert fitting, name
        assert len(runs) > 25

    def test_its_health_check_asks_itself_and_no_proxy(self) -> None:
        [check] = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
        command = json.loads(check[check.index("[") :])
        with socket.create_server(("127.0.0.1", 0)) as health:
            asked: list[bytes] = []

            def answer() -> None:
                caller, _ = health.accept()
                with caller:
                    asked.append(caller.recv(1000))
                    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

            answering = threading.Thread(target=answer, daemon=True)
            answering.start()
            proxy = "http://127.0.0.1:9"  # nobody answers there
            code, printed = ran(sys.executable, *command[1:], HTTP_PORT=str(health.getsockname()[1]), http_proxy=proxy)
        assert code == 0, printed
        assert asked[0].startswith(b"GET /healthz ")

    def test_it_may_write_to_its_volume_only(self) -> None:
        compose: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
        bot = compose["services"]["bot"]
        assert bot["read_only"] is True
        assert bot["cap_drop"] == ["ALL"] and "cap_add" not in bot and "privileged" not in bot
        assert bot["user"] == "10001:10001"
        assert bot["security_opt"] == ["no-new-privileges:true"]
        assert bot["volumes"] == ["data:/data"]
        [tmp] = bot["tmpfs"]
        assert tmp.startswith("/tmp:") and {"noexec", "nosuid", "nodev"} <= set(tmp.split(":")[1].split(","))
        assert bot["pids_limit"] and bot["mem_limit"] and "ports" not in bot
        assert int(bot["stop_grace_period"].removesuffix("s")) >= 10

    @pytest.mark.parametrize(
        "path",
        [
            ".env",
            "bot/.env",
            "data/notjustyou.db",
            "data/reporter.key",
            "bot/content/kept.db",
            "bot/x/reporter.key",
            ".git/config",
            ".venv/bin/python",
            "tests/conftest.py",
            ".ci/run",
            "bot/__pycache__/cli.pyc",
        ],
    )
    def test_secrets_and_data_do_not_go_into_the_build(self, path: str) -> None:
        assert ignored(path)

    def test_what_is_copied_is_let_in(self) -> None:
        copies = [rest for name, rest in instructions() if name == "COPY" and "--from" not in rest]
        copied = [one for rest in copies for one in rest.split()[:-1] if not one.startswith("--")]
        assert {"pyproject.toml", "uv.lock", "bot", "migrations", ".ci/uv.txt", "deploy/entrypoint.sh"} <= set(copied)
        for one in copied:
            assert (ROOT / one).exists() and not ignored(one), one
        assert not ignored("bot/content/services/character-ai/guide.en.toml")


OURS = "notjustyou"
_IMAGE = re.compile(
    r"""(?:^\s*(?:-\s*)?["']?(?:image|container|newName)["']?:[ \t]*|docker://|--from=|^FROM\s+(?:--\S+\s+)*)"""
    r"""["']?(?P<name>[\w./:@-]+)""",
    re.MULTILINE,
)
_IN_A_REGISTRY = re.compile(
    r"\b(?:ghcr\.io|docker\.io|quay\.io|[\w-]*gcr\.io|public\.ecr\.aws)/[\w./-]+\w(?::[\w.-]+)?(?:@\S+)?"
)


def files_of_ours() -> list[Path]:
    """Every text file that is in the repository, but for tests and what changes by itself."""
    needs("git")
    code, printed = ran("git", "ls-files")
    assert code == 0
    left_out = ("tests/", "CHANGELOG", "uv.lock")
    named = [ROOT / name for name in printed.splitlines() if not name.startswith(left_out)]
    kinds = {".yaml", ".yml", ".md", ".service", ".toml", ".sh", ".example", ".json", ""}
    return [file for file in named if file.is_file() and file.suffix in kinds]


def images_in(file: Path) -> set[str]:
    """The images that a file names, except those that it builds itself."""
    text = re.sub(r"\\\n\s*", " ", file.read_text())
    found = {one["name"] for one in _IMAGE.finditer(text)} if file.suffix != ".md" else set[str]()
    found |= {one.group() for one in _IN_A_REGISTRY.finditer(text)}
    stages = set(re.findall(r"\bAS (\w+)", text))
    return {one for one in found if one not in stages and one.rsplit("/", 1)[-1].split(":")[0] != OURS}


class TestImages:
    def test_every_image_named_anywhere_is_one_image_forever(self) -> None:
        named = {(str(file.relative_to(ROOT)), image) for file in files_of_ours() for image in images_in(file)}
        assert {file for file, _ in named} >= {"Dockerfile", "compose.yaml"}, "the search finds some"
        assert [one for one in sorted(named) if not re.search(r":[\w.-]+@sha256:[0-9a-f]{64}$", one[1])] == []

    @pytest.mark.parametrize(
        ("name", "text", "image"),
        [
            ("a.yaml", "  image: ghcr.io/somebody/proxy:v1\n", "ghcr.io/somebody/proxy:v1"),
            ("a.yaml", '      - image: "redis"\n', "redis"),
            ("a.yml", "    container: node:22\n", "node:22"),
            ("a.yml", "    - uses: docker://alpine:3\n", "alpine:3"),
            ("Dockerfile", "FROM --platform=linux/amd64 busybox\n", "busybox"),
            ("Dockerfile", "COPY --from=nginx:1 /a /b\n", "nginx:1"),
            ("a.md", "run `docker run ghcr.io/somebody/proxy:v1`", "ghcr.io/somebody/proxy:v1"),
        ],
    )
    def test_the_search_finds_each_way_to_name_one(self, tmp_path: Path, name: str, text: str, image: str) -> None:
        (tmp_path / name).write_text(text)
        assert images_in(tmp_path / name) == {image}


def test_systemd_finds_the_service_well_fenced() -> None:
    needs("systemd-analyze")
    service = ROOT / "deploy" / "notjustyou.service"
    code, printed = ran("systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", service)
    assert code == 0, printed
    # Unlike the fences, a member that systemd does not know is only warned about.
    _, printed = ran("systemd-analyze", "verify", "--man=no", service)
    assert "Unknown" not in printed and "Failed to parse" not in printed, printed


def test_the_unit_does_not_restart_what_a_restart_will_not_mend() -> None:
    unit = (ROOT / "deploy" / "notjustyou.service").read_text()
    [codes] = [line.partition("=")[2] for line in unit.splitlines() if line.startswith("RestartPreventExitStatus=")]
    table = (ROOT / "docs" / "operators" / "exit-codes.md").read_text()
    final = {int(row.split("|")[1]) for row in table.splitlines() if row.startswith("| ") and row.endswith("| no |")}
    assert {int(code) for code in codes.split()} == final
    assert final == {Exit.USAGE, Exit.SCHEMA, Exit.OUTDATED, Exit.REFUSED, Exit.CONFIGURATION}
