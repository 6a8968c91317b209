"""A place beyond this machine, through fsspec: the only import of it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from heirloom.errors import MissingExtra, StoreError

from .refusals import refusal

__all__ = ["Bucket"]

_EXTRAS = {"s3": "s3"}
_ETAGS = ("ETag", "etag", "md5Hash", "content_md5", "mtime", "LastModified", "created")


@dataclass(frozen=True, slots=True)
class Bucket:
    """The file system behind a URL's scheme, found anew on each use.

    fsspec keeps one instance per process, so nothing here crosses a fork.
    """

    scheme: str

    @classmethod
    def at(cls, url: str) -> Bucket:
        """The bucket of `url`, whose scheme `places.is_remote` has let through."""
        return cls(url.partition("://")[0].lower())

    def size(self, url: str) -> int | None:
        """The bytes of the object at `url`; ``None`` when there is none."""
        with self._refusals(url):
            try:
                return int(self._system().info(url)["size"])
            except FileNotFoundError:
                return None

    def look(self, url: str) -> tuple[int, str]:
        """The size and etag of the object at `url`."""
        with self._refusals(url):
            info = self._system().info(url)
            if info["type"] != "file":
                raise StoreError(f"{url} is no file; only local directories are linked.", uri=url)
            return int(info["size"]), next((str(info[key]) for key in _ETAGS if key in info), "")

    def read(self, url: str) -> BinaryIO:
        """The object at `url` as a stream."""
        with self._refusals(url):
            if self.scheme == "memory":  # its open files share one position among all readers
                return io.BytesIO(self._system().cat_file(url))
            return cast(BinaryIO, self._system().open(url, "rb"))

    def create(self, source: Path, url: str) -> bool:
        """Upload a file unless something is there; whether it was this call that did."""
        with self._refusals(url):
            try:
                self._send(source, url, mode="create")
            except FileExistsError:
                return False
            except FileNotFoundError as exc:
                raise StoreError(f"{url} cannot be written: no such bucket.", uri=url) from exc
            return True

    def replace(self, source: Path, url: str) -> None:
        """Upload a file over whatever is there."""
        with self._refusals(url):
            self._send(source, url)

    def _send(self, source: Path, url: str, **options: str) -> None:
        if self.scheme == "memory":  # its open files can be seen before they are whole
            self._system().pipe_file(url, source.read_bytes(), **options)
        else:
            self._system().put_file(str(source), url, **options)

    def _system(self) -> Any:
        import fsspec

        try:
            return fsspec.filesystem(self.scheme, use_listings_cache=False)
        except ImportError as exc:
            extra = _EXTRAS.get(self.scheme)
            how = f'pip install "jupyter-heirloom[{extra}]"' if extra else str(exc)
            raise MissingExtra(
                f"A library for {self.scheme}:// is not installed. Next: {how}", extra=extra or ""
            ) from exc

    @contextmanager
    def _refusals(self, url: str) -> Iterator[None]:
        """Each backend has errors of its own: all of them become ours."""
        try:
            yield
        except (StoreError, MissingExtra):
            raise
        except FileNotFoundError as exc:
            raise refusal(OSError(2, "not found"), url) from exc
        except OSError as exc:
            raise refusal(exc, url) from exc
        except Exception as exc:
            raise StoreError(f"{url} failed: {exc}; nothing was changed.", uri=url) from exc
