"""The verbs of what runs events: the reactor, and its own workers."""

from __future__ import annotations

import signal
import threading
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from heirloom.cli.answer import Answer
from heirloom.cli.documents import document
from heirloom.cli.text import line, table
from heirloom.engine.standing import Standing
from heirloom.engine.worker import serve
from heirloom.records.news import NEWS, News
from heirloom.session import Session

__all__ = ["reactor", "worker"]


def reactor(session: Session, args: Namespace) -> Answer:
    """Run events until SIGINT or SIGTERM comes; what runs then is let end."""
    if args.looks:
        return _status(session)
    if args.log is not None:
        session.telling.on(NEWS, _log(session, args.log))
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        session.reactor.workers = args.workers or session.reactor.workers
        status = session.reactor.start()
        log = session.home / "logs" / "workers.log"
        print(f"{len(status.workers)} workers run events of {session.home}; log: {log}", flush=True)
        stopping.wait()
        session.reactor.stop(args.timeout)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return Answer({"home": str(session.home)}, "stopped")


def _log(session: Session, path: str) -> Callable[[News], None]:
    """What writes the news of every project of the home."""
    from heirloom.engine.news_log import NewsLog, to_stdout

    if path == "-":
        return to_stdout
    return NewsLog(Path(path) if path else session.home / "logs" / "events.jsonl")


def _status(session: Session) -> Answer:
    status = session.reactor.status()
    listing = status.listing()
    rows = [table(listing.rows, listing.headers, "")] if listing.rows else []
    text = "\n".join([line(listing.title), *rows])
    return Answer({"processes": [document(each) for each in status.processes]}, text)


def worker(session: Session, args: Namespace) -> Answer:
    """Run what a reactor hands out, until it lets this process go."""
    life = session.lives.begin("worker", args.reactor)
    try:
        standing = Standing(session.approvals.allows, session.workplace)
        serve(session.catalog, session.claims(life.name), standing.look)
    finally:
        life.end()
    return Answer({}, "")
