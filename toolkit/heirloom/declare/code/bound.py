"""Why a name binds code to this kernel, and what mends it."""

from __future__ import annotations

__all__ = ["Bound"]


class Bound(Exception):
    """A name that cannot be told as text.

    Attributes:
        reason: What it is, as a clause that follows the name.
        mend: What the user can do; empty where that depends on what is being captured.
        name: The name, where it is another than the one that was being told.
    """

    def __init__(self, reason: str, mend: str = "", name: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend
        self.name = name

    @classmethod
    def nowhere(cls) -> Bound:
        """A definition whose text cannot be found."""
        return cls("its text is nowhere to be read", "define it in a cell or in a module")

    @classmethod
    def secret(cls, name: str, why: str) -> Bound:
        """A value that must not be in any record, as source is."""
        mend = f"read it where it is used: os.environ[{name.upper()!r}]"
        return cls(f"it may be a secret ({why})", mend, name)

    @classmethod
    def edited(cls) -> Bound:
        """A definition that is not what its file says by now."""
        return cls("its file was edited after it was loaded", "load it again")

    @classmethod
    def undefined(cls) -> Bound:
        """A name that is bound nowhere."""
        return cls("it is not defined", "define it or import it")

    @classmethod
    def ambiguous(cls) -> Bound:
        """A name that means one thing here and another there."""
        return cls("it means two different things in this code", "give one of them another name")

    @classmethod
    def shell(cls) -> Bound:
        """What IPython turns magics and shell commands into a call of."""
        return cls("it is this notebook's shell", "leave magics and ! commands to other cells")

    @classmethod
    def circle(cls) -> Bound:
        """Definitions that hold one another, so that none of them can be made first."""
        return cls("it is part of a circle of definitions", "make one of them without the others")

    @classmethod
    def live(cls, value: object, holder: object = None) -> Bound:
        """A value that exists only here, perhaps inside another one."""
        if holder is None:
            return cls(f"it is {_a(value)} that lives in this kernel")
        return cls(f"it is {_a(holder)} that holds {_a(value)} of this kernel")


def _a(value: object) -> str:
    kind = type(value)
    module = kind.__module__.partition(".")[0]
    plain = module in ("builtins", "__main__") or module.startswith("_")
    phrase = kind.__qualname__ if plain else f"{module} {kind.__qualname__}"
    return f"an {phrase}" if phrase[0] in "aeiouAEIO" else f"a {phrase}"
