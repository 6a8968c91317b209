"""What a closure takes along, shown by running it where nothing of the notebook is left."""

from __future__ import annotations

import inspect
import json
import linecache
import pickle
import sys
from collections.abc import Callable
from typing import Any

import pytest

from heirloom.declare.closure import Closure, Fragment, capture, capture_cell
from heirloom.declare.rebuild import rebuild, rebuild_entry, release

Fresh = Callable[[Closure, str], str]


def test_decorated_methods_with_a_base_in_another_cell(notebook: Any, fresh: Fresh) -> None:
    """A class brings its base, its methods' decorators and what all of them name."""
    notebook.cell("""
        import functools
        UNIT = 10
        class Base:
            scale = UNIT
            def size(self):
                return self.scale * len(self.parts)
    """)
    notebook.cell("""
        def plus(n):
            def decorate(method):
                @functools.wraps(method)
                def wrapper(self):
                    return method(self) + n
                return wrapper
            return decorate
    """)
    notebook.cell("""
        class Box(Base):
            parts = ("a", "b")
            @plus(UNIT)
            def size(self):
                return super().size() + 1
            @property
            def twice(self):
                return 2 * self.size()
    """)

    closure = capture(notebook["Box"], kind="class")

    assert fresh(closure, "(entry().size(), entry().twice, entry.__name__)") == "(31, 62, 'Box')"


def test_mutual_recursion(notebook: Any, fresh: Fresh) -> None:
    """Two functions that name each other come both, also under a decorator that runs at once."""
    notebook.cell("""
        from functools import lru_cache
        @lru_cache
        def even(n): return n == 0 or odd(n - 1)
        @lru_cache
        def odd(n): return n != 0 and even(n - 1)
    """)

    assert (
        fresh(capture(notebook["odd"], kind="function"), "(entry(7), entry(8))") == "(True, False)"
    )


def test_defaults_and_decorator_arguments_that_name_globals(notebook: Any, fresh: Fresh) -> None:
    """Names in a signature and on a decorator line are found, though no code object has them."""
    notebook.cell("""
        LIMIT, FACTOR = 4, 3
        def times(n):
            return lambda f: lambda *given: n * f(*given)
        @times(FACTOR)
        def clipped(x, limit=LIMIT, *, low=-LIMIT):
            return max(low, min(x, limit))
    """)

    assert (
        fresh(capture(notebook["clipped"], kind="function"), "(entry(9), entry(-9))") == "(12, -12)"
    )


def test_nested_closures(notebook: Any, fresh: Fresh) -> None:
    """A function made inside another keeps what it closes over: values, functions, itself."""
    notebook.cell("""
        OFFSET = 100
        def make(step, rates):
            def helper(n):
                return n * step + OFFSET
            def walk(n):
                return 0 if not n else helper(n) + rates["x"] + walk(n - 1)
            return walk
        walk = make(2, {"x": 0.5})
    """)

    assert fresh(capture(notebook["walk"], kind="function"), "entry(3)") == "313.5"


def test_a_circle_of_nested_functions(notebook: Any, fresh: Fresh) -> None:
    """Nested functions that call each other are made together again."""
    notebook.cell("""
        def make(stop):
            def even(n): return n == stop or odd(n - 1)
            def odd(n): return n != stop and even(n - 1)
            return odd
        odd = make(0)
    """)

    assert (
        fresh(capture(notebook["odd"], kind="function"), "(entry(3), entry(4))") == "(True, False)"
    )


def test_a_name_redefined_after_use(notebook: Any, fresh: Fresh) -> None:
    """A body sees what a name means at capture; a default, a base, an attribute what it meant."""
    notebook.cell("""
        K = 1
        def helper(): return "old"
        class Base: tag = "old"
    """)
    notebook.cell("""
        class Holder(Base): k = K
        def use(x=K, y=2 * K, z=helper):
            return x, y, z(), K, helper(), Base.tag, Holder.tag, Holder.k
    """)
    notebook.cell("""
        K = 5
        def helper(): return "new"
        class Base: tag = "new"
    """)

    expected = repr(notebook["use"]())
    assert expected == "(1, 2, 'old', 5, 'new', 'new', 'old', 1)"
    assert fresh(capture(notebook["use"], kind="function"), "entry()") == expected


