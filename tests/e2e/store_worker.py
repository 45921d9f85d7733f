"""Backs up or restores repeatedly; to be killed by `test_store_faults`.

`python -m tests.e2e.store_worker backup DATABASE TO` or `... restore DATABASE FIRST SECOND`; prints a line when it
begins.
"""

import itertools
import os
import sys
import time
from pathlib import Path

from bot.logs import configure_logging
from bot.storage.backups import copy_database
from bot.storage.lock import held
from bot.storage.recovery import restore


def main(what: str, database: Path, *files: Path) -> None:
    configure_logging("WARNING", "console", ())
    os.write(sys.stdout.fileno(), b"begun\n")
    for number in itertools.count():
        if what == "backup":
            copy_database(database, files[0], live=True)
        else:
            with held(database):
                aside = restore(database, files[number % 2], time.time())
                assert aside is not None, "there always is one"
                aside.unlink()


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
