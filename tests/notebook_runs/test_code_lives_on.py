"""Code that a kernel recorded, run again when kernel, notebook and own modules are gone."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

import heirloom as hl

pytestmark = pytest.mark.kernel

MODULES = {
    "inner_mod": "STEP = 3\ndef step(x): return x + STEP\n",
    "outer_mod": "import inner_mod\ndef twice(x): return inner_mod.step(inner_mod.step(x))\n",
}
CELLS = """
%load_ext heirloom
import dataclasses, enum, functools, math
from functools import partial
from typing import Annotated, NamedTuple
import heirloom as hl
import pydantic
# ---
class Base:
    def size(self): return 10
# ---
def logged(prefix):
    def wrap(f):
        @functools.wraps(f)
        def inner(*a, **k): return (prefix, f(*a, **k))
        return inner
    return wrap
PREFIX, LIMIT = "p", 7
class Box(Base):
    @property
    def wide(self): return self.size() * 2
    @logged(PREFIX)
    def deep(self, n=LIMIT): return n + self.wide
    @staticmethod
    def flat(): return 1
    @classmethod
    def made(cls): return cls()
@hl.task
def methods(x: int) -> str:
    return f"{Box.made().deep(x)} {Box().deep()} {Box.flat()}"
methods(x=1)
# ---
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
@hl.task
def mutual(n: int) -> bool: return even(n)
mutual(n=10)
# ---
K = 5
def counted(times):
    def deco(f):
        @functools.wraps(f)
        def go(*a, **k): return f(*a, **k) * times
        return go
    return deco
@hl.task(retries=K)
@counted(K)
def argued(x: int = K) -> int: return x
argued()
# ---
def outer(a):
    def middle(b):
        def inner(c): return a + b + c
        return inner
    return middle
adder = outer(1)(2)
@hl.task
def nested(c: int) -> int: return adder(c)
nested(c=3)
# ---
from outer_mod import twice
@hl.task
def sibling(x: int) -> int: return twice(x)
sibling(x=1)
# ---
FACTOR = 2
def scale(x): return x * FACTOR
@hl.task
def scaled(x: int) -> int: return scale(x)
scaled(x=4)
# ---
FACTOR = 100
scaled(x=4)
# ---
def scale(x): return -1
scaled(x=4)
# ---
made = hl.Artifact("made")
@hl.task
def refers(x: int) -> Annotated[int, made]: return scaled(x=x) + len(made.name)
refers(x=4)
# ---
@hl.task
def t(x: int, k: int = 0) -> int: return x * 10 + k
m = hl.map_task(t)
mk = hl.map_task(partial(t, k=1))
m(x=[1, 2]), mk(x=[1, 2])
# ---
@hl.workflow
def over(xs: list[int]) -> list[int]: return mk(x=m(x=xs))
over(xs=[1, 2])
# ---
@hl.dynamic
def dyn(n: int) -> int:
    last = 0
    for i in range(n): last = t(x=last, k=i)
    return last
dyn(n=3)
# ---
class Pair(NamedTuple):
    a: int
    b: int = 2
@dataclasses.dataclass
class Point:
    x: int
    y: int = dataclasses.field(default=3)
class Colour(enum.Enum):
    RED = "r"
class Model(pydantic.BaseModel):
    n: int
    p: Point
@hl.task
def typed(p: Point, c: Colour, m: Model, q: list[Pair]) -> Point:
    return Point(p.x + m.n + m.p.x, len(c.value) + q[0].b)
@hl.task
def taken(p: Point) -> int: return p.x + p.y
@hl.workflow
def classes(p: Point, c: Colour) -> int:
    return taken(p=typed(p=p, c=c, m=Model(n=4, p=Point(2)), q=[Pair(1)]))
classes(p=Point(1), c=Colour.RED)
# ---
%%task cellular(x: int, k: int = K)
y = x * K
y + k
# ---
%%workflow flowing(x: int = 3)
cellular(x=cellular(x=x))
# ---
flowing()
# ---
import os
@hl.task
def builtin(x: int) -> str:
    with open(os.devnull) as file: return file.read() + str(max(x, 1))
builtin(x=1)
# ---
%%artifact made_by_hand
odd(4) or Box().wide * K
# ---
%%artifact from_it --from made_by_hand
[twice(made_by_hand), adder(1)]
"""
LIVE = """
import io, threading
import pandas as pd
df = pd.DataFrame({"a": [1]})
tables = {"one": df}
log = io.StringIO()
guard = threading.Lock()
TABLE = list(range(5000))
loop = []
loop.append(loop)
exec("def hidden(): return 1")
class Live:
    def go(self): return 1
go = Live().go
def noted(): return log
class Guarded:
    def get(self): return guard