def test_what_a_class_body_names_of_its_own(notebook: Any, fresh: Fresh) -> None:
    """Attributes made of other attributes, and members of enums, stay as they were written."""
    notebook.cell("""
        import enum
        ONE = 1
        class Box:
            side = ONE
            area = side * side
            def get(self): return self.area
            size = property(get)
        class Mode(enum.Enum):
            ON = ONE
            ALSO = ON
        def use(): return Box().size, Mode(1).name
    """)

    closure = capture(notebook["use"], kind="function")

    assert fresh(closure, "entry()") == "(1, 'ON')"
    assert "area = side * side" in closure.text
    assert "size = property(get)" in closure.text
    assert "ON = ONE" in closure.text


def test_a_cell_that_was_run_twice_is_one_definition(notebook: Any, fresh: Fresh) -> None:
    """A base or a default from an earlier run of the same text is the same base or default."""
    base = "class Base: tag = 1"
    notebook.cell(base).cell("class Derived(Base): pass").cell(base)
    notebook.cell("def use(): return Base.tag, Derived.tag")

    closure = capture(notebook["use"], kind="function")

    assert fresh(closure, "entry()") == "(1, 1)"
    assert [each.name for each in closure.fragments] == ["Base", "Derived", "use"]


def test_a_wrapper_assigned_by_hand_keeps_recursion_through_the_name(
    notebook: Any, fresh: Fresh
) -> None:
    """``fib = memo(fib)`` still recurs through the memo after it was rebuilt."""
    notebook.cell("""
        def memo(f):
            seen = {}
            def wrapper(n):
                if n not in seen:
                    seen[n] = f(n)
                return seen[n]
            wrapper.seen = seen
            return wrapper
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
        fib = memo(fib)
    """)

    closure = capture(notebook["fib"], kind="function")

    assert fresh(closure, "(entry(60), entry.__closure__[1].cell_contents.keys().__len__())") == (
        "(1548008755920, 61)"
    )


def test_a_made_up_name_is_not_one_of_the_notebooks(notebook: Any, fresh: Fresh) -> None:
    """What has lost its name gets one that nothing else bears."""
    notebook.cell("""
        f__f = 10
        def more(g): return lambda x: g(x) + f__f
        def f(x): return x
        f = more(f)
    """)

    assert fresh(capture(notebook["f"], kind="function"), "entry(1)") == "11"


def test_a_decorator_that_keeps_no_trace_is_applied_once(notebook: Any, fresh: Fresh) -> None:
    """A wrapper without `functools.wraps` is told by the text under its name."""
    notebook.cell("""
        def shout(f):
            def wrapper(text): return f(text) + "!"
            return wrapper
        class Counted:
            def __init__(self, f): self.f = f
            def __call__(self, text): return self.f(text) + "?"
        @shout
        def hello(text): return "hello " + text
        @Counted
        def bye(text): return "bye " + text
        def both(text): return hello(text), bye(text)
    """)

    assert fresh(capture(notebook["both"], kind="function"), "entry('you')") == (
        "('hello you!', 'bye you?')"
    )


def test_lambdas_partials_and_containers_of_functions(notebook: Any, fresh: Fresh) -> None:
    """Functions are found inside the containers and calls that constants may be."""
    notebook.cell("""
        import functools, operator
        import numpy as np
        K = 2
        first, second = (lambda x: x + K), (lambda x: x - K)
        STEPS = [first, second, np.sqrt, len, lambda x: x * K]
        power = functools.partial(pow, exp=K)
        get = operator.itemgetter("a")
        def use():
            called = [f(4) for f in STEPS[:2]], float(STEPS[2](9)), STEPS[4](5)
            return *called, power(3), get({"a": 1})
    """)

    assert fresh(capture(notebook["use"], kind="function"), "entry()") == "([6, 2], 3.0, 10, 9, 1)"


