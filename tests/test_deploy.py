"""Deployment files: compose with its profile `cluster`, the Kubernetes manifests, and the templates for hosts."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from bot.cli import app
from bot.discord_ui.connection.gateway import IDENTIFY_EVERY
from bot.discord_ui.posting.notifier import PER_SECOND
from bot.exits import Exit
from bot.settings import Settings, load_settings, setting_names
from tests import published

ROOT = Path(__file__).parent.parent
HOSTS = ROOT / "deploy" / "hosts"
KUBERNETES = ROOT / "deploy" / "kubernetes"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
DASHBOARD = ROOT / "deploy" / "grafana" / "notjustyou.json"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
CLUSTER = {name: of for name, of in COMPOSE.items() if "cluster" in of.get("profiles", ())}
BOTS = {name: of for name, of in CLUSTER.items() if "SHARD_IDS" in of["environment"]}
SETTINGS = set(setting_names())


def manifests() -> dict[tuple[str, str], Any]:
    """Everything in the folder, by kind and name."""
    files = [file for file in KUBERNETES.glob("*.yaml") if file.name != "kustomization.yaml"]
    every = [one for file in files for one in yaml.safe_load_all(file.read_text())]
    found = {(one["kind"], one["metadata"]["name"]): one for one in every}
    assert len(found) == len(every)
    return found


def pods() -> dict[str, Any]:
    return {
        name: one["spec"]["template"]["spec"]
        for (kind, name), one in manifests().items()
        if kind in {"StatefulSet", "Deployment"}
    }


def shards_of(text: str) -> set[int]:
    first, _, last = text.partition("-")
    return set(range(int(first), int(last or first) + 1))


def grace(shards: int) -> float:
    """Seconds that a process with so many shards may need from SIGTERM on: the next one connects one by one."""
    return 30 + shards * max(6, IDENTIFY_EVERY)


class TestCompose:
    def test_without_a_profile_there_is_the_single_bot_alone(self) -> None:
        assert COMPOSE.keys() - CLUSTER.keys() == {"bot"}
        assert "environment" not in COMPOSE["bot"] and "depends_on" not in COMPOSE["bot"]

    def test_the_cluster_can_be_named_without_the_single_bot(self) -> None:
        wanted, begun = list(BOTS), set[str]()
        while wanted:
            begun.add(name := wanted.pop())
            wanted += COMPOSE[name].get("depends_on", {})
        assert begun == CLUSTER.keys() == {*BOTS, "postgres"}

    def test_its_bots_have_every_shard_once_and_share_all_else(self) -> None:
        [count] = {of["environment"]["SHARD_COUNT"] for of in BOTS.values()}
        shards = [shard for of in BOTS.values() for shard in shards_of(of["environment"]["SHARD_IDS"])]
        assert sorted(shards) == list(range(count)) and len(BOTS) == 2
        [rest] = {tuple(sorted((of["environment"] | {"SHARD_IDS": ""}).items())) for of in BOTS.values()}
        assert dict(rest)["DATABASE_URL"].startswith("postgresql+asyncpg://")

    def test_they_are_given_the_time_to_hand_their_shards_over(self) -> None:
        for of in BOTS.values():
            assert int(of["stop_grace_period"].removesuffix("s")) >= grace(
                len(shards_of(of["environment"]["SHARD_IDS"]))
            )

    def test_its_bots_set_what_the_bot_knows(self) -> None:
        for of in BOTS.values():
            assert of["environment"].keys() <= SETTINGS
            assert of["env_file"] == ".env", "token and reporter key"

    def test_they_begin_when_the_database_answers_at_the_address_they_are_given(self) -> None:
        for of in BOTS.values():
            assert of["depends_on"]["postgres"]["condition"] == "service_healthy"
            assert "@postgres/" in of["environment"]["DATABASE_URL"]
        assert CLUSTER["postgres"]["healthcheck"]["test"][1] == "pg_isready"

    @pytest.mark.parametrize("name", COMPOSE)
    def test_each_has_no_right_that_it_does_not_need(self, name: str) -> None:
        of = COMPOSE[name]
        assert of["read_only"] is True and of["cap_drop"] == ["ALL"] and "cap_add" not in of
        assert of["security_opt"] == ["no-new-privileges:true"]
        assert of["pids_limit"] and of["mem_limit"] and of["logging"]["options"]["max-size"]
        assert not {"ports", "privileged", "network_mode", "pid"} & of.keys(), "nobody outside reaches it"
        for tmp in of.get("tmpfs", ()):
            assert {"noexec", "nosuid", "nodev"} <= set(tmp.split(":")[1].split(","))
        if "build" not in of:
            assert of["user"] not in {"0", "root"}

    def test_our_own_bots_need_no_clone_and_are_nobodys_root(self) -> None:
        for name in (*BOTS, "bot"):
            assert COMPOSE[name]["image"] == image() and COMPOSE[name]["user"] == "10001:10001"

    def test_bots_come_back_after_a_reboot_also_where_one_line_starts_them(self) -> None:
        assert {of["restart"] for of in COMPOSE.values()} == {"unless-stopped"}
        for page in ("README.md", "docs/operators/install.md"):
            policies = re.findall(r"docker run -d .*--restart (\S+)", (ROOT / page).read_text())
            assert policies == ["unless-stopped"], page

    def test_images_are_of_one_version_and_no_password_is_written_down(self) -> None:
        for name, of in CLUSTER.items():
            if name not in BOTS:
                assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+[\w.-]*@sha256:[0-9a-f]{64}", of["image"]), name
        text = (ROOT / "compose.yaml").read_text()
        assert set(re.findall(r"PASSWORD: (\S+)|notjustyou:(\S+?)@", text)) <= {
            ("${POSTGRES_PASSWORD:-}", ""),
            ("", "${POSTGRES_PASSWORD:-}"),
        }

    def test_the_image_can_speak_to_postgresql(self) -> None:
        syncs = re.findall(r"uv sync [^&\n]*", (ROOT / "Dockerfile").read_text())
        assert len(syncs) == 3 and all("--extra postgres" in sync for sync in syncs)


def image() -> str:
    """The image that all say, as a release publishes it."""
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    assert 'image="ghcr.io/${GITHUB_REPOSITORY,,}"' in release and "$image:latest" in release
    assert "platforms: linux/amd64,linux/arm64" in release
    return f"{published.image()}:latest"


class TestHosts:
    """The hosts themselves cannot be asked; these are what their documents and sources say they read."""

    def test_the_list_of_them_is_whole(self) -> None:
        guide = (HOSTS / "README.md").read_text()
        for file in HOSTS.iterdir():
            assert file.name == "README.md" or f"`{file.name}`" in guide

    def test_pterodactyl_and_pelican_read_the_egg(self) -> None:
        egg = json.loads((HOSTS / "pterodactyl-egg.json").read_text())
        assert egg["meta"]["version"] == "PTDL_v2"
        assert {"name", "author", "description", "features", "file_denylist", "startup", "config"} <= egg.keys()
        assert list(egg["docker_images"].values()) == [image()]
        # These are texts that hold JSON; `^C` is how SIGINT is written.
        assert [json.loads(egg["config"][name]) for name in ("files", "logs")] == [{}, {}]
        assert egg["config"]["stop"] == "^C" and egg["startup"] == "notjustyou run"
        done = json.loads(egg["config"]["startup"])["done"]
        assert f'"{done}%s"' in (ROOT / "bot" / "discord_ui" / "connection" / "client.py").read_text()
        base = re.search(r"^FROM (\S+) AS base", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
        assert base and egg["scripts"]["installation"].items() >= {"container": base[1], "entrypoint": "sh"}.items()
        members = {"name", "description", "default_value", "user_viewable", "user_editable", "rules", "field_type"}
        assert all(one.keys() == members | {"env_variable"} for one in egg["variables"])
        values = {one["env_variable"]: one["default_value"] for one in egg["variables"]}
        assert values.keys() <= SETTINGS and values.pop("DISCORD_TOKEN") == ""
        # All but this folder is read-only there.
        assert taken(values).database_url == "sqlite+aiosqlite:////home/container/notjustyou.db"

    def test_unraid_reads_the_template(self) -> None:
        root = ET.parse(HOSTS / "unraid.xml").getroot()
        assert (root.tag, root.get("version")) == ("Container", "2")
        assert root.findtext("Repository") == image() and root.findtext("Privileged") == "false"
        configs = {str(one.get("Target")): one for one in root.iter("Config")}
        assert (data := configs.pop("/data")).get("Type") == "Path" and data.get("Mode") == "rw"
        assert {one.get("Type") for one in configs.values()} == {"Variable"} and configs.keys() <= SETTINGS
        assert [name for name, one in configs.items() if one.get("Mask") == "true"] == ["DISCORD_TOKEN"]
        for name, one in configs.items():
            for choice in filter(None, str(one.get("Default")).split("|")):
                assert taken({name: choice})

    def test_render_reads_the_blueprint(self) -> None:
        [service] = yaml.safe_load((HOSTS / "render.yaml").read_text())["services"]
        assert service.pop("image") == {"url": image()} and service.pop("disk")["mountPath"] == "/data"
        assert service.pop("envVars") == [{"key": "DISCORD_TOKEN", "sync": False}], "it asks for it"
        assert service.pop("maxShutdownDelaySeconds") >= grace(1)
        assert service.keys() == {"type", "name", "runtime", "plan"}
        assert (service["type"], service["runtime"]) == ("worker", "image")

    def test_railway_reads_its_file_and_can_build_the_image(self) -> None:
        railway = json.loads((HOSTS / "railway.json").read_text())
        assert railway["$schema"] == "https://railway.com/railway.schema.json"
        assert railway["build"] == {"builder": "DOCKERFILE", "dockerfilePath": "Dockerfile"}
        deploy = railway["deploy"]
        assert deploy["requiredMountPath"] == "/data" and deploy["numReplicas"] == 1
        assert deploy["overlapSeconds"] == 0 and deploy["drainingSeconds"] >= grace(1), "one bot a data folder"
        assert deploy["restartPolicyType"] == "ON_FAILURE" and not deploy["sleepApplication"]
        assert not re.search(r"^VOLUME", (ROOT / "Dockerfile").read_text(), re.MULTILINE), "Railway refuses it"

    @pytest.mark.parametrize("file", [file.name for file in HOSTS.iterdir()])
    def test_no_token_is_written_down(self, file: str) -> None:
        assert not re.search(r"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", (HOSTS / file).read_text())


def taken(values: dict[str, str]) -> Settings:
    """The settings as the bot takes them, if it does."""
    with pytest.MonkeyPatch.context() as environment:
        for name in SETTINGS:
            environment.delenv(name, raising=False)
        for name, value in values.items():
            environment.setenv(name, value)
        return load_settings(with_file=False)


class TestKubernetes:
    def test_all_but_the_example_is_applied(self) -> None:
        listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())["resources"]
        there = {file.name for file in KUBERNETES.glob("*.yaml")}
        assert set(listed) == there - {"kustomization.yaml", "secret.example.yaml"}

    def test_kustomize_builds_it(self) -> None:
        if shutil.which("kubectl") is None:
            pytest.skip("no kubectl on this machine")
        built = subprocess.run(["kubectl", "kustomize", KUBERNETES], check=False, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        documents = list(yaml.safe_load_all(built.stdout))
        assert {one["metadata"].get("namespace", "notjustyou") for one in documents} == {"notjustyou"}
        images = re.findall(r"image: (\S+)", built.stdout)
        assert len(images) == 1 and all(re.search(r":v?\d+\.\d+", image) for image in images)

    def test_each_setting_is_one_that_the_bot_knows(self) -> None:
        given = manifests()
        plain, secret = given["ConfigMap", "bot"]["data"], given["Secret", "bot"]["stringData"]
        assert plain.keys() | secret.keys() <= SETTINGS | {"PGSSLROOTCERT"} and not plain.keys() & secret.keys()
        assert {"DISCORD_TOKEN", "DATABASE_URL", "REPORTER_KEY"} == secret.keys()
        assert all(isinstance(value, str) for value in (*plain.values(), *secret.values())), "or it is not taken"

    def test_a_server_that_must_prove_who_it_is_can_do_so_in_a_container_without_a_home(self) -> None:
        given = manifests()
        assert "ssl=verify-full" in given["Secret", "bot"]["stringData"]["DATABASE_URL"]
        # Otherwise the driver looks in the home of its user, who has none in our image.
        assert "--no-create-home" in (ROOT / "Dockerfile").read_text()
        assert given["ConfigMap", "bot"]["data"]["PGSSLROOTCERT"] == "/etc/ssl/certs/ca-certificates.crt"

    def test_the_replicas_share_the_shards_among_them(self) -> None:
        given = manifests()
        plain = given["ConfigMap", "bot"]["data"]
        size = int(plain["SHARD_IDS"].removeprefix("claim:"))
        assert pods()["bot"]["terminationGracePeriodSeconds"] >= grace(size)
        assert given["StatefulSet", "bot"]["spec"]["replicas"] * size == int(plain["SHARD_COUNT"])

    @pytest.mark.parametrize("name", pods())
    def test_each_pod_has_no_right_that_it_does_not_need(self, name: str) -> None:
        pod = pods()[name]
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True and pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        for container in pod["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] is True and context["allowPrivilegeEscalation"] is False
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"] and container["resources"]["requests"]["cpu"]
        assert all("emptyDir" in volume for volume in pod.get("volumes", ())), "nothing is kept in a pod"

    def test_the_bot_is_asked_whether_it_lives_and_whether_it_serves(self) -> None:
        [bot] = pods()["bot"]["containers"]
        plain = manifests()["ConfigMap", "bot"]["data"]
        [port] = bot["ports"]
        assert str(port["containerPort"]) == plain["HTTP_PORT"] and plain["HTTP_HOST"] == "0.0.0.0"
        paths = {probe: bot[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert {probe: get["path"] for probe, get in paths.items()} == {
            "startupProbe": "/healthz",
            "livenessProbe": "/healthz",
            "readinessProbe": "/readyz",
        }
        assert {get["port"] for get in paths.values()} == {port["name"]}
        assert int(pods()["bot"]["terminationGracePeriodSeconds"]) >= 10

    def test_labels_meet(self) -> None:
        """A selector that selects nothing is no error to Kubernetes."""
        given = manifests()
        labels = {
            name: one["spec"]["template"]["metadata"]["labels"]
            for (kind, name), one in given.items()
            if kind in {"StatefulSet", "Deployment"}
        }
        for (kind, name), one in given.items():
            spec = one.get("spec", {})
            match kind:
                case "StatefulSet" | "Deployment" | "PodDisruptionBudget":
                    assert spec["selector"]["matchLabels"] == labels[name]
                case "Service":
                    assert spec["selector"] == labels[name]
                case "NetworkPolicy":
                    assert spec["podSelector"]["matchLabels"] == labels[name]
                    assert spec["policyTypes"] == ["Ingress", "Egress"]
                    peers = [peer for rule in spec["ingress"] for peer in rule["from"]]
                    peers += [peer for rule in spec["egress"] for peer in rule.get("to", ())]
                    assert all(peer["podSelector"]["matchLabels"] in labels.values() for peer in peers)
                case _:
                    assert kind in {"Namespace", "ConfigMap", "Secret"}

    @pytest.mark.parametrize("bots", [len(BOTS), manifests()["StatefulSet", "bot"]["spec"]["replicas"]])
    def test_without_a_proxy_there_are_no_more_bots_than_stay_within_discords_limit(self, bots: int) -> None:
        assert bots * PER_SECOND <= 50, "requests a second for the whole bot (docs.discord.com, Rate Limits)"


def test_all_say_alike_after_which_exit_codes_no_restart_helps() -> None:
    unit = (ROOT / "deploy" / "notjustyou.service").read_text()
    [prevented] = re.findall(r"^RestartPreventExitStatus=(.+)$", unit, re.MULTILINE)
    page = (ROOT / "docs" / "operators" / "exit-codes.md").read_text()
    table = re.findall(r"^\| (\d+) \|.*\| (yes|no)? ?\|$", page, re.MULTILINE)
    never = [int(code) for code, restart in table if restart == "no"]
    assert {int(code) for code, _ in table} == set(Exit)
    assert never == [int(code) for code in prevented.split()]
    codes = f"{', '.join(map(str, never[:-1]))} and {never[-1]}"
    assert f"After {codes} a restart will not help" in str(app.help)
    assert f"should not restart after {codes}." in str(Exit.__doc__)
    for code in Exit:
        assert re.search(rf"\b{code.value} [A-Za-z]", str(app.help)), code


class TestMonitoring:
    def test_prometheus_takes_the_rules(self) -> None:
        if (promtool := shutil.which("promtool")) is None:
            pytest.skip(
                "promtool (Debian: apt install prometheus) is not here; tests/e2e/test_metrics.py reads them, too"
            )
        checked = subprocess.run([promtool, "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
        assert checked.returncode == 0, checked.stdout + checked.stderr

    def test_each_alert_says_what_is_wrong_and_where_to_look(self) -> None:
        rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
        assert len({rule["alert"] for rule in rules}) == len(rules) > 10
        for rule in rules:
            assert rule["labels"]["severity"] in {"page", "ticket"}
            assert rule["annotations"]["summary"].endswith(".") and rule["annotations"]["description"].endswith(".")

    def test_no_two_panels_lie_on_each_other(self) -> None:
        taken = set[tuple[int, int]]()
        for panel in json.loads(DASHBOARD.read_text())["panels"]:
            at = panel["gridPos"]
            cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
            assert not cells & taken and max(x for x, _ in cells) < 24, panel["title"]
            taken |= cells
