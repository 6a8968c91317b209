"""Tasks on a Dask cluster of processes, payloads in S3: nothing but records comes back."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import heirloom as hl
from heirloom.errors import CatalogUnavailable, PayloadMissing
from heirloom.session import Session

pytestmark = pytest.mark.process
distributed: Any = import_module("distributed")

TEAM = """
    import os, time
    from functools import partial
    from pathlib import Path

    sales, report = hl.Artifact("sales"), hl.Artifact("report")

    @hl.task
    def fetch(n: int) -> bytes:
        return n.to_bytes(4, "big") * 2000

    @hl.task
    def size(data: bytes) -> int:
        return int.from_bytes(data[:4], "big")

    @hl.task
    def total(sizes: list[int]) -> Annotated[int, report]:
        return sum(sizes)

    @hl.workflow
    def mapped(items: list[int]):
        return total(sizes=hl.map_task(size)(data=hl.map_task(fetch)(n=items)))

    @hl.task
    def counted(n: int, place: str) -> int:
        mine = Path(place, f"{n}.txt")
        with mine.open("a") as file:
            file.write(f"{os.getpid()}\\n")
        while n == 3 and len(mine.read_text().splitlines()) == 1:
            time.sleep(0.01)
        return n

    @hl.workflow
    def counting(place: str):
        return hl.map_task(partial(counted, place=place))(n=list(range(8)))

    @hl.task
    def inner(x: int) -> Annotated[int, report]:
        return x + 1

    @hl.task(retries=1)
    def outer(x: int, path: str) -> bytes:
        found = inner(x=x)
        if not os.path.exists(path):
            open(path, "w").close()
            raise ValueError("the first try")
        return bytes([found]) * 8000

    @hl.task
    def asking() -> int:
        return hl.pull("sales")
"""


class Served:
    """A served S3 that notes who asked for what."""

    def __init__(self, backend: Callable[[dict[str, Any], Any], Any]) -> None:
        self.url = ""
        self.seen: dict[str, set[str]] = {"session": set(), "worker": set()}
        self._backend = backend

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        who = "worker" if "app/worker" in environ.get("HTTP_USER_AGENT", "") else "session"
        self.seen[who].add(environ["PATH_INFO"].rpartition("/")[2])
        return self._backend(environ, start_response)


@pytest.fixture(scope="module")
def s3() -> Iterator[Served]:
    """An S3 on this machine, which ``s3://`` means in this process and those that it starts."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    served = Served(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, served, threaded=True)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", served.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "dummy")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "dummy-secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import_module("s3fs").S3FileSystem.clear_instance_cache()  # they know another server
        import_module("fsspec").filesystem("s3", use_listings_cache=False).mkdir("cluster")
        yield served
    server.shutdown()
    thread.join()


