"""The bot as the image and compose.yaml run it: not root, no privileges, and write access only to its data.

There is no container engine here, so the test uses the kernel's parts of one directly: a separate root file system with
the necessary files, mounted read-only, another user, no capabilities, and no way to get any. Even /tmp is read-only.
"""

import json
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from tests.e2e.conftest import ROOT, RUN, Town
from tests.loopback.process import spawn_bot

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.root("to put up the fence, as a container engine does"),
]

UID = 10001
_FENCE = """
set -e
root=$1 data=$2 user=$3; shift 3
mount -t tmpfs -o mode=755 tmpfs "$root"
for place in /usr /etc /bin /lib /lib64 "$@"; do
    [ "$place" = -- ] && break
    if [ -L "$place" ]; then cp -P "$place" "$root$place"; continue; fi
    [ -d "$place" ] || continue
    mkdir -p "$root$place"
    mount --bind "$place" "$root$place"
    mount -o remount,bind,ro "$root$place"
done
while [ "$1" != -- ]; do shift; done; shift
mkdir -p "$root$data" "$root/proc" "$root/dev" "$root/tmp" "$root/home"
mount --bind "$data" "$root$data"
mount --rbind /proc "$root/proc"
mount --bind /dev "$root/dev"
mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all \
    --no-new-privs --pdeathsig KILL sh -c 'cd "$0" && exec "$@"' "$data" "$@"
"""
_TRY = """
import json, os, pathlib, sys
written = []
for place in sys.argv[1:]:
    try:
        (pathlib.Path(place) / "x").write_text("x")
        written.append(place)
    except OSError:
        pass
print(json.dumps([os.getuid(), written]))
"""


def fenced(folder: Path, command: Sequence[str]) -> list[str]:
    """The command behind the fence; `folder` is its data, which then is the bot's user's."""
    if missing := [tool for tool in ("unshare", "setpriv", "chroot") if shutil.which(tool) is None]:
        pytest.skip(f"no {', '.join(missing)} on this machine")
    own(folder)
    root = folder.parent / f"{folder.name}-root"
    root.mkdir(exist_ok=True)
    readable = [sys.base_prefix, sys.prefix, str(ROOT)]
    return [
        "unshare",
        "--mount",
        "sh",
        "-c",
        _FENCE,
        "fence",
        str(root),
        str(folder),
        str(UID),
        *readable,
        "--",
        *command,
    ]


ENTRYPOINT = ROOT / "deploy" / "entrypoint.sh"
_IMAGE = """
set -e
root=$1 data=$2 tools=$3 user=$4; shift 4
mount -t tmpfs -o mode=755 tmpfs "$root"
for place in /usr /etc /bin /lib /lib64; do
    if [ -L "$place" ]; then cp -P "$place" "$root$place"; continue; fi
    [ -d "$place" ] || continue
    mkdir "$root$place"
    mount --bind "$place" "$root$place"
done
mkdir -p "$root/data" "$root/proc" "$root/dev" "$root/app/.venv/bin"
mount --bind /dev "$root/dev"
mount --bind "$data" "$root/data"
mount --bind "$tools" "$root/app/.venv/bin"
mount --rbind /proc "$root/proc"
if [ "$user" = 0 ]; then exec chroot "$root" "$@"; fi
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
"""
_WHO = """#!/bin/sh
echo "$@"
grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' /proc/self/status
touch /data/mine 2>/dev/null && echo written
exit 3
"""


async def entered(folder: Path, user: int, *command: str) -> tuple[int, dict[str, str], list[str]]:
    """Start the image's entrypoint as a host would; what the bot then is, and has said."""
    tools, root = folder.parent / "tools", folder.parent / "root"
    for made in (tools, root):
        made.mkdir(exist_ok=True, mode=0o755)
    shutil.copy(ENTRYPOINT, tools / "entrypoint.sh")
    (tools / "notjustyou").write_text(_WHO)
    for tool in tools.iterdir():
        tool.chmod(0o755)
    inside = ["unshare", "--mount", "sh", "-c", _IMAGE, "image", str(root), str(folder), str(tools), str(user)]
    bot = await spawn_bot([*inside, "/app/.venv/bin/entrypoint.sh", *command], api="", log=str(folder.parent / "log"))
    code = await bot.process.wait()
    lines = bot.output().splitlines()
    status = dict(line.split(":", 1) for line in lines if ":\t" in line)
    return code, status, [line for line in lines if ":\t" not in line]


async def test_started_as_root_the_image_makes_the_data_its_own_and_gives_up_every_right(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "backups").mkdir(parents=True)
    data.chmod(0o700)
    (data / "notjustyou.db").touch()
    (data / "elsewhere").symlink_to(outside := tmp_path / "outside")
    outside.touch()
    code, status, said = await entered(data, 0, "run", "two words")
    assert (code, said) == (3, ["run two words", "written"])
    assert status["Uid"].split() == status["Gid"].split() == [str(UID)] * 4 and not status["Groups"].split()
    assert {int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {0}
    assert status["NoNewPrivs"].strip() == "1"
    assert {path.lstat().st_uid for path in (data, *data.rglob("*"))} == {UID}
    assert outside.stat().st_uid == 0, "no link leads out"


async def test_started_as_another_user_the_image_just_runs_and_touches_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    for user, writes in ((UID, False), (1234, True)):
        os.chown(data, 1234, 1234)
        code, status, said = await entered(data, user, "doctor")
        assert (code, said) == (3, ["doctor", *(["written"] if writes else [])])
        assert status["Uid"].split() == [str(user)] * 4 and data.stat().st_uid == 1234


def own(folder: Path) -> None:
    """Give the data folder to the bot's user."""
    folder.chmod(0o700)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, UID, UID)


def status_of(pid: int) -> dict[str, str]:
    """What the kernel says of a process."""
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())


async def test_the_fence_holds(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    places = [
        str(data),
        str(ROOT),
        str(ROOT / "bot"),
        sys.prefix,
        "/",
        "/tmp",
        "/home",
        "/etc",
        "/usr/lib",
        "/dev",
        "/dev/shm",
    ]
    command = fenced(data, [sys.executable, "-c", _TRY, *places])
    bot = await spawn_bot(command, api="", log=str(tmp_path / "log"))
    assert await bot.process.wait() == 0, bot.output()
    assert json.loads(bot.output()) == [UID, [str(data)]]


async def test_the_bot_serves_and_keeps_with_nothing_but_its_data_to_write_to(bare_town: Town) -> None:
    town = bare_town
    town.command = fenced(town.folder, RUN)
    bot = await town.start()
    status = status_of(bot.process.pid)
    assert status["Uid"].split() == [str(UID)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"

    ann, channel = town.user(), town.channel()
    shown = await ann.slash(channel, "500")
    assert "Character.AI" in shown.text
    await ann.slash(channel, "report")
    await town.reports_become(ann, [(channel.guild.id, None)])
    # A picture is drawn, with fonts from the package and no cache to write.
    status_card = await ann.slash(channel, "status")
    await town.world.until(lambda: "Our own check" in status_card.text, what="the card of /status")

    # `compose.yaml` allows 128 processes and threads, and half a gigabyte.
    assert psutil.Process(bot.process.pid).num_threads() < 64 and bot.rss_mb() < 256
    assert {path.stat().st_uid for path in town.folder.glob("bot.db*")} == {UID}
    await town.stop()

    # What it kept is there for the next one.
    await town.start()
    again = await ann.slash(town.channel(), "privacy")
    assert "I have 1 report from you" in again.text
    await town.stop()
