"""The store in S3: the contract, uploads in parts, a failing network."""

from __future__ import annotations

import random
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec
import pytest

from heirloom.errors import PayloadDamaged, PayloadMissing, StoreError
from heirloom.store import Store, open_store
from heirloom.store.bucket import Bucket
from heirloom.testing.store_contract import BucketContract

PLACE = "s3://payloads/pre"
LARGE = random.Random(0).randbytes(12 << 20)


class TestS3Store(BucketContract):
    """The contract, in S3."""

    @pytest.fixture(autouse=True)
    def _bucket(self, s3: object) -> None:
        """The bucket is there."""

    def place(self, tmp_path: Path) -> str:
        return PLACE


@pytest.fixture
def store(s3: Any, tmp_path: Path) -> Store:
    """A store in an empty bucket."""
    return open_store(PLACE, cache=tmp_path / "cache")


def _objects() -> list[str]:
    return [name for name in Bucket("s3").names(PLACE) if name.startswith("sha256")]


def _unfinished() -> list[Any]:
    return list(
        fsspec.filesystem("s3", use_listings_cache=False).list_multipart_uploads("payloads")
    )


def _answer(status: str, code: str) -> Callable[[Any, Any], list[bytes]]:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [("Content-Type", "application/xml")])
        text = f"<Error><Code>{code}</Code><Message>told of {code}</Message></Error>"
        return [text.encode()]

    return app


def _hang_up(environ: Any, start_response: Any) -> list[bytes]:
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return []


FAULTS = {
    "500": _answer("500 Internal Server Error", "InternalError"),
    "throttled": _answer("503 Slow Down", "SlowDown"),
    "forbidden": _answer("403 Forbidden", "AccessDenied"),
    "dropped": _hang_up,
}


@pytest.mark.usefixtures("in_parts")
def test_a_large_payload_goes_up_in_parts(store: Store, s3: Any) -> None:
    """Parts become one object, which appears whole; the same bytes go up once."""
    stored = store.put_bytes(LARGE)
    assert sum("partNumber" in seen for seen in s3.seen) == 3
    assert _objects() == [stored.key]
    assert store.get_bytes(stored.digest) == LARGE
    s3.seen.clear()
    assert store.put_bytes(LARGE) == stored
    assert not any(seen.startswith(("PUT", "POST")) for seen in s3.seen)


@pytest.mark.usefixtures("in_parts")
def test_parts_never_replace_what_is_there(s3: Any, tmp_path: Path) -> None:
    """An upload in parts that comes second is given up, and its parts are removed."""
    file = tmp_path / "file"
    file.write_bytes(LARGE)
    place = Bucket("s3")
    place.write(b"first", f"{PLACE}/x")
    assert not place.create(file, f"{PLACE}/x")
    assert place.size(f"{PLACE}/x") == 5
    assert _unfinished() == []


@pytest.mark.usefixtures("in_parts")
@pytest.mark.parametrize("fault", FAULTS)
def test_an_upload_that_breaks_off(store: Store, s3: Any, fault: str) -> None:
    """A part that cannot be sent is one clear error: no object, no parts; later it works."""
    store.put_bytes(b"the place is known")

    def break_off(environ: Any) -> Any:
        return FAULTS[fault] if "partNumber=3" in environ["QUERY_STRING"] else None

    s3.fault = break_off
    with pytest.raises(StoreError, match="nothing was changed") as refused:
        store.put_bytes(LARGE)
    assert "\n" not in str(refused.value)
    assert "dummy" not in str(refused.value)
    s3.fault = None
    assert len(_objects()) == 1
    assert _unfinished() == []
    assert store.get_bytes(store.put_bytes(LARGE).digest) == LARGE


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["PUT", "GET", "HEAD"])
def test_a_failing_service(s3: Any, tmp_path: Path, method: str, fault: str) -> None:
    """Whatever the service does is a `StoreError`, leaves nothing, and is over when it is over."""
    kept = open_store(PLACE, cache=tmp_path / "one").put_bytes(b"kept").digest
    store = open_store(PLACE, cache=tmp_path / "two")
    s3.fault = lambda environ: FAULTS[fault] if environ["REQUEST_METHOD"] == method else None
    work = store.get_bytes if method == "GET" else lambda _: store.put_bytes(b"new")
    with pytest.raises(StoreError, match="s3://payloads/pre"):
        work(kept)
    s3.fault = None
    assert len(_objects()) == 1
    assert store.get_bytes(kept) == b"kept"
    assert store.get_bytes(store.put_bytes(b"new").digest) == b"new"


