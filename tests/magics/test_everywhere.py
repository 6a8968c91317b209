"""A kernel as front ends drive it: restarted, shared by two, with a subshell, by its reloads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

import heirloom as hl

pytestmark = pytest.mark.kernel

LOAD = "%load_ext heirloom\nimport heirloom as hl"
SECONDS = 60


class Kernel:
    """A running kernel, and what its cells showed."""

    def __init__(self, home: Path, notebook: Path) -> None:
        self.manager = KernelManager(kernel_name="python3")
        # What jupyter_server gives the kernel of a notebook.
        self.env = {**os.environ, "HEIRLOOM_HOME": str(home), "JPY_SESSION_NAME": str(notebook)}
        self.manager.start_kernel(env=self.env)
        self._connect()

    def _connect(self) -> None:
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=SECONDS)

    def restart(self) -> None:
        """As the button does."""
        self.client.stop_channels()
        self.manager.restart_kernel(now=True)
        self._connect()

    def send(self, code: str, cell: str = "c1", subshell: str | None = None) -> str:
        """Ask for a cell to be run, in the main shell or in a subshell; the request's id."""
        session = self.client.session
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False}
        message = session.msg("execute_request", content, metadata={"cellId": cell})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def outputs(self, *requests: str) -> str:
        """The text of all that came of these requests, which are over."""
        texts, busy = [], set(requests)
        while busy:
            message = self.client.get_iopub_msg(timeout=SECONDS)
            parent, content = message["parent_header"].get("msg_id"), message["content"]
            if parent not in requests:
                continue
            texts.append(content.get("text", ""))
            texts.append(content.get("data", {}).get("text/plain", ""))
            texts += content.get("traceback", [])
            if content.get("execution_state") == "idle":
                busy.discard(parent)
        return "\n".join(filter(None, texts))

    def run(self, code: str, cell: str = "c1") -> str:
        """Run a cell to its end; the text of what it showed."""
        return self.outputs(self.send(code, cell))

    def subshell(self) -> str:
        """The id of a new subshell, as JupyterLab asks for one for comm messages."""
        message = self.client.session.msg("create_subshell_request", {})
        self.client.control_channel.send(message)
        while True:
            reply = self.client.control_channel.get_msg(timeout=SECONDS)
            if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                return str(reply["content"]["subshell_id"])

    def stop(self) -> None:
        """End it."""
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@contextmanager
def kernel(home: Path, notebook: Path) -> Iterator[Kernel]:
    """A kernel of that notebook, for as long as the block lasts."""
    started = Kernel(home, notebook)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of the notebook, and of the home."""
    return tmp_path_factory.mktemp("everywhere")


@pytest.fixture(scope="module")
def shared(room: Path) -> Iterator[Kernel]:
    """One kernel for all tests; each loads the extension anew, which is to change nothing."""
    path = str(Path(hl.__file__).parents[1])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path, prepend=os.pathsep)
        patch.setenv("HEIRLOOM_REACTOR", "off")
        patch.setenv("HEIRLOOM_USER", "tester")
        with kernel(room / "home", room / "sales.ipynb") as started:
            yield started


@pytest.fixture(autouse=True)
def _opened(room: Path, shared: Kernel) -> None:
    shared.run(LOAD)
    hl.connect(room / "home")


def test_every_option(shared: Kernel) -> None:
    """A cell with each of them emits, waits, shows and is silent as it is told."""
    assert "sales[region=emea]@1" in shared.run("%%artifact sales[region=emea]\n10")
    shown = shared.run(
        "%%artifact daily --from sales[region=emea] --on --when version --time 2026-01-31T12:00 "
        "--card '# {1 + 1}' --kind data\nimport asyncio\nawait_ = 2\nsales * await_"
    )
    assert "20" in shown
    assert "daily[time=2026-01-31]@1 int" in shown
    assert "runs again on sales[region=emea]" in shown
    assert (hl.get("daily").kind, str(hl.get("daily").card)) == ("data", "# 2")
    assert "drafted@1" in shared.run("%%artifact drafted --draft --format pickle\n{1, 2};")
    assert (hl.get("drafted@1").state, hl.get("drafted@1").format) == ("draft", "pickle")
    waited = shared.run("%%artifact waited\nimport asyncio\nawait asyncio.sleep(0)\n[3];")
    assert waited.startswith("waited@1")
    cached = "%%artifact kept --cache --from sales[region=emea]\nresult = 2 * sales"
    shared.run(cached)
    assert "cached: the cell did not run" in shared.run(cached)
    assert "would" in shared.run("%%artifact kept --preview\n1 / 0")
    assert hl.search("name=kept").total == 1


def test_errors_are_one_line_or_the_users_own(shared: Kernel) -> None:
    """Ours have no traceback; the user's has the user's frames alone."""
    ours = shared.run("%%artifact total --drft\n1")
    assert ours.count("\n") == 0
    assert "Did you mean '--draft'" in ours
    assert "magics" not in shared.run("%%artifact total\n\n1 / 0")


def test_load_ext_twice_and_reload_ext(shared: Kernel) -> None:
    """There is one set of hooks: a cell that reads is recorded once, one that emits emits once."""
    shared.run("%load_ext heirloom")
    shared.run("%reload_ext heirloom")
    shared.run("%%artifact twice\n1")
    shared.run("hl.pull('twice')")
    assert hl.search("name=twice").total == 1
    assert len(hl.current().consumers(hl.get("twice"))) == 1


def test_the_cell_is_known(shared: Kernel) -> None:
    """The front end's cell id and notebook are the version's anchor."""
    shared.run("%%artifact anchored\n1", cell="4f-a2")
    found = hl.anchor("anchored")
    assert found is not None
    assert (found.cell, Path(found.notebook or "").name) == ("4f-a2", "sales.ipynb")
    assert "cell 4f-a2 of sales.ipynb, not changed since" in shared.run("%artifact anchored")


def test_a_callback_on_a_subshell_while_a_cell_runs(shared: Kernel, room: Path) -> None:
    """It looks and reads at once; what it reads is its own edge and none of the running cell's."""
    shared.run("%%artifact read_here\n1")
    shared.run("%%artifact read_there\n2")
    shared.run("import threading\ngate, over = threading.Event(), threading.Event()")
    cell = shared.send(
        "%%artifact made\none = hl.pull('read_here')\nassert gate.wait(60)\none", cell="main"
    )
    subshell = shared.subshell()
    callback = shared.send(
        "gate.set()\nassert over.wait(60)\nhl.pull('read_there')", "back", subshell
    )
    after = shared.send("over.set()", cell="after")  # so the callback ends after the cell
    assert "made@1" in shared.outputs(cell, callback, after)

    read = hl.current().producer(hl.get("made"))
    assert read is not None
    assert [each.item for each in read.all_reads()] == [hl.get("read_here").ref]
    (reader,) = hl.current().consumers(hl.get("read_there"))
    assert reader.anchor["cell"] == "back"


