"""A bucket on this machine: moto's S3 behind a front that can be told to misbehave."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from heirloom.store import bucket

pytest.register_assert_rewrite("heirloom.testing.store_contract")

Wsgi = Callable[[dict[str, Any], Any], Any]


class S3:
    """A served S3, with the requests that it got.

    Attributes:
        url: Of the endpoint.
        fault: Asked before each request; what it gives answers in the server's place.
        seen: Method and path of every request, with its query.
    """

    def __init__(self, backend: Wsgi) -> None:
        self.url = ""
        self.fault: Callable[[dict[str, Any]], Wsgi | None] | None = None
        self.seen: list[str] = []
        self._backend = backend

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        query = environ.get("QUERY_STRING", "")
        self.seen.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{query}")
        answer = self.fault(environ) if self.fault else None
        return (answer or self._backend)(environ, start_response)


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads in parts of the least size that S3 takes."""
    monkeypatch.setitem(bucket._UPLOADS, "s3", {"chunksize": 5 << 20, "max_concurrency": 2})


@pytest.fixture(scope="session")
def _served() -> Iterator[S3]:
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    front = S3(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, front, threaded=True)
    front.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield front
    server.shutdown()
    thread.join()


@pytest.fixture
def s3(_served: S3, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3]:
    """The S3 that ``s3://`` means in this test, with an empty bucket ``payloads``."""
    import fsspec
    import s3fs

    dummies = {
        "AWS_ENDPOINT_URL": _served.url,
        "AWS_ACCESS_KEY_ID": "dummy",
        "AWS_SECRET_ACCESS_KEY": "dummy-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    for name, value in dummies.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 2)
    _served.fault = None
    s3fs.S3FileSystem.clear_instance_cache()  # one that another test made knows another server
    system = fsspec.filesystem("s3", use_listings_cache=False)
    if system.exists("payloads"):
        system.rm("payloads", recursive=True)
    system.mkdir("payloads")
    _served.seen.clear()
    yield _served
    _served.fault = None
