"""The names that a cell reads and writes: one row per construct."""

from __future__ import annotations

import ast
import builtins
import symtable
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from heirloom.declare.trace import Names, names

CASES: list[tuple[str, str, str, str]] = [
    # what, text, reads, writes
    ("expression", "a + b.c[d](e, f=g)", "a b d e g", ""),
    ("assignment", "x = y", "y", "x"),
    ("tuple assignment", "x, (y, *z) = a", "a", "x y z"),
    ("chained assignment", "x = y = a", "a", "x y"),
    ("annotated assignment", "x: int = a", "a int", "x"),
    ("annotation alone", "x: int", "int", ""),
    ("augmented assignment", "x += a", "a x", "x"),
    ("augmented attribute", "x.n += a", "a x", "x"),
    ("augmented subscript", "x[i] += a", "a i x", "x"),
    ("attribute call", "clf.fit(X)", "X clf", "clf"),
    ("attribute call in a chain", "df.a.b[0].drop(c)", "c df", "df"),
    ("attribute call on a result", "make(df).fit()", "df make", ""),
    ("attribute read", "y = x.attr", "x", "y"),
    ("attribute store", "x.attr = a", "a x", "x"),
    ("subscript store", 'df["a"] = b', "b df", "df"),
    ("subscript store below an attribute", 'df.loc[m, "a"] = b', "b df m", "df"),
    ("attribute delete", "del x.attr", "x", "x"),
    ("subscript delete", "del x[k]", "k x", "x"),
    ("delete", "del x", "", "x"),
    ("read after delete", "del x\nx", "", "x"),
    ("import", "import a.b, c.d as e", "", "a e"),
    ("import from", "from m import a, b as c", "", "a c"),
    ("star import", "from m import *", "", "*"),
    ("for", "for i in items: use(i)", "items use", "i"),
    ("for with subscript target", "for d['k'] in items: pass", "d items", "d"),
    ("for reads before it binds", "for i in a: use(x); x = i", "a use x", "i x"),
    ("after a for", "for i in a: x = i\nx", "a x", "i x"),
    ("for else", "for i in a: pass\nelse: x = i", "a i", "i x"),
    ("while", "while a: x = b", "a b", "x"),
    ("with", "with open(p) as f, g as (h, i): x = f", "g open p", "f h i x"),
    ("after a with", "with a as f: x = f\nx", "a", "f x"),
    ("after a suppress", "with suppress(E): x = a\nx", "E a suppress x", "x"),
    ("except", "try: x = a\nexcept E as e: y = e", "E a", "e x y"),
    ("after a try, bound in all ways", "try: x = a\nexcept E: x = b\nx", "E a b", "x"),
    ("after a try, bound in one way", "try: x = a\nexcept E: pass\nx", "E a x", "x"),
    ("after a try that raises", "try: x = a\nexcept E: raise\nx", "E a", "x"),
    ("finally", "try: x = a\nfinally: y = x\ny", "a x", "x y"),
    ("except group", "try: x = a\nexcept* E as e: y = e", "E a", "e x y"),
    ("if binds in one branch", "if a: x = 1\nx", "a x", "x"),
    ("if binds in both branches", "if a: x = 1\nelse: x = 2\nx", "a", "x"),
    ("if that leaves", "if a: raise E\nelse: x = 2\nx", "E a", "x"),
    ("conditional expression", "a if b else c", "a b c", ""),
    ("walrus", "f(x := a); x", "a f", "x"),
    ("walrus behind and", "a and (x := b); x", "a b x", "x"),
    ("walrus in a comprehension", "[(x := i) for i in a]; x", "a x", "x"),
    ("comprehension", "[i + k for i in a if i in b for j in i]", "a b k", ""),
    ("comprehension hides a name", "i = [i for i in i]", "i", "i"),
    ("dict comprehension", "{k: v for k, v in a}", "a", ""),
    ("generator", "sum(i for i in a)", "a sum", ""),
    ("match", "match a:\n case {'x': b, **c}: y = b\n case [d, *e]: pass", "a", "b c d e y"),
    ("match value and class", "match a:\n case K.V: pass\n case P(x=1) as p: pass", "K P a", "p"),
    ("match that may miss", "match a:\n case 1: x = 1\nx", "a x", "x"),
    ("match that cannot miss", "match a:\n case 1: x = 1\n case _: x = 2\nx", "a", "x"),
    ("match guard", "match a:\n case b if c: pass", "a c", "b"),
    ("function", "def f(a, *b, c=d, **e): return a, b, c, e, g", "d g", "f"),
    ("function calls itself", "def f(): return f()", "", "f"),
    ("function reads what comes later", "def f(): return x\nx = 1", "x", "f x"),
    ("function reads what came before", "x = 1\ndef f(): return x", "", "f x"),
    ("decorator and annotations", "@d(a)\ndef f(x: A) -> B: y: C = 1", "A B a d", "f"),
    ("annotation as text", "def f(x: 'A'): pass", "", "f"),
    ("local of a function", "def f():\n x = a\n return x", "a", "f"),
    ("global of a function", "def f():\n global x\n x = a", "a", "f x"),
    ("global that a function deletes", "def f():\n global x\n del x", "", "f x"),
    ("function changes a global in place", "def f(): log.append(a)", "a log", "f log"),
    ("function changes its own in place", "def f(log): log.append(1)", "", "f"),
    ("nonlocal", "def f():\n x = 1\n def g():\n  nonlocal x\n  x = a\n return g", "a", "f"),
    ("nested function", "def f(a):\n def g(b): return a + b + c\n return g", "c", "f"),
    ("lambda", "f = lambda a, b=c: a + d", "c d", "f"),
    ("lambda walrus", "f = lambda a: (x := a)", "", "f"),
    (
        "class",
        "@d\nclass C(B, metaclass=M):\n x = a\n y = x\n def m(self): return x, z",
        "B M a d x z",
        "C",
    ),
    ("class names itself in a method", "class C:\n def m(self): return C", "", "C"),
    ("class names itself in its body", "class C:\n x = C", "C", "C"),
    ("class reads before it binds", "class C:\n x = x", "x", "C"),
    ("class with global", "class C:\n global x\n x = 1", "", "C x"),
    ("class hides from comprehension", "class C:\n x = 1\n y = [x for _ in a]", "a x", "C"),
    ("await", "x = await a.get(b)", "a b", "a x"),
    ("async", "async with a as b:\n async for c in b: d", "a d", "b c"),
    ("f-string", "f'{a!r:{b}}'", "a b", ""),
    ("starred call", "f(*a, **b)", "a b f", ""),
    ("slice", "x[a:b:c]", "a b c x", ""),
    ("read of what the cell bound", "x = 1\ny = x", "", "x y"),
    ("a builtin that a cell shadows", "list = a\nlist(b)", "a b", "list"),
    ("assert", "assert a, b", "a b", ""),
]


