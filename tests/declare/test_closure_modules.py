"""The user's own modules travel as text; a script's ``__main__`` is a notebook of one cell."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import heirloom
from heirloom.declare.closure import Closure, capture
from heirloom.declare.rebuild import rebuild, rebuild_entry

Fresh = Callable[[Closure, str], str]


def test_a_helper_from_a_sibling_module_that_imports_another(
    notebook: Any, own_modules: Any, fresh: Fresh
) -> None:
    """Own modules come with those that they import; the folder may be gone by then."""
    folder = own_modules(
        {
            "own_helpers": """
                import own_deep.inner as deep
                def helper(x):
                    from own_late import late
                    return deep.more(x) + late()
            """,
            "own_late": "def late(): return 100",
            "own_deep/__init__": "from .inner import more\nfrom . import sister",
            "own_deep/inner": "from .sister import one\ndef more(x): return x + one()",
            "own_deep/sister": "def one(): return 1",
            "own_unused": "raise SystemExit",
        }
    )
    notebook.cell("from own_helpers import helper\ndef use(x): return helper(x)")
    closure = capture(notebook["use"], kind="function")
    shutil.rmtree(folder)

    assert sorted(closure.modules) == [
        "own_deep",
        "own_deep.inner",
        "own_deep.sister",
        "own_helpers",
        "own_late",
    ]
    assert fresh(closure, "entry(1)") == "102"


def test_own_modules_imported_in_every_form(notebook: Any, own_modules: Any, fresh: Fresh) -> None:
    """A module, a part of it, a class, an instance and a name in a body are found in the text."""
    folder = own_modules(
        {
            "forms/__init__": "LOCK = object()",
            "forms/parts": "class Row:\n    size = 3\nRATE = 0.5",
            "forms/other": "def four(): return 4",
        }
    )
    notebook.cell("""
        import forms.parts
        import forms.parts as p
        from forms import LOCK
        from forms.parts import Row, RATE
        def use():
            import forms.other
            from forms.other import four
            same = p.Row is Row, LOCK is forms.LOCK
            return forms.parts.Row.size, same, RATE, forms.other.four(), four()
    """)
    closure = capture(notebook["use"], kind="function")
    shutil.rmtree(folder)

    assert fresh(closure, "entry()") == "(3, (True, True), 0.5, 4, 4)"


def test_a_task_of_an_own_module_is_imported_from_its_text(own_modules: Any, fresh: Fresh) -> None:
    """What a module defines is told by the module, not by a piece of it."""
    own_modules(
        {
            "taskmod": """
        from heirloom import task
        RATE = [2]
        @task
        def grow(x: int) -> int: return x * RATE[0]
    """
        }
    )
    import taskmod  # type: ignore[import-not-found]  # written above

    closure = capture(taskmod.grow, kind="task")

    assert [each.source for each in closure.fragments] == ["from taskmod import grow"]
    assert fresh(closure, "entry.function(4)") == "8"


def test_a_module_of_the_same_name_here_is_not_touched(notebook: Any, own_modules: Any) -> None:
    """A rebuilt module imports the recorded text, and the process keeps its own."""
    folder = own_modules({"shared": "def version(): return 'old'"})
    notebook.cell("import shared\ndef use():\n    import shared as late\n    return shared, late")
    closure = capture(notebook["use"], kind="function")
    del sys.modules["shared"]
    (folder / "shared.py").write_text("def version(): return 'new one'")
    import shared  # type: ignore[import-not-found]  # written above

    first, late = rebuild_entry(closure)()

    assert (shared.version(), first.version(), late.version()) == ("new one", "old", "old")
    assert sys.modules["shared"] is shared
    assert rebuild_entry(closure)()[0] is not first


def test_code_of_a_recorded_module_is_captured_alike(notebook: Any, own_modules: Any) -> None:
    """What a rebuilt module has imported from recorded text has that text as its code, too."""
    folder = own_modules({"once": "def f(): return g()\ndef g(): return 1"})
    notebook.cell("from once import f\ndef use(): return f")
    closure = capture(notebook["use"], kind="function")
    known = capture(notebook["f"], kind="function")
    shutil.rmtree(folder)
    del sys.modules["once"]

    again = capture(rebuild_entry(closure)(), kind="function")

    assert (again.digest, again.modules) == (known.digest, known.modules)


def test_an_edit_of_an_own_module_is_an_edit_of_the_code(notebook: Any, own_modules: Any) -> None:
    """The digest counts the text of own modules, not its comments."""
    digests = []
    for text in ("def f(): return 1", "def f(): return 1  # one", "def f(): return 2"):
        sys.modules.pop("edited_mod", None)
        own_modules({"edited_mod": text})
        shutil.rmtree(own_modules({}) / "__pycache__", ignore_errors=True)
        notebook.cell("from edited_mod import f\ndef use(): return f()")
        digests.append(capture(notebook["use"], kind="function").digest)

    assert digests[0] == digests[1] != digests[2]


def test_a_traceback_shows_the_recorded_text(notebook: Any, own_modules: Any) -> None:
    """An error in a recorded module shows its line, though the file is gone."""
    folder = own_modules({"failing": "def fail():\n    raise ValueError('here')"})
    notebook.cell("from failing import fail\ndef use(): fail()")
    closure = capture(notebook["use"], kind="function")
    shutil.rmtree(folder)

    with pytest.raises(ValueError, match="here") as error:
        rebuild_entry(closure)()

    shown = "".join(traceback.format_exception(error.value))
    assert "raise ValueError('here')" in shown
    assert "def use(): fail()" in shown


def test_a_script_is_a_notebook_of_one_cell(tmp_path: Path, fresh: Fresh) -> None:
    """Of a ``__main__`` the definitions, imports and constants count; nothing else of it runs."""
    script = tmp_path / "main.py"
    (tmp_path / "sibling.py").write_text("from third import K\ndef up(x): return x + K")
    (tmp_path / "third.py").write_text("K = 10")
    script.write_text(
        dedent(f"""
        import json, sys
        sys.path.insert(0, {str(Path(heirloom.__file__).parents[1])!r})
        from dataclasses import dataclass
        from heirloom import task
        from sibling import up
        RATE = 2
        data = open(__file__)
        @dataclass
        class Row:
            x: int
        @task
        def use(x: int) -> int:
            return up(Row(x).x * RATE)
        RATE = 3
        if __name__ == "__main__":
            print(json.dumps(use.closure.to_doc()))
        raise SystemExit(0)
    """)
    )
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    closure = Closure.from_doc(json.loads(run.stdout))
    for path in tmp_path.glob("*.py"):
        path.unlink()

    assert fresh(closure, "entry.function(5)") == "25"
    assert sorted(closure.modules) == ["sibling", "third"]


def test_a_cell_of_a_rebuilt_module_sees_recorded_modules(notebook: Any, own_modules: Any) -> None:
    """A rebuilt module's name is a package of its own: nothing is asked of the path."""
    own_modules({"lonely": "X = 1"})
    notebook.cell("import lonely\ndef use(): return lonely.__name__")

    module = rebuild(capture(notebook["use"], kind="function"))

    assert module.use() == f"{module.__name__}.lonely"