@pytest.fixture(scope="module")
def client(s3: Served) -> Iterator[Any]:
    """A cluster of two processes that know the S3 by their environment."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SDK_UA_APP_ID", "worker")
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=":0"
        )
    with cluster, distributed.Client(cluster) as client:
        yield client


@pytest.fixture(autouse=True)
def session(tmp_path: Path, s3: Served, client: Any) -> Session:
    """A session whose payloads go to the bucket and whose tasks go to the cluster."""
    place = f"s3://cluster/{tmp_path.name}"
    session = hl.connect(tmp_path / "home", store=place, executor=client.get_executor())
    for seen in s3.seen.values():
        seen.clear()
    return session


@pytest.mark.deep
def test_a_map_has_all_its_edges_and_no_payload_in_the_session(
    load: Any, record: Any, s3: Served, deep: bool, count: Any
) -> None:
    """Two tasks an item, each read by whom it went to; workers alone move them. Deep: 1 000."""
    items = list(range(1000 if deep else 200))
    began = time.monotonic()
    done = hl.run(load(TEAM).mapped, items=items)
    count(items=len(items), seconds=round(time.monotonic() - began, 1))
    assert done.state == "succeeded"
    leaves = {each.path: each for each in record.all if each.kind == "task"}
    assert len(leaves) == 2 * len(items) + 1
    moved = {leaves[f"/fetch/{n}"].outputs["o0"].digest.partition(":")[2] for n in items}
    assert len(moved) == len(items)
    assert moved <= s3.seen["worker"]
    assert not moved & s3.seen["session"]
    for n in items:
        (read,) = leaves[f"/size/{n}"].all_reads()
        assert read.item == f"value:{leaves[f'/fetch/{n}'].id}/o0"
    sizes = [f"value:{leaves[f'/size/{n}'].id}/o0" for n in items]
    maps = {each.path: each for each in record.all if each.kind == "map"}
    assert sorted(read.item for read in maps["/size"].reads if read.item in sizes) == sorted(sizes)
    (read,) = leaves["/total"].all_reads()
    assert read.item == f"value:{maps['/size'].id}/o0"
    assert hl.pull("report") == sum(items)
    assert {each.tries for each in leaves.values()} == {1}


def test_a_worker_killed_in_mid_task_costs_one_retry(
    load: Any, record: Any, tmp_path: Path
) -> None:
    """Its body runs again elsewhere; every other runs once, and there is one record of each.

    What had ended there, its result not yet fetched, would run again, too.
    """

    def kill() -> None:
        mine = tmp_path / "3.txt"
        while not (mine.exists() and mine.read_text().endswith("\n")):
            time.sleep(0.01)
        begun = {f"/counted/{path.stem}" for path in tmp_path.glob("*.txt")} - {"/counted/3"}
        while not begun <= {each.path for each in record.named("counted") if each.is_final}:
            time.sleep(0.01)
        os.kill(int(mine.read_text()), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    done: Any = hl.run(load(TEAM).counting, place=str(tmp_path))
    killer.join()
    assert done.outputs["o0"] == list(range(8))
    ran = {n: len((tmp_path / f"{n}.txt").read_text().splitlines()) for n in range(8)}
    assert ran == {n: 2 if n == 3 else 1 for n in range(8)}
    assert len([each for each in record.named("counted") if each.kind == "task"]) == 8


@pytest.fixture
def elsewhere(session: Session, tmp_path: Path) -> Session:
    """The same, its home on no machine that the workers reach."""
    away = replace(session.settings, home=tmp_path / "not-here" / ".heirloom")
    session.runner.settings = away
    return session


@pytest.mark.usefixtures("elsewhere")
def test_a_home_that_workers_do_not_reach_is_not_missed(
    load: Any, record: Any, tmp_path: Path
) -> None:
    """Inputs, outputs, calls in bodies, retries: the store and the job have all that they need."""
    assert load(TEAM).outer(x=1, path=str(tmp_path / "tried")) == bytes([2]) * 8000
    outer, inner = record.one("outer"), record.one("inner")
    assert (outer.tries, inner.path, inner.parent_id) == (2, "/inner", outer.id)
    assert hl.get("report").execution_id == inner.id
    hl.run(load(TEAM).mapped, items=[1, 2])
    assert hl.pull("report") == 3


@pytest.mark.usefixtures("elsewhere")
def test_who_asks_for_a_catalog_that_is_not_there(load: Any) -> None:
    """One line says where it is, and what to do instead."""
    hl.publish(1, "sales")
    with pytest.raises(CatalogUnavailable, match=r"on the machine that sent this body.* an input"):
        load(TEAM).asking()


def test_another_home_at_the_same_path_is_not_asked(
    load: Any, session: Session, tmp_path: Path
) -> None:
    """A worker's own home may lie where the session's does; its versions are others."""
    hl.publish(1, "sales")
    other = Session(replace(session.settings, home=tmp_path / "other"))
    other.publish(2, "sales")
    other.close()
    session.runner.settings = other.settings
    with pytest.raises(CatalogUnavailable, match="on the machine that sent this body"):
        load(TEAM).asking()


def test_an_output_in_a_directory_of_another_machine(
    load: Any, client: Any, tmp_path: Path
) -> None:
    """It is no version: what was written where the session does not see it is said to be lost."""
    session = hl.connect(tmp_path / "own", executor=client.get_executor())
    there = tmp_path / "there"
    session.runner.settings = replace(session.settings, home=there, store=str(there / "store"))
    with pytest.raises(PayloadMissing, match=r"'fetch' wrote its output on .*s3://"):
        load(TEAM).fetch(n=1)
    assert [each.state for each in hl.executions()] == ["failed"]
