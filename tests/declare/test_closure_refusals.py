"""Code that cannot leave its kernel: each refusal names its one culprit, and the mend."""

from __future__ import annotations

import builtins
import functools
import importlib
import py_compile
from typing import Any

import pytest

from heirloom.declare.closure import capture, capture_cell
from heirloom.declare.rebuild import rebuild
from heirloom.errors import NotPortable

REFUSALS: list[tuple[str, str, str, str, str]] = [
    (
        "a live frame",
        "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\ndef use(): return df.sum()",
        "df",
        "it is a pandas DataFrame that lives in this kernel",
        "make it an input",
    ),
    (
        "an open file, read by a helper",
        "import io\nlog = io.StringIO()\ndef helper(): return log\ndef use(): return helper()",
        "log",
        "it is a StringIO that lives in this kernel (read by 'helper')",
        "make it an input",
    ),
    (
        "a lock in a class's method",
        "import threading\nguard = threading.Lock()\n"
        "class Box:\n    def get(self): return guard\ndef use(): return Box()",
        "guard",
        "it is a lock that lives in this kernel (read by 'Box')",
        "make it an input",
    ),
    (
        "a frame in a container",
        "import pandas as pd\ntables = {'a': [pd.DataFrame()]}\ndef use(): return tables",
        "tables",
        "it is a dict that holds a pandas DataFrame of this kernel",
        "make it an input",
    ),
    (
        "a frame that a nested function closes over",
        "import pandas as pd\n"
        "def make(frame):\n    def inner(): return frame\n    return inner\n"
        "inner = make(pd.DataFrame())\ndef use(): return inner()",
        "frame",
        "it is a pandas DataFrame that lives in this kernel (read by 'inner')",
        "make it an input",
    ),
    (
        "a frame as a default",
        "import pandas as pd\ntable = pd.DataFrame()\ndef use(x=table): return x",
        "table",
        "it is a pandas DataFrame that lives in this kernel",
        "make it an input",
    ),
    (
        "a name that nobody bound",
        "def use(): return colour",
        "colour",
        "it is not defined",
        "define it or import it",
    ),
    (
        "a large constant",
        "TABLE = list(range(5000))\ndef use(): return TABLE",
        "TABLE",
        "it is a list of 5,000 items, and a constant has 10,000 characters at most",
        "make it an input",
    ),
    (
        "a function without text",
        "exec('def hidden(): return 1')\ndef use(): return hidden()",
        "hidden",
        "its text is nowhere to be read",
        "define it in a cell or in a module",
    ),
    (
        "a constant that holds itself",
        "loop = []\nloop.append(loop)\ndef use(): return loop",
        "loop",
        "it holds itself",
        "write it as a function",
    ),
    (
        "a default that holds the function whose default it is",
        "held = []\ndef again(x=held): return x\nheld.append(again)\ndef use(): return again()",
        "held",
        "it is part of a circle of definitions",
        "make one of them without the others",
    ),
    (
        "a task made by a call",
        "from heirloom import task\ndef plain(x: int) -> int: return x\n"
        "made = task(plain)\ndef use(): return made",
        "made",
        "it was made by a call",
        "declare it with the decorator",
    ),
    (
        "a method of a live object",
        "class Live:\n    def go(self): return 1\ngo = Live().go\ndef use(): return go()",
        "go",
        "it is a Live that lives in this kernel",
        "make it an input",
    ),
    (
        "a generic function with implementations elsewhere",
        "from functools import singledispatch\n@singledispatch\ndef show(x): return 'any'\n"
        "@show.register\ndef _(x: int): return 'int'\ndef use(): return show(1)",
        "show",
        "its registered implementations are no part of its text",
        "use isinstance",
    ),
]


@pytest.mark.parametrize(
    ("text", "culprit", "reason", "mend"),
    [case[1:] for case in REFUSALS],
    ids=[case[0] for case in REFUSALS],
)
def test_a_refusal_names_its_one_culprit(
    notebook: Any, text: str, culprit: str, reason: str, mend: str
) -> None:
    """The closure is recorded as bound, with the name, what it is, and what to do."""
    closure = capture(notebook.cell(text)["use"], kind="function")

    assert (closure.bound, closure.reason, closure.mend) == (culprit, reason, mend)
    assert not closure.portable


def test_the_message_says_what_and_why_and_what_next(notebook: Any) -> None:
    """One line: what cannot run elsewhere, the name, what it is, the mend; the data beside it."""
    notebook.cell("import pandas as pd\ndf = pd.DataFrame()\ndef use(): return df")
    closure = capture(notebook["use"], kind="task")

    with pytest.raises(NotPortable) as error:
        closure.require_portable("plan 'nightly'")

    assert str(error.value) == (
        "Plan 'nightly' cannot run apart from this kernel: it uses 'df', and it is a pandas "
        "DataFrame that lives in this kernel. To mend it, make it an input."
    )
    assert (error.value.name, error.value.reason) == (closure.bound, closure.reason)


