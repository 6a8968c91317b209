"""A place beyond this machine, through fsspec: the only import of it."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from heirloom.errors import MissingExtra, StoreError

from .refusals import discreet, refusal

__all__ = ["Bucket"]

_EXTRAS = {"s3": "s3"}
_UPLOADS: dict[str, dict[str, int]] = {
    "s3": {"chunksize": 16 << 20, "max_concurrency": 4}  # its own choice holds half a gigabyte
}
_LOST = ("PreconditionFailed", "ConditionalRequestConflict")  # S3's, where s3fs says only OSError
_UNABLE = (TypeError, ValueError, NotImplementedError)
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
            etag = next((str(info[key]).strip('"') for key in _ETAGS if info.get(key)), "")
            version = info.get("VersionId") or info.get("version_id") or ""
            return int(info["size"]), " ".join(
                f"{name} {value}" for name, value in (("etag", etag), ("version", version)) if value
            )

    @contextmanager
    def reading(self, url: str) -> Iterator[BinaryIO]:
        """The object at `url` as a stream; what goes wrong while it is read is ours too."""
        with self._refusals(url):
            if self.scheme == "memory":  # its open files share one position among all readers
                yield io.BytesIO(self._system().cat_file(url))
                return
            with self._system().open(url, "rb") as stream:
                yield cast(BinaryIO, stream)

    def part(self, url: str, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of the object at `url`."""
        with self._refusals(url):
            return bytes(self._system().cat_file(url, start=start, end=end))

    def create(self, source: Path, url: str) -> bool:
        """Upload a file unless something is there; whether it was this call that did."""
        with self._refusals(url):
            return self._first(lambda: self._send(source, url, mode="create"), url)

    def replace(self, source: Path, url: str) -> None:
        """Upload a file over whatever is there."""
        with self._refusals(url):
            self._send(source, url)

    def write(self, data: bytes, url: str) -> None:
        """Put a few bytes over whatever is there."""
        with self._refusals(url):
            self._system().pipe_file(url, data)

    def creates(self, url: str, data: bytes) -> bool:
        """Whether this place refuses to create what exists: tried on `url`, which holds `data`.

        It is made where it does not exist.
        """

        def create() -> None:
            self._system().pipe_file(url, data, mode="create")

        with self._refusals(url):
            try:
                return not (self._first(create, url) and self._first(create, url))
            except _UNABLE:
                able = False
            except OSError as exc:
                if exc.errno != errno.ENOSYS:
                    raise
                able = False
        self.write(data, url)
        return able

    def names(self, url: str) -> list[str]:
        """Every object below `url`, by its path from there."""
        with self._refusals(url):
            system = self._system()
            root = system._strip_protocol(url)
            return [path.removeprefix(f"{root}/") for path in system.find(root)]

    def abandon(self, url: str, before: datetime) -> int:
        """End uploads in parts to below `url` that began before that moment; how many.

        Only S3 keeps, and bills, the parts of an upload whose sender died.
        """
        if self.scheme != "s3":
            return 0
        with self._refusals(url):
            system = self._system()
            bucket, key, _ = system.split_path(url)
            prefix = f"{key}/" if key else ""
            old = [
                upload
                for upload in system.list_multipart_uploads(bucket)
                if upload["Key"].startswith(prefix) and upload["Initiated"] < before
            ]
            for upload in old:
                system.abort_mpu(bucket, upload["Key"], upload["UploadId"])
            return len(old)

    def _send(self, source: Path, url: str, **options: Any) -> None:
        if self.scheme == "memory":  # its open files can be seen before they are whole
            self._system().pipe_file(url, source.read_bytes(), **options)
        else:
            options |= _UPLOADS.get(self.scheme, {})
            self._system().put_file(str(source), url, **options)

    def _first(self, create: Callable[[], None], url: str) -> bool:
        """Whether `create` was the first to."""
        try:
            create()
        except FileExistsError:
            return False
        except FileNotFoundError as exc:
            raise StoreError(f"{url} cannot be written: no such bucket.", uri=url) from exc
        except OSError as exc:
            if _code(exc) in _LOST:
                return False
            raise
        return True

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
            raise refusal(OSError(errno.ENOENT, "not found"), url) from exc
        except OSError as exc:
            raise refusal(exc, url) from exc
        except Exception as exc:
            said = discreet(str(exc) or type(exc).__name__)
            raise StoreError(f"{url} failed: {said}; nothing was changed.", uri=url) from exc


def _code(exc: OSError) -> str:
    """What S3 called it, where the error behind `exc` says so."""
    response = getattr(exc.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))