def test_a_lambda_by_itself(notebook: Any, fresh: Fresh) -> None:
    """A function without a name is captured under the one it is bound to, or under none."""
    notebook.cell("K = 2\nMADE = [lambda x: x * K]\nalone = lambda x: (x,\n  K)")

    assert fresh(capture(notebook["alone"], kind="task", name="<lambda>"), "entry(1)") == "(1, 2)"
    assert fresh(capture(notebook["MADE"][0], kind="task"), "(entry(4), closure.name)") == (
        "(8, 'entry')"
    )


def test_imports_of_every_form(notebook: Any, fresh: Fresh) -> None:
    """Modules, their parts, functions, classes and objects are imported as the notebook did."""
    notebook.cell("""
        import xml.etree.ElementTree
        import os.path as p
        import importlib as il
        import importlib.metadata
        from collections import OrderedDict as OD, Counter
        from typing import Optional, Any
        from math import pi, floor
        from random import randint
        def use(x: Optional[Any] = None):
            il.metadata.version
            tag = xml.etree.ElementTree.Element("a").tag
            return tag, p.join("a", "b"), OD(a=1)["a"], Counter("aa")["a"], floor(pi), randint(3, 3)
    """)

    closure = capture(notebook["use"], kind="function")

    assert fresh(closure, "entry()") == "('a', 'a/b', 1, 2, 3, 3)"
    assert closure.modules == {}


def test_classes_of_every_make(notebook: Any, fresh: Fresh) -> None:
    """Dataclasses, enums, named tuples and instances of them come, without methods too."""
    notebook.cell("""
        import enum
        from dataclasses import dataclass, field
        from typing import NamedTuple, NewType, TypeVar, Generic
        from collections import namedtuple
        class Color(enum.Enum):
            RED = 1
            BLUE = 2
        class Point(NamedTuple):
            x: int
            y: int = 2
        Pair = namedtuple("Pair", "a b", defaults=[9])
        @dataclass(frozen=True)
        class Config:
            color: Color = Color.RED
            sizes: list = field(default_factory=lambda: [FIRST])
        FIRST = 7
        UserId = NewType("UserId", int)
        T = TypeVar("T", bound=Point)
        class Bag(Generic[T]): pass
        CONFIG, HERE = Config(Color.BLUE), Point(1)
        def use(bag: Bag[Point] | None = None):
            made = CONFIG.color.name, CONFIG.sizes, HERE.y, Config().color.name
            return *made, Pair(1).b, UserId(3)
    """)

    assert fresh(capture(notebook["use"], kind="function"), "entry()") == (
        "('BLUE', [7], 2, 'RED', 9, 3)"
    )


