"""Whether a path is on a file system that other machines write too, where locks may not hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

__all__ = ["network_of"]

_TABLE = Path("/proc/self/mountinfo")
_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "9p", "afs", "auristor", "coda"}
    | {"ceph", "glusterfs", "lustre", "gpfs", "beegfs", "pvfs2", "orangefs", "ocfs2", "gfs2"}
    | {"davfs", "acfs", "panfs", "quobyte", "weka", "wekafs"}
)
_LOCAL_FUSE = frozenset(
    {"fuse.fuse-overlayfs", "fuse.bindfs", "fuse.mergerfs", "fuse.gocryptfs", "fuse.encfs"}
    | {"fuse.cryfs", "fuse.securefs", "fuse.ntfs-3g", "fuse.exfat", "fuse.lxcfs", "fuse.zfs"}
)
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_of(path: Path, table: str | None = None) -> str | None:
    """The type of the network file system that `path` is on; `None` for a local one.

    A FUSE file system counts as a network's, unless it is known to be local: what serves it
    may be anywhere. Where the system has no table of mounts, nothing is known and `None` said.

    Args:
        path: It need not exist; what is above it decides.
        table: The mounts as ``/proc/self/mountinfo`` tells them; `None` for the system's own.
    """
    if table is None:
        try:
            table = os.fsdecode(_TABLE.read_bytes())
        except OSError:
            return None
    kind = _kind_at(os.path.realpath(path), table)
    fuse = (kind == "fuse" or kind.startswith("fuse.")) and kind not in _LOCAL_FUSE
    return kind if fuse or kind in _NETWORK else None


def _kind_at(path: str, table: str) -> str:
    """The type of the innermost mount that `path` is in; of two at one place, the later."""
    best, kind = -1, ""
    for line in table.splitlines():
        mount, dash, source = line.partition(" - ")
        fields = mount.split(" ")
        if not dash or len(fields) < 5:
            continue
        point = _ESCAPED.sub(lambda found: chr(int(found[1], 8)), fields[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= best:
            best, kind = len(point), source.split(" ")[0]
    return kind