def around(frame):
    def inner(): return len(frame)
    return inner
inside = around(df)
def defaulted(x=df): return len(x)
@functools.singledispatch
def shown(x): return 0
@shown.register
def _(x: int): return 1
"""
REFUSED = {
    "df": "len(df)",
    "log": "len(noted().getvalue())",
    "guard": "int(Guarded().get().locked())",
    "tables": "len(tables)",
    "frame": "inside()",
    "colour": "0 if x else colour",
    "TABLE": "len(TABLE)",
    "loop": "len(loop)",
    "hidden": "hidden()",
    "go": "go()",
    "shown": "shown(1)",
    "get_ipython": "0 if x else get_ipython()",
}
"""What binds a task to its kernel, and the body that reads it."""
SCRIPT = """
import heirloom as hl
from outer_mod import twice
OFFSET = 2
def helper(x): return twice(x) + OFFSET
@hl.task
def scripted(x: int) -> int: return helper(x)
if __name__ == "__main__":
    print("only when it is run")
    scripted(x=1)
"""
FRESH = """
import json, sys, warnings
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("cloudpickle", "inner_mod", "outer_mod"):
            raise ImportError(f"{name} is gone")
sys.meta_path.insert(0, Blocked())
import heirloom as hl
session = hl.current()
def plain(e): return {n: repr(getattr(v, "payload", v)) for n, v in sorted(e.outputs.items())}
told, refused = [], {}
for e in reversed(hl.executions(limit=1000)):
    try:
        with session.here(): again = session.again.rerun(e.id, {}, latest=False, check=False)
    except hl.errors.NotPortable as error:
        if e.kind == "task": refused[e.name] = [error.name, str(error)]
        continue
    except hl.errors.NotSupported:
        assert e.kind == "cell" and not e.outputs
        continue
    again = hl.execution(again.id)
    told.append([e.name, e.kind, e.code_version, again.code_version, plain(e), plain(again)])
    assert (again.kind, again.rerun_of) == (e.kind, e.id)
assert "cloudpickle" not in sys.modules
print(json.dumps([told, refused]))
"""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A directory that is not the user's, and the home of all that is recorded."""
    with pytest.MonkeyPatch.context() as patch:
        place = tmp_path_factory.mktemp("lives-on")
        patch.setenv("PYTHONPATH", str(Path(hl.__file__).parents[1]))
        patch.setenv("HEIRLOOM_HOME", str(place / "home"))
        patch.setenv("HEIRLOOM_REACTOR", "off")
        patch.setenv("IPYTHONDIR", str(place / "ipython"))
        yield place, place / "home"


@pytest.fixture(scope="module")
def recorded(room: tuple[Path, Path]) -> Path:
    """A home that a kernel and a script wrote; both are dead, and all that they had is gone."""
    work = room[0] / "work"
    _write(work)
    (work / "script.py").write_text(SCRIPT)
    script = [sys.executable, "script.py"]
    ran = subprocess.run(script, cwd=work, capture_output=True, text=True, check=True)
    assert ran.stdout == "only when it is run\n"
    _execute(work / "team.ipynb", [*_cells(), LIVE, *_bound(), KILL])
    shutil.rmtree(work)
    return room[1]


