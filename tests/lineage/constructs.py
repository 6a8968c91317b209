"""Generated notebooks: cells composed of constructs, run out of order, edited and run again."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["NAMES", "notebooks"]

NAMES = ("a", "b", "c", "d")
_SLOTS = {"x": NAMES, "y": NAMES, "z": NAMES, "f": ("f", "g"), "s": ("s1", "s2", "s3")}
_CONSTRUCTS = (
    "{x} = marked(hl.pull('{s}'))",
    "{x} = hl.pull('{s}')",
    "%pull {s} --as {x}",
    "{x} = {y}",
    "{x} = {y}, {z}",
    "{x} = [{y}]",
    "{x}, *{y} = [{z}, {x}, {y}]",
    "{x}: object = {y}",
    "{x} += {y}",
    "{x}['k'] = {y}",
    "{x}[0] = {y}",
    "{x}[0] += {y}",
    "{x}.v = {y}",
    "{x}.append({y})",
    "{x}[0].append({y})",
    "del {x}",
    "del {x}[0]",
    "import math as {x}",
    "from math import pi as {x}",
    "for {x} in {y}: pass",
    "for i, {x} in enumerate({y}):\n    if i: break",
    "for v in {x}: v.append({y})",
    "while {x}:\n    {y} = {x}\n    break",
    "with {x} as {y}: {y}.append({z})",
    "try:\n    {x} = {y}\n    1 / 0\n    {z} = 0\nexcept ZeroDivisionError as e: {z} = {x}",
    "try: raise ValueError(str({x}))\nexcept ValueError as e: {y} = str(e)\nfinally: {z} = {y}",
    "if {x} is {y}: {z} = {x}",
    "if not {x}: {y} = 0",
    "{x} = {y} if {z} else 0",
    "{x} = {y} and {z}",
    "{x} = [v for v in {y}]",
    "{x} = {{1: v for v in {y}}}",
    "{x} = list(v for v in {y} if v)",
    "[({x} := v) for v in {y}]",
    "[v.append({x}) for v in {y}]",
    "({x} := {y})",
    "match [{x}, {y}]:\n    case [_, {z}]: pass",
    "match {x}:\n    case [{y}, *{z}]: pass\n    case {{'k': {y}}}: pass",
    "{x} = f'{{{y}}}'",
    "{x} = str({y})",
    "{x} = lambda: {y}",
    "{x} = {x}()",
    "def {f}(): return {x}",
    "def {f}(v=None):\n    global {x}\n    {x} = [v, {y}]\n    return {x}",
    "def {f}(v=None):\n    {x}.append(v)\n    return v",
    "def {f}(v={x}):\n    v.append({y})\n    return v",
    "def {f}(v=None):\n    def inner(w): return w, {x}\n    return inner(v)",
    "kept = []\ndef {f}(v=None):\n    kept.append(v)\n    return kept",
    "def make(n=None):\n    def inner(v=None):\n        nonlocal n\n        n = v or n\n"
    "        return n\n    return inner\n{f} = make({x})",
    "def twice(h):\n    return lambda *args: [h(*args), h(*args)]\n{f} = twice({f})",
    "from functools import cache\n{f} = cache({f})",
    "from functools import partial\n{f} = partial({f}, {x})",
    "class K:\n    v = {x}\n"
    "    def m(self, w=None):\n        self.w = w\n        return {y}, self.w\n"
    "    def __add__(self, other): return [other, {x}]\n{z} = K()",
    "{x} = {y}.m({z})",
    "{x} = {y}.w",
    "{x} = {y} + {z}",
    "{x} = {f}()",
    "{x} = {f}({y})",
    "{f}({x})",
    "{x} = {f}",
    "{x} = map({f}, [{y}])",
    "{x} = [*{y}]",
    "{x}",
    "{x} = _",
    "{x} = __",
    "{x} = [_, Out]",
    "_",
    "{x} = await asyncio.sleep(0, {y})",
    "async with {x} as {y}: {y}.append({z})",
    "async for {x} in {y}: pass",
    "%time {x} = {y}",
    "hl.publish(str({x}), 'made')",
    "{x} = hl.pull('made')",
)


@st.composite
def _constructs(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(_CONSTRUCTS))
    return text.format(**{slot: draw(st.sampled_from(names)) for slot, names in _SLOTS.items()})


@st.composite
def _cells(draw: st.DrawFn) -> str:
    body = "\n".join(draw(st.lists(_constructs(), min_size=1, max_size=3)))
    heading = draw(st.sampled_from(["", "", "", "", "%%time\n", "%%artifact made\n"]))
    if heading == "%%artifact made\n":
        body += f"\n{draw(st.sampled_from(['', 'a = ']))}str({draw(st.sampled_from(NAMES))})"
    return heading + body


@st.composite
def notebooks(draw: st.DrawFn) -> list[str]:
    """The texts that are run, one after the other."""
    cells = draw(st.lists(_cells(), min_size=3, max_size=6))
    run = list(cells)
    for _ in range(draw(st.integers(0, 5))):
        at = draw(st.integers(0, len(cells) - 1))
        if draw(st.booleans()):
            cells[at] = draw(_cells())
        run.append(cells[at])
    return run