@pytest.mark.parametrize(
    ("text", "reads", "writes"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_reads_and_writes(text: str, reads: str, writes: str) -> None:
    """What a construct reads from outside, and what it writes."""
    found = names(text)

    assert found.reads == set(reads.split())
    assert found.writes == set(writes.split())


def test_names_written_in_place_only() -> None:
    """`mutated` tells a changed object from a bound name: a module there was only called."""
    found = names("pd.read_csv(p)\ndf = 1\ndf.x = 2")

    assert found.mutated == {"pd"}
    assert found.writes == {"pd", "df"}


def test_what_runs_now_soon_and_later() -> None:
    """Reads of a lambda and of a function are told from those of the text itself."""
    found = names("a\nlambda: b\ndef f(): return c, (lambda: d)")

    assert found.now == {"a"}
    assert found.soon == {"b"}
    assert found.reads == {"a", "b", "c", "d"}


def test_what_is_surely_bound_at_the_end() -> None:
    """A binding that a path goes round is not sure."""
    found = names("a = 1\nif a: b = 1\nfor c in a: d = 1\ndef e(): f = 1")

    assert found.sure == {"a", "e"}
    assert names("for c in a: d = 1", loops_run=True).sure == {"c", "d"}


def test_annotations_that_are_kept_as_text_are_hints() -> None:
    """Under the ``__future__`` import, and in strings, annotations are not read."""
    found = names("from __future__ import annotations\ndef f(x: A[B]) -> 'C': pass\ny: D = 1")

    assert found.reads == set()
    assert found.hints == {"A", "B", "C", "D"}


def test_a_call_of_a_function_reads_what_its_body_reads(notebook: Any) -> None:
    """Of a function's code the body counts: its own variables and its signature do not."""
    notebook.cell("""
        k = 1
        def make(base):
            def f(a, b=k):
                global made
                made = a + base + rate
                log.append(b)
                return made
            return f
        f = make(1)
    """)

    found = names(notebook["f"].__code__)

    assert found == Names(
        reads=frozenset({"rate", "log", "made"}),
        writes=frozenset({"made", "log"}),
        mutated=frozenset({"log"}),
    )


def test_code_without_text_gives_its_plain_reads() -> None:
    """Code that nobody can read is known by its instructions."""
    space: dict[str, Any] = {}
    exec("def f():\n global w\n w = a.b(len)\n return lambda: c", space)

    found = names(space["f"].__code__)

    assert found.reads == {"a", "len", "c"}
    assert found.writes == {"w"}


def test_a_syntax_error_is_the_users_own() -> None:
    """Text that is no Python raises as Python would."""
    with pytest.raises(SyntaxError):
        names("x = = 1")


_STDLIB = Path(sysconfig.get_paths()["stdlib"])
_SAMPLE = ["argparse", "ast", "dataclasses", "enum", "functools", "inspect", "shutil", "tarfile"]


@pytest.mark.parametrize("module", _SAMPLE)
def test_scopes_are_those_of_the_compiler(module: str) -> None:
    """On real code, the global names that functions read are those that `symtable` finds."""
    text = (_STDLIB / f"{module}.py").read_text(encoding="utf-8")

    top = ast.parse(text)
    for node in ast.walk(top):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.decorator_list, node.returns = [], None
            for part in ast.walk(node.args):
                if isinstance(part, ast.arg):
                    part.annotation = None
    functions = [part for part in top.body if isinstance(part, ast.FunctionDef | ast.ClassDef)]
    for function in functions:
        alone = ast.unparse(function)

        assert _ours(alone) == _theirs(alone), f"{module}.{function.name}"


def _ours(text: str) -> set[str]:
    found = names(text)
    return {name for name in found.reads if not hasattr(builtins, name)}


def _theirs(text: str) -> set[str]:
    """Names that are global in some scope inside the text, but for those that it binds itself."""
    top = symtable.symtable(text, "<text>", "exec")
    found = set[str]()
    tables = [top]
    for table in tables:
        tables += table.get_children()
        for symbol in table.get_symbols():
            is_global = symbol.is_global() or table is top
            if is_global and symbol.is_referenced() and not hasattr(builtins, symbol.get_name()):
                found.add(symbol.get_name())
    return found - {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