@pytest.fixture(scope="module")
def told(recorded: Path) -> tuple[list[list[Any]], dict[str, list[str]]]:
    """Of each recorded execution its name, kind, code and outputs, and those of its rerun.

    And of those that are refused, by name, the name that binds them and the line.
    """
    fresh = [sys.executable, "-c", FRESH]
    env = {**os.environ, "HEIRLOOM_HOME": str(recorded)}
    again = subprocess.run(fresh, cwd=recorded.parent, env=env, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "only when it is run" not in again.stdout
    rows, refused = json.loads(again.stdout)
    return rows, refused


KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def _write(place: Path) -> None:
    place.mkdir()
    for name, text in MODULES.items():
        (place / f"{name}.py").write_text(text)


def _cells() -> list[str]:
    return [text.strip("\n") for text in dedent(CELLS).split("# ---\n")]


def _bound() -> list[str]:
    """A cell for each task that is refused, which calls it."""
    task = "@hl.task\ndef bound_{0}(x: int) -> int: return {1}\nbound_{0}(x=1)"
    return [task.format(name, body) for name, body in REFUSED.items()]


def _execute(path: Path, cells: list[str]) -> None:
    """Run a notebook that is on disk, until it kills its kernel."""
    new_cell: Any = nbformat.v4.new_code_cell
    book = nbformat.v4.new_notebook(cells=list(map(new_cell, cells)))  # type: ignore[no-untyped-call]
    nbformat.write(book, path)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": os.fspath(path.parent)}}
    client = NotebookClient(nbformat.read(path, 4), store_widget_state=False, resources=resources)  # type: ignore[no-untyped-call]
    with pytest.raises(DeadKernelError):
        asyncio.run(client.async_execute())


def test_everything_gives_the_same_again(told: Any) -> None:
    """Each call, map, workflow and cell of a kernel, and of a script: the same code and result."""
    rows, _ = told
    outcomes = [(name, kind, was, now) for name, kind, _, _, was, now in rows]
    assert [each[:3] for each in outcomes] == [(n, k, now) for n, k, _, now in outcomes]
    assert all(code == again for _, _, code, again, _, _ in rows)
    ran = {name for name, *_ in rows}
    assert ran >= {
        *("methods", "mutual", "argued", "nested", "sibling", "scaled", "refers", "over", "dyn"),
        *("typed", "taken", "classes", "cellular", "flowing", "scripted", "builtin"),
        *("made_by_hand", "from_it"),
    }
    scaled = {code: was for name, _, code, _, was, _ in rows if name == "scaled"}
    assert sorted(map(str, scaled.values())) == ["{'o0': '-1'}", "{'o0': '400'}", "{'o0': '8'}"]


def test_what_is_bound_is_refused_by_its_one_name(told: Any) -> None:
    """It ran in its kernel; elsewhere the line names what binds it, and what to do."""
    _, refused = told
    assert {name: culprit for name, (culprit, _) in refused.items()} == {
        f"bound_{name}": name for name in REFUSED
    }
    for name, (culprit, line) in refused.items():
        assert line.startswith(f"Task {name!r} cannot run apart from this kernel: it uses")
        assert repr(culprit) in line
        assert "To mend it," in line


# ---------------------------------------------------------------------- versions of code

DIGESTS = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
import heirloom as hl
shell = InteractiveShell()
for cell in json.load(sys.stdin):
    shell.run_cell(cell).raise_error()
names = {n: v for n, v in shell.user_ns.items() if hasattr(v, "closure") and not n[0] == "_"}
made = {e.name: e.code_version for e in hl.executions(limit=100) if e.kind == "cell" and e.outputs}
print("\\n" + json.dumps({n: v.closure.digest for n, v in names.items()} | made))
"""


def _digests(place: Path, cells: list[str], seed: int) -> dict[str, str]:
    """The version of each task and workflow, and of each cell that emits, by name."""
    env = {**os.environ, "PYTHONHASHSEED": str(seed), "HEIRLOOM_HOME": str(place / f"h{seed}")}
    command = [sys.executable, "-c", DIGESTS]
    work = place / f"w{seed}"
    _write(work)
    ran = subprocess.run(
        command, cwd=work, env=env, input=json.dumps(cells), capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    found: dict[str, str] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_a_version_of_code_is_what_is_reached(room: tuple[Path, Path], told: Any) -> None:
    """Whatever the hash seed; another by an edit of a reached line, and by nothing else."""
    cells = _cells()
    first = _digests(room[0], cells, 0)
    newest = {name: code for name, _, code, _, _, _ in told[0]}
    shared = first.keys() & newest.keys()
    assert len(shared) >= 15
    assert {n: first[n] for n in shared} == {n: newest[n] for n in shared}

    formatted = [_formatted(cell) for cell in cells]
    assert formatted != cells
    unreached = "def unreached(): return 1\nclass Unread(Base): pass"
    assert _digests(room[0], [*formatted[:-1], unreached, formatted[-1]], 1) == first

    edits = {
        "return 10": "return 11",  # a method of a base in another cell
        "n != 0 and even": "n != 0 and 1 and even",  # the other half of a recursion
        "* times": "* times * 1",  # a decorator's wrapper
        "a + b + c": "a + c + b",  # a function in a function in a function
        "x * FACTOR": "FACTOR * x",  # a helper that was redefined since: nothing of it is left
    }
    edited = [_with(cell, edits) for cell in cells]
    other = _digests(room[0], edited, 2)
    changed = {name for name in first if other[name] != first[name]}
    assert changed == {
        *("methods", "mutual", "argued", "nested"),
        *("made_by_hand", "from_it"),
    }


def _formatted(cell: str) -> str:
    """The same code, otherwise written."""
    if cell.startswith("%"):
        return cell
    lines = cell.replace("return x * 10 + k", "return (x*10 +\n        k)").split("\n")
    return "# said anew\n" + "\n".join(f"{line}  # so" if line else line for line in lines) + "\n\n"


def _with(cell: str, edits: dict[str, str]) -> str:
    for was, now in edits.items():
        cell = cell.replace(was, now)
    return cell