@pytest.mark.parametrize("fault", ["throttled", "dropped"])
def test_a_short_failure_is_no_failure(store: Store, s3: Any, fault: str) -> None:
    """A request that fails once is sent again."""
    failed: list[str] = []

    def once(environ: Any) -> Any:
        if environ["REQUEST_METHOD"] == "PUT" and not failed:
            failed.append(environ["PATH_INFO"])
            return FAULTS[fault]
        return None

    s3.fault = once
    assert store.get_bytes(store.put_bytes(b"payload").digest) == b"payload"
    assert failed


def test_a_download_that_breaks_off(s3: Any, tmp_path: Path) -> None:
    """Half a payload is never given, nor kept in the cache."""
    digest = open_store(PLACE, cache=tmp_path / "one").put_bytes(LARGE).digest

    def half(environ: Any, start_response: Any) -> list[bytes]:
        start_response("206 Partial Content", [("Content-Length", str(1 << 20))])
        return [LARGE[: 1 << 19]]

    s3.fault = lambda environ: half if environ["REQUEST_METHOD"] == "GET" else None
    store = open_store(PLACE, cache=tmp_path / "two")
    with pytest.raises(StoreError):
        store.get_bytes(digest)
    assert [path for path in (tmp_path / "two").rglob("*") if path.is_file()] == []


def test_a_service_without_conditional_writes(store: Store, s3: Any) -> None:
    """Where S3's like knows no put-if-absent, payloads are stored all the same."""
    unable = _answer("501 Not Implemented", "NotImplemented")
    s3.fault = lambda environ: unable if "HTTP_IF_NONE_MATCH" in environ else None
    assert store.get_bytes(store.put_bytes(b"payload").digest) == b"payload"
    assert "cannot create" in store.findings()[0]


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict"])
def test_another_creator_at_the_same_time(store: Store, s3: Any, code: str) -> None:
    """A conflict with an equal upload, in whatever words, is no error."""
    store.put_bytes(b"the place is known")
    taken = _answer("412 Precondition Failed", code)
    s3.fault = lambda environ: taken if "HTTP_IF_NONE_MATCH" in environ else None
    assert store.get_bytes(store.put_bytes(b"payload").digest) == b"payload"


def test_what_others_do_is_seen(store: Store, s3: Any, tmp_path: Path) -> None:
    """No listing is remembered: what another client puts or removes is seen at once."""
    digest = store.put_bytes(b"payload").digest
    assert store.has(digest)
    other = fsspec.filesystem("s3", skip_instance_cache=True)
    other.rm(store.url(digest))
    assert not store.has(digest)
    with pytest.raises(PayloadMissing):
        open_store(PLACE, cache=tmp_path / "two").path(digest)
    other.pipe_file(store.url(digest), b"PAYLOAD")
    assert store.has(digest)
    with pytest.raises(PayloadDamaged):
        open_store(PLACE, cache=tmp_path / "two").path(digest)


def test_no_such_bucket(s3: Any, tmp_path: Path) -> None:
    """A store in a bucket that does not exist says so with the first put."""
    with pytest.raises(StoreError, match="no such bucket"):
        open_store("s3://nobodys/x", cache=tmp_path).put_bytes(b"x")


def test_nobody_answers(s3: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that is not there is one line that names the store."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    fsspec.filesystem("s3").clear_instance_cache()
    with pytest.raises(StoreError, match=r"s3://payloads/pre.*127\.0\.0\.1:9"):
        open_store(PLACE, cache=tmp_path).get_bytes("sha256:" + "0" * 64)
    fsspec.filesystem("s3").clear_instance_cache()


def _abandoned(begun: datetime) -> tuple[Any, dict[str, Any]]:
    """The file system, and an upload that began then; moto's all began in 2010."""
    system = fsspec.filesystem("s3", use_listings_cache=False)
    upload = system.call_s3("create_multipart_upload", Bucket="payloads", Key="pre/sha256/x")
    return system, {"Key": "pre/sha256/x", "UploadId": upload["UploadId"], "Initiated": begun}


def test_abandoned_uploads_are_swept(store: Store, s3: Any) -> None:
    """Parts whose sender died go with the first upload of a process, and with a sweep."""
    system, _ = _abandoned(datetime.now(UTC))
    system.call_s3("create_multipart_upload", Bucket="payloads", Key="other/x")
    store.put_bytes(b"payload")
    assert [upload["Key"] for upload in _unfinished()] == ["other/x"]  # somebody else's
    _abandoned(datetime.now(UTC))
    assert store.sweep() == 1
    assert len(_unfinished()) == 1


def test_a_young_upload_is_left_alone(
    store: Store, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody can tell whether an upload's sender lives: it has a day."""
    for hours, swept in ((23, 0), (25, 1)):
        system, upload = _abandoned(datetime.now(UTC) - timedelta(hours=hours))
        with monkeypatch.context() as patch:
            patch.setattr(type(system), "list_multipart_uploads", lambda *_: [upload])  # noqa: B023
            assert store.sweep(older_than=0) == swept
