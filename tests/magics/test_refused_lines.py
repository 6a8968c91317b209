"""What is wrong on a magic's line, or in its cell: one line, and the catalog as it was."""

from __future__ import annotations

from typing import Any

import heirloom as hl
from heirloom import errors

REFUSED: list[tuple[str, type[Exception], str]] = [
    # options
    ("%%artifact\n1", errors.DeclarationError, "required: NAME"),
    ("%%artifact total extra\n1", errors.DeclarationError, "'extra' is too much"),
    ("%%artifact total --form arrow\n1", errors.DeclarationError, "Did you mean '--format'"),
    ("%%artifact total --from\n1", errors.DeclarationError, "expected one argument"),
    ("%%artifact total --kind\n1", errors.DeclarationError, "expected one argument"),
    ("%%artifact total 'x\n1", errors.RefError, "A quote is not closed"),
    ("%%artifact total {x\n1", errors.RefError, "A brace is not closed"),
    ("%%artifact total --card {missing}\n1", errors.DeclarationError, "'missing' is not defined"),
    ("%%artifact total --card none.md\n1", errors.InputError, "none.md"),
    ("%%artifact total --from a=sales --from a=rate\n1", errors.DeclarationError, "'a' twice"),
    ("%%artifact total --from 1x=sales\n1", errors.RefError, "Expected an artifact's name"),
    ("%%card a b\ntext", errors.DeclarationError, "'b' is too much"),
    ("%pull", errors.DeclarationError, "required: REF"),
    ("%pull sales --as 1x", errors.DeclarationError, "--as takes a name"),
    ("%pull sales --frame --type dict", errors.DeclarationError, "--frame goes without"),
    ("%artifact", errors.DeclarationError, "required: REF"),
    ("%artifact sales rate", errors.DeclarationError, "'rate' is too much"),
    ("%lineage sales --up -1", errors.DeclarationError, "A number of hops, or all"),
    ("%lineage sales --up ²", errors.DeclarationError, "A number of hops, or all"),
    ("%why sales rate total", errors.DeclarationError, "'total' is too much"),
    ("%trigger forecast of", errors.DeclarationError, "Did you mean 'off'"),
    ("%trigger forecast on --missed last", errors.DeclarationError, "none, newest, each"),
    ("%trigger forecast off --missed each", errors.DeclarationError, "goes with on; got 'off'"),
    ("%trigger forecast on --missed each --since 7d", errors.DeclarationError, "--since goes with"),
    ("%trigger forecast backfill --version 1", errors.DeclarationError, "got 'backfill'"),
    ("%trigger forecast approve --where=x=1", errors.DeclarationError, "--where goes with backf"),
    ("%trigger forecast --since 7d", errors.DeclarationError, "preview, backfill; got no act"),
    ("%trigger --version 1", errors.DeclarationError, "on, approve, review, preview; got no act"),
    ("%reactor strat", errors.DeclarationError, "Did you mean 'start'"),
    ("%heirloom updte", errors.DeclarationError, "Did you mean 'update'"),
    # refs, names, values
    ("%%artifact total[region\n1", errors.RefError, "▸"),
    ("%%artifact sales[region=emea]\n1", errors.PartitionError, "has no partition keys"),
    ("%%artifact total --from sale\n1", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ("%%artifact total --from sales@9\n1", errors.VersionNotFound, "newest number is 1"),
    ("%%artifact total --from sales --on sale@champion\n1", errors.DeclarationError, "sale"),
    ("%%task t() -> sales(region='x')\n1", errors.PartitionError, "It has no partition keys"),
    ("%%card sale@1\ntext", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ("%pull sales@champion", errors.VersionNotFound, "no alias 'champion'"),
    ("%pull sales@1 --type nothing", errors.CodecError, "nothing"),
    ("%artifact nosuch", errors.ArtifactNotFound, "nosuch"),
    ("%artifacts kind=modle", errors.RefError, "▸"),
    ("%artifacts region={nosuch}", errors.DeclarationError, "no value"),
    ("%lineage sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ("%why sales sale", errors.ArtifactNotFound, "Did you mean 'sales'"),
    ("%run_workflow forcast", errors.TargetNotFound, "Did you mean 'forecast'"),
    ("%run_workflow forecast -p sale=1", errors.InputError, "Did you mean 'sales'"),
    ("%trigger forcast off", errors.PlanNotFound, "Did you mean 'forecast'"),
    # cells
    ("%%artifact total --on sales\nawait 1", errors.DeclarationError, "without --on and --cache"),
    ("%%task t()\nawait 1", errors.DeclarationError, "Only a plain %%artifact cell may await"),
    ("%%artifact total\n# nothing", errors.DeclarationError, "it is empty"),
    ("%%artifact total\nx = y = 1", errors.DeclarationError, "gives no value"),
    ("%%artifact total --from sales\nNone", errors.DeclarationError, "last value is None"),
    ("%%artifact total\n1 +", SyntaxError, "invalid syntax"),
    ("%%artifact total --from sales --on\nlen(live)", errors.NotPortable, "uses 'live'"),
    ("%%artifact total --from sales --on --cache\nlen(live)", errors.NotPortable, "'live'"),
    ("%%task clean(raw\nraw", errors.DeclarationError, "▸"),
    ("%%task t(a: int = sale)\na", errors.DeclarationError, "Did you mean 'sales'"),
    ("%%workflow w(a: int)\nforcast(a)", errors.DeclarationError, "'forcast' is neither an artif"),
    ("%%workflow\nraw", errors.DeclarationError, "takes a name with a signature"),
]


def test_each_is_one_line_and_changes_nothing(notebook: Any) -> None:
    """What, got, nearest, next; no body ran, no name was bound, the journal has no byte more."""
    notebook.run("%%artifact sales\n10")
    notebook.run("%%artifact rate\n2")
    notebook.run("%%artifact forecast --from sales --on\n2 * sales")
    notebook.run("live = iter([])")
    journal = hl.current().home / "journal.jsonl"
    before, names = journal.read_bytes(), set(notebook.names)

    said: dict[str, str] = {}
    for cell, error, _ in REFUSED:
        try:
            notebook.run(cell)
        except error as raised:
            said[cell] = str(raised)
        except Exception as raised:
            said[cell] = f"another error: {raised!r}"
    assert said.keys() == {cell for cell, *_ in REFUSED}
    assert {cell: said[cell] for cell, _, says in REFUSED if says not in said[cell]} == {}
    assert {cell: text for cell, text in said.items() if "\n" in text} == {}
    assert journal.read_bytes() == before
    assert {name for name in set(notebook.names) - names if not name.startswith("_")} == set()
