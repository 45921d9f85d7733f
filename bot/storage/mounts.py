"""The file system of a folder: SQLite's write-ahead log needs shared memory, which network file systems lack."""

import os
import re
from pathlib import Path

_NETWORK = frozenset(
    {
        *("nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "9p", "afs", "coda", "davfs"),
        *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "ocfs2", "gfs2"),
        *("sshfs", "s3fs", "rclone", "gcsfuse", "curlftpfs"),
    }
)


def network_file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """The type of the folder's network file system; None if it is local or unknown."""
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    wanted = folder.resolve()
    best, kind = 0, ""
    for line in lines:
        fields = line.split(" ")
        point = Path(_unescaped(fields[1]))
        # If there are two mounts at one place, the later one is visible.
        if (wanted == point or point in wanted.parents) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind if kind.removeprefix("fuse.") in _NETWORK else None


def _unescaped(text: str) -> str:
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda m: bytes([int(m[1], 8)]), os.fsencode(text)))