def test_a_class_whose_methods_are_generated(
    notebook: Any, fresh: Fresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text is the cell's, though its methods have one: attrs keeps it, and ``python -c`` does.

    From Python 3.13 on what ``-c`` runs is called as dataclasses call the text of their methods.
    """
    run = "import this\n" * 3
    entry = (len(run), None, run.splitlines(keepends=True), "<string>")
    monkeypatch.setitem(linecache.cache, "<string>", entry)
    notebook.cell("""
        from dataclasses import dataclass
        import attrs
        @dataclass
        class Point:
            x: int
        @attrs.define
        class Span:
            low: int
            high: int = 7
        def use():
            return Point(1).x + Span(2).high
    """)
    closure = capture(notebook["use"], kind="function")
    assert closure.portable
    assert fresh(closure, "entry()") == "8"


def test_the_class_that_fits_is_told_where_cells_share_its_name(
    notebook: Any, fresh: Fresh
) -> None:
    """Of several texts for a class without methods, that of the class itself is taken."""
    first = "import enum\nclass Mode(enum.Enum):\n    ON = 1\n"
    notebook.cell(first)
    kept = notebook["Mode"]
    notebook.cell(first.replace("1", "2"))
    notebook.names["Mode"] = kept
    notebook.cell("def use(): return Mode.ON.value")

    assert fresh(capture(notebook["use"], kind="function"), "entry()") == "1"


def test_a_method_given_to_a_class_later(notebook: Any, fresh: Fresh) -> None:
    """A function set on a class after its body has run is set on it again."""
    notebook.cell("""
        class Box: pass
        def area(self): return 3
        Box.area = area
    """)

    assert fresh(capture(notebook["Box"], kind="class"), "entry().area()") == "3"


def test_a_method_alone(notebook: Any, fresh: Fresh) -> None:
    """A method is captured through its class."""
    notebook.cell("""
        class Box:
            side = 3
            @classmethod
            def area(cls): return cls.side ** 2
    """)

    closure = capture(notebook["Box"].area, kind="function", namespace=notebook.names)

    assert fresh(closure, "entry()") == "9"


def test_annotations_kept_as_text(notebook: Any, fresh: Fresh) -> None:
    """Names in annotations that are text come if they are there, and bind nothing if not."""
    notebook.cell("class Row: pass")
    notebook.cell("""
        from __future__ import annotations
        def use(x: Row, y: Missing | None = None) -> "Row": return x
    """)

    closure = capture(notebook["use"], kind="function")

    assert closure.portable
    assert fresh(closure, "entry.__globals__['Row'].__name__, entry.__annotations__['x']") == (
        "('Row', 'Row')"
    )


def test_a_class_that_only_annotations_name_may_be_lost(notebook: Any, fresh: Fresh) -> None:
    """What is named by text alone is left out where it cannot come, with all that it needs."""
    notebook.cell("import io\nlive = io.StringIO()")
    notebook.cell("def helper(): return live\nclass Row:\n    kept = helper()")
    notebook.cell("def use(x: 'Row' = 1): return x")

    closure = capture(notebook["use"], kind="function")

    assert [each.name for each in closure.fragments] == ["use"]
    assert fresh(closure, "entry()") == "1"


def test_strings_over_lines_keep_what_they_hold(notebook: Any, fresh: Fresh) -> None:
    """A definition that is moved in or out keeps the blanks inside its strings."""
    notebook.cell('''
        def make(name):
            if True:
                def prompt(x):
                    """Says
                      it."""
                    return f"""{name}:
                  {x}
        end"""
            return prompt
        prompt = make("n")
    ''')

    expected = repr((notebook["prompt"](1), notebook["prompt"].__doc__))
    closure = capture(notebook["prompt"], kind="function")

    assert fresh(closure, "(entry(1), entry.__doc__)") == expected


def test_a_task_that_names_an_artifact_and_another_task(notebook: Any, fresh: Fresh) -> None:
    """Tasks come with their decorator, artifacts as the declaration that they are."""
    notebook.cell("""
        from typing import Annotated
        from heirloom import Artifact, task
        sales = Artifact(name="sales", partition_keys=["region"])
        by_region = sales(region="emea")
        def double(x: int) -> int: return 2 * x
        @task
        def clean(x: int) -> Annotated[int, by_region]: return double(x)
        @task(name="fit-it")
        def fit(x: int = 3) -> int: return clean.function(x) + len(sales.partition_keys)
    """)

    closure = capture(notebook["fit"], kind="task", name="fit")

    assert [(each.kind, each.name) for each in closure.fragments if each.kind != "import"] == [
        ("artifact", "by_region"),
        ("artifact", "sales"),
        ("function", "double"),
        ("task", "clean"),
        ("task", "fit"),
    ]
    assert fresh(closure, "(entry.name, entry.function(5))") == "('fit-it', 11)"


def test_a_workflow_is_traced_again(notebook: Any, fresh: Fresh) -> None:
    """A workflow's body runs when it is declared, so what it names stands before it."""
    notebook.cell("""
        from heirloom import Artifact, task, workflow
        raw = Artifact(name="raw")
        @task
        def z_first(x: int) -> int: return x
        @task
        def a_second(x: int) -> int: return x
        STEPS = [z_first]
        @workflow
        def a_flow(x: int = raw.query()):
            for step in STEPS[:1]:
                x = step(x=x)
            return a_second(x=x)
    """)

    closure = capture(notebook["a_flow"], kind="workflow")

    assert fresh(closure, "[node.id for node in entry.graph.nodes]") == "['z_first', 'a_second']"


def test_a_task_made_inside_a_function(notebook: Any, fresh: Fresh) -> None:
    """Its variables come along, and what its annotations and defaults were given."""
    notebook.cell("""
        from typing import Annotated
        from heirloom import Artifact, task
        def build():
            local, start, step = Artifact(name="local", partition_keys=["k"]), [1], 10
            @task
            def inner(x: int, first: list[int] = start) -> Annotated[int, local]:
                return x * step + first[0]
            return inner
        inner = build()
    """)

    closure = capture(notebook["inner"], kind="task", name="inner")

    assert [each.name for each in closure.fragments if each.kind != "import"] == ["inner"]
    assert fresh(
        closure, "(entry.function(2), entry.interface.outputs[0].emits.artifact.name)"
    ) == ("(21, 'local')")


def test_a_cell_runs_on_what_it_is_given(notebook: Any, fresh: Fresh) -> None:
    """A cell's body gives its last value; inputs are bound, and nothing else of the notebook is."""
    notebook.cell("""
        import statistics
        SCALE = 10
        def scaled(values): return [v * SCALE for v in values]
        sales = object()
        out = object()
    """)
    source = "for v in sales:\n    last = v\nout = statistics.mean(scaled(sales)) + last\nout;"
    closure = capture_cell(source, notebook.names, name="forecast", bound_names=["sales"])

    assert closure.portable
    assert fresh(closure, "entry(sales=[1, 2, 3])") == "23"
    assert "sales" not in [each.name for each in closure.fragments]


def test_a_cell_named_as_what_it_calls(notebook: Any, fresh: Fresh) -> None:
    """A cell may bear the name of a function that it uses."""
    notebook.cell("def forecast(x): return x + 1")

    closure = capture_cell("forecast(1)", notebook.names, name="forecast")

    assert fresh(closure, "entry()") == "2"


@pytest.mark.parametrize(
    ("source", "free"),
    [
        ("x = 1\ny = x", set()),
        ("def even(n): return odd(n)\ndef odd(n): return even(n)\neven(1)", set()),
        ("class Box:\n    def again(self): return Box()\nBox()", set()),
        ("for x in K: pass\nx", {"K"}),
        ("if K: x = 1\nx", {"K", "x"}),
        ("out = list(map(lambda n: n + x, K))\nx = 1\nout", {"K", "x"}),
        ("[K for K in range(3)]", set()),
        ("K.imag", {"K"}),
        ("def f():\n    global fresh\n    fresh = K\n    return fresh\nf()", {"K"}),
    ],
)
def test_what_a_cell_binds_itself_is_not_captured(
    notebook: Any, source: str, free: set[str]
) -> None:
    """Of the notebook's names those come that the cell may read before it binds them."""
    notebook.cell("K = [1]\nx = odd = even = Box = y = 7")

    closure = capture_cell(source, notebook.names, name="c")

    assert {each.name for each in closure.fragments if each.kind != "cell"} == free
    assert closure.portable


def test_a_star_import_may_bind_what_is_missing(fresh: Fresh) -> None:
    """Names that no one bound may come from a star import in the cell."""
    assert fresh(capture_cell("from math import *\nfloor(pi)", {}, name="c"), "entry()") == "3"


def test_a_cell_may_await(notebook: Any, fresh: Fresh) -> None:
    """Top-level ``await`` makes the cell a coroutine function."""
    closure = capture_cell(
        "import asyncio\nawait asyncio.sleep(0)\nx + 1", notebook.names, name="c", bound_names=["x"]
    )

    assert fresh(closure, "__import__('asyncio').run(entry(x=1))") == "2"


def test_a_cell_without_a_value_runs(notebook: Any) -> None:
    """A cell that ends with a statement is rebuilt too; it gives nothing."""
    closure = capture_cell("import math\nif True:\n    y = math.floor(2.5)", {}, name="c")
    cell = rebuild_entry(closure)

    assert cell() is None
    assert cell.module.y == 2


def test_a_rebuilt_module_is_whole(notebook: Any) -> None:
    """Source, pickles by reference and dataclasses work in it; `release` takes all of it."""
    notebook.cell("""
        from dataclasses import dataclass
        @dataclass
        class Row:
            x: "int"
        def use(): return Row(1)
    """)
    module = rebuild(capture(notebook["use"], kind="function"))

    assert inspect.getsource(module.use) == "def use(): return Row(1)\n"
    assert inspect.getsource(module.Row).startswith("@dataclass\nclass Row:")
    assert pickle.loads(pickle.dumps(module.use())) == module.Row(1)
    release(module)
    assert module.__name__ not in sys.modules


def test_each_rebuild_is_its_own_unless_cached(notebook: Any) -> None:
    """State does not leak from one rebuilt module to the next, but for those that are cached."""
    notebook.cell("SEEN = []\ndef use(x): SEEN.append(x); return len(SEEN)")
    closure = capture(notebook["use"], kind="function")

    assert [rebuild_entry(closure)(1) for _ in range(2)] == [1, 1]
    assert [rebuild_entry(closure, cached=True)(1) for _ in range(2)] == [1, 2]
    assert notebook["SEEN"] == []


def test_a_failing_rebuild_leaves_nothing() -> None:
    """An error of the recorded text comes out as it is, told where it happened."""
    broken = Closure("function", "f", (Fragment("f", "import no_such_module", "import"),), {}, {})
    before = set(sys.modules)

    with pytest.raises(ModuleNotFoundError) as error:
        rebuild(broken)

    assert error.value.__notes__ == ["while function 'f' was rebuilt from its recorded source"]
    assert set(sys.modules) == before


def test_a_closure_is_json(notebook: Any) -> None:
    """`to_doc` and `from_doc` are inverse, through JSON."""
    closure = capture(notebook.cell("K = 1\ndef f(): return K")["f"], kind="function")

    again = Closure.from_doc(json.loads(json.dumps(closure.to_doc())))

    assert again == closure
    assert again.digest == closure.digest


def test_what_was_rebuilt_is_captured_as_it_was(notebook: Any, own_modules: Any) -> None:
    """A worker that captures rebuilt code anew gets the digest that was recorded."""
    own_modules(
        {
            "fixpoint_mod": "from fixpoint_pkg import two\ndef up(x): return x + two() - 1",
            "fixpoint_pkg/__init__": "from .inner import two",
            "fixpoint_pkg/inner": "def two(): return 2",
        }
    )
    notebook.cell("""
        import functools, math
        from fixpoint_mod import up
        import fixpoint_mod as fm
        K = {3, 1, 2}
        def plus(n):
            def decorate(f):
                @functools.wraps(f)
                def wrapper(*given): return f(*given) + n
                return wrapper
            return decorate
        def make(k):
            def inner(x): return x + k
            return inner
        inner = make(3)
        class Box:
            def __init__(self, x): self.x = x
        def halved(f): return lambda x: f(x) / 2
        def quarter(x): return x / 2
        quarter = halved(quarter)
        STEPS = [lambda x: x + 1, lambda x: x + 2]
        @plus(2)
        def use(x, k=K):
            y = up(Box(inner(x)).x) + fm.up(len(k)) + math.floor(1.5)
            return quarter(STEPS[0](STEPS[1](y)))
    """)
    closure = capture(notebook["use"], kind="function")
    module = rebuild(closure)

    again = capture(module.use, kind="function")
    assert again.fragments == closure.fragments

    assert module.use(1) == notebook["use"](1)
    assert again.digest == closure.digest