def test_a_cell_is_told_the_from_that_brings_a_live_value(notebook: Any) -> None:
    """The mend of a reactive cell is the option that binds the name to a version."""
    notebook.cell("import pandas as pd\nsales = pd.DataFrame()")

    closure = capture_cell("sales.sum()", notebook.names, name="forecast")

    assert closure.bound == "sales"
    assert closure.mend == "bring it with --from sales=REF"
    assert capture_cell(
        "sales.sum()", notebook.names, name="forecast", bound_names=["sales"]
    ).portable


def test_a_portable_closure_passes(notebook: Any) -> None:
    """Nothing is raised for code that may leave."""
    capture(notebook.cell("def use(): return 1")["use"], kind="task").require_portable("it")


def test_a_bound_closure_is_not_rebuilt(notebook: Any) -> None:
    """Rebuilding refuses before anything runs."""
    closure = capture(notebook.cell("print\ndef use(): return colour")["use"], kind="task")

    with pytest.raises(NotPortable, match=r"Task 'use' cannot run .* 'colour'"):
        rebuild(closure)


def test_a_bound_closure_still_has_a_digest(notebook: Any) -> None:
    """Code that runs by hand is versioned too, by all that can be told of it."""
    notebook.cell("import pandas as pd\ndf = pd.DataFrame()\ndef use(): return df")
    first = capture(notebook["use"], kind="task").digest
    same = capture(notebook.cell("def use(): return df  # it")["use"], kind="task").digest
    other = capture(notebook.cell("def use(): return -df")["use"], kind="task").digest

    assert first == same != other


def test_a_magic_inside_a_body_is_named(notebook: Any, monkeypatch: Any) -> None:
    """What only a notebook's shell gives is no part of portable code; `display` is imported."""
    monkeypatch.setattr(builtins, "get_ipython", object(), raising=False)
    monkeypatch.setattr(builtins, "display", functools.reduce, raising=False)

    closure = capture_cell("get_ipython().run_line_magic('time', '')", {}, name="c")

    assert (closure.bound, closure.reason, closure.mend) == (
        "get_ipython",
        "it is this notebook's shell",
        "leave magics and ! commands to other cells",
    )
    portable = capture_cell("display(max, [1])", {}, name="c")
    assert [each.source for each in portable.fragments] == [
        "from functools import reduce as display",
        "display(max, [1])",
    ]


def test_one_name_with_two_meanings(notebook: Any) -> None:
    """A function of another namespace that reads a name bound otherwise here is not mixed up."""
    notebook.cell("K = 1\ndef other(): return K")
    other = notebook["other"]
    notebook.names = {"__name__": "__main__", "other": other}
    notebook.cell("K = 2\ndef use(): return other(), K")

    closure = capture(notebook["use"], kind="function")

    assert (closure.bound, closure.reason) == ("K", "it means two different things in this code")


def test_an_own_module_edited_after_its_import(notebook: Any, own_modules: Any) -> None:
    """What is on disk by now is not what ran, so it is not recorded in its place."""
    folder = own_modules({"edited_late": "def f(): return 1"})
    notebook.cell("from edited_late import f\ndef use(): return f()")
    (folder / "edited_late.py").write_text("def f(): return 2")

    closure = capture(notebook["use"], kind="function")

    assert closure.reason == "module 'edited_late' was edited after it was imported"
    assert closure.mend == "import it again"


def test_an_own_module_without_text(notebook: Any, own_modules: Any) -> None:
    """A compiled module outside of site-packages cannot be recorded."""
    folder = own_modules({"no_text": "def f(): return 1"})
    py_compile.compile(str(folder / "no_text.py"), cfile=str(folder / "no_text.pyc"))
    (folder / "no_text.py").unlink()
    importlib.invalidate_caches()
    notebook.cell("from no_text import f\ndef use(): return f()")

    closure = capture(notebook["use"], kind="function")

    assert closure.reason == "module 'no_text' has no Python text"


def test_a_script_edited_while_it_runs(tmp_path: Any) -> None:
    """A function whose file has changed since is not told by the new text."""
    path = tmp_path / "edited.py"
    path.write_text("def use(): return 1\n")
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(path.read_text(), str(path), "exec"), names)
    path.write_text("def use(): return 2\n")

    closure = capture(names["use"], kind="function")

    assert closure.reason == "its file was edited after it was loaded"
    assert closure.mend == "load it again"


def test_a_live_value_that_only_an_annotation_names_binds_nothing(notebook: Any) -> None:
    """Annotations kept as text are read by nobody while the code runs."""
    notebook.cell("import pandas as pd\nx = pd.DataFrame()")
    notebook.cell("def use(a: 'x' = 1): return a")

    assert capture(notebook["use"], kind="function").portable


def test_the_nearest_culprit_is_named(notebook: Any) -> None:
    """Of several, that which the code itself reads comes before those of its helpers."""
    notebook.cell("import io\na_far, near = io.StringIO(), io.BytesIO()")
    notebook.cell("def a_helper(): return a_far\ndef use(): return a_helper(), near")

    assert capture(notebook["use"], kind="function").bound == "near"
