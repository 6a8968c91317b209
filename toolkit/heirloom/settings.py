"""Where a session's settings come from: arguments, then the environment, then defaults."""

from __future__ import annotations

import getpass
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from heirloom.errors import CatalogUnavailable
from heirloom.records.names import check_project

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One table of all settings; `docs` and ``heirloom doctor`` show it.

    Attributes:
        home: ``HEIRLOOM_HOME``, else ``~/.heirloom``.
        store: ``HEIRLOOM_STORE``, else ``store/`` in the home.
        project: ``HEIRLOOM_PROJECT``, else ``default``.
        user: ``HEIRLOOM_USER``, else who is logged in.
        cache: Whether equal calls are reused: ``HEIRLOOM_CACHE=off`` says no.
        reactor: Whether ``activate`` starts one: ``HEIRLOOM_REACTOR=off`` says no.
        approve_all: ``HEIRLOOM_APPROVE=all``: run any plan's code.
        origin: The URL of the home in a bucket of which `home` is a copy; else empty.
        network: ``HEIRLOOM_NETWORK=allow``: write a home on a network file system.
    """

    home: Path
    store: str
    project: str
    user: str
    reactor: bool
    cache: bool = True
    approve_all: bool
    network: bool
    origin: str = ""

    @classmethod
    def read(
        cls,
        home: str | os.PathLike[str] | None = None,
        store: str | None = None,
        project: str | None = None,
        *,
        allow_network: bool = False,
    ) -> Settings:
        """The settings of a session opened now.

        Raises:
            DeclarationError: The project is no word.
        """
        environment = os.environ
        where = Path(home or environment.get("HEIRLOOM_HOME") or Path.home() / ".heirloom")
        where = where.expanduser().absolute()
        return cls(
            home=where,
            store=store or environment.get("HEIRLOOM_STORE") or str(where / "store"),
            project=check_project(project or environment.get("HEIRLOOM_PROJECT") or "default"),
            user=environment.get("HEIRLOOM_USER") or getpass.getuser(),
            cache=environment.get("HEIRLOOM_CACHE", "").lower() != "off",
            reactor=environment.get("HEIRLOOM_REACTOR", "").lower() != "off",
            approve_all=environment.get("HEIRLOOM_APPROVE", "").lower() == "all",
            network=allow_network or environment.get("HEIRLOOM_NETWORK", "").lower() == "allow",
        )

    def check_approve(self) -> None:
        """Refuse to run everybody's code from a home that everybody can write.

        Raises:
            CatalogUnavailable: ``HEIRLOOM_APPROVE=all``, and anybody can add a plan there.
        """
        if not (self.approve_all and self.home.exists()):
            return
        mode = self.home.stat().st_mode
        if mode & stat.S_IWOTH:
            msg = (
                f"HEIRLOOM_APPROVE=all is refused: everybody can write in {self.home}, and would "
                f"have code run as {self.user}. chmod o-w {self.home}, or leave it out and "
                "approve each plan: heirloom approve PLAN."
            )
            raise CatalogUnavailable(msg, path=str(self.home))

    @property
    def environment(self) -> dict[str, str]:
        """The same for a child process."""
        return {
            "HEIRLOOM_HOME": str(self.home),
            "HEIRLOOM_STORE": self.store,
            "HEIRLOOM_PROJECT": self.project,
            "HEIRLOOM_USER": self.user,
            "HEIRLOOM_CACHE": "" if self.cache else "off",
            "HEIRLOOM_NETWORK": "allow" if self.network else "",
        }

    @property
    def approvals(self) -> Path:
        """This user's private file of approved code: in a home of one's own, else outside it."""
        shared = self.home.exists() and bool(self.home.stat().st_mode & 0o077)
        return (Path.home() / ".heirloom" if shared else self.home) / "approvals.txt"
