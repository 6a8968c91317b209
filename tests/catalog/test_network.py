"""Network file systems, told from tables of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from heirloom.catalog.network import network_of

_TABLE = """\
22 1 0:21 / / rw,relatime - overlay overlay rw
23 22 0:5 / /proc rw - proc proc rw
30 22 0:30 / /home rw shared:1 master:2 - nfs4 server:/home rw
31 30 0:31 / /home/ann/fast rw - ext4 /dev/sdb rw
32 22 0:32 / /mnt/with\\040blank rw - cifs //server/share rw
33 22 0:33 / /mnt/ssh rw - fuse.sshfs ann@host:/ rw
34 22 0:34 / /mnt/rootless rw - fuse.fuse-overlayfs overlay rw
35 22 0:35 / /mnt/plan9 rw - 9p hostshare rw
36 22 0:36 / /mnt/disk rw - xfs /dev/sdc rw
37 22 0:37 / /mnt/twice rw - nfs server:/old rw
38 22 0:38 / /mnt/twice rw - tmpfs tmpfs rw
39 22 0:39 / /mnt/windows rw - fuseblk /dev/sdd1 rw
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/home", None),
        ("/home/ann/.heirloom", "nfs4"),
        ("/home", "nfs4"),
        ("/homestead/x", None),
        ("/home/ann/fast/x", None),
        ("/mnt/with blank/x", "cifs"),
        ("/mnt/ssh/x", "fuse.sshfs"),
        ("/mnt/rootless/x", None),
        ("/mnt/plan9/x", "9p"),
        ("/mnt/disk/x", None),
        ("/mnt/twice/x", None),
        ("/mnt/windows/x", None),
    ],
)
def test_the_innermost_mount_decides(path: str, kind: str | None) -> None:
    """A path is on the network if the mount that it is in is, whatever is above or beside it."""
    assert network_of(Path(path), _TABLE) == kind


def test_a_symbolic_link_is_seen_through(tmp_path: Path) -> None:
    """A home that points into a network file system is on it."""
    (tmp_path / "link").symlink_to("/home/ann")
    assert network_of(tmp_path / "link" / "x", _TABLE) == "nfs4"


def test_no_table_says_nothing() -> None:
    """An empty or unreadable table makes no path a network's."""
    assert network_of(Path("/home/ann"), "") is None


def test_this_machines_own_table_is_read(tmp_path: Path) -> None:
    """The directories of tests are local, by the system's own table."""
    assert network_of(tmp_path) is None