def test_autoreload(shared: Kernel, room: Path) -> None:
    """A cell runs, and records, the text that a module of one's own has now."""
    module = room / "team_rules.py"
    module.write_text("BASE = 1\n\n\ndef rate():\n    return 1\n")
    shared.run(f"import sys\nsys.path.insert(0, {str(room)!r})")
    shared.run("%load_ext autoreload\n%autoreload 2\nimport team_rules")
    shared.run("%%artifact rated\nteam_rules.rate()")
    module.write_text("BASE = 1\n\n\ndef rate():\n    return 22\n")
    os.utime(module, (2**31, 2**31))
    shared.run("%%artifact rated\nteam_rules.rate()")
    shared.run("%autoreload 0")

    assert [hl.pull(version) for version in hl.search("name=rated")] == [22, 1]
    assert hl.execution(hl.get("rated").execution_id).bound is None
    why = hl.why("rated")
    assert why.diff is not None
    assert "+    return 22" in why.diff.code


def test_run(shared: Kernel, room: Path) -> None:
    """``%run`` of a script, and of a file of cells with our magics, emits what they emit."""
    (room / "script.py").write_text("import heirloom as hl\nhl.publish(5, 'scripted')\n")
    (room / "cells.ipy").write_text("get_ipython().run_cell('%%artifact celled\\n6')\n")
    shared.run("%%artifact before\n1")
    shared.run(f"value = hl.pull('before')\n%run {room / 'script.py'}\n%run {room / 'cells.ipy'}")

    assert (hl.pull("scripted"), hl.pull("celled")) == (5, 6)
    (reader, *_) = hl.current().consumers(hl.get("before"))
    assert reader.kind in {"cell", "publish"}


def test_a_restarted_kernel_goes_on(shared: Kernel) -> None:
    """The names are gone, the catalog is not; the extension has to be loaded again, as any."""
    shared.run("%%artifact lasting\n1")
    shared.restart()
    assert "not found" in shared.run("%%artifact lasting\n2")
    shared.run(LOAD)
    shared.run("%%artifact lasting\nhl.pull('lasting') + 1")
    assert [hl.pull(version) for version in hl.search("name=lasting")] == [2, 1]


def test_two_kernels_of_one_notebook(shared: Kernel, room: Path) -> None:
    """Each emits the next number of a name; what one runs of a cell, the other does not claim."""
    with kernel(room / "home", room / "sales.ipynb") as other:
        other.run(LOAD)
        for number, each in enumerate((shared, other, shared), 1):
            assert f"common@{number} " in each.run(f"%%artifact common\n{number}", cell="same")
        assert [hl.pull(version) for version in hl.search("name=common")] == [3, 2, 1]
        assert "changed since" in other.run("%artifact common@1", cell="look")
        assert "+3" in shared.run("print(hl.anchor('common@2').diff)", cell="look")
