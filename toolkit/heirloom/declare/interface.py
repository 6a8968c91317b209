"""The typed inputs and outputs of a task or workflow, read from its signature."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import Emits
from heirloom.declare.specs import MISSING, InputSpec, OutputSpec, as_query, member_hint
from heirloom.declare.types import is_optional, plain_type, spell, typed
from heirloom.errors import DeclarationError, InputError, did_you_mean
from heirloom.records.binds import Input as InputBind
from heirloom.records.queries import Query
from heirloom.render import counted

__all__ = ["Interface"]

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class Interface:
    """Inputs by name, outputs in order (``o0``, ``o1`` … or the fields of a NamedTuple).

    Attributes:
        packed: The kind of tuple that several outputs are returned as; `None` for one output.
    """

    owner: str
    inputs: Mapping[str, InputSpec]
    outputs: tuple[OutputSpec, ...]
    packed: type[tuple[Any, ...]] | None = None

    @classmethod
    def of(cls, function: Callable[..., Any], owner: str) -> Interface:
        """Read `function`'s signature.

        Raises:
            DeclarationError: It has ``*args`` or ``/``, or a bound input that it lacks; or it is
                async or a generator.
            InputError: A constant default does not fit its annotation.
        """
        _check_plain(function, owner)
        hints = _hints(function)
        inputs: dict[str, InputSpec] = {}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind not in _NAMED:
                msg = f"{owner!r} takes {parameter} without a name: every input needs its own."
                raise DeclarationError(msg)
            hint = hints.get(name, Any)
            spec = InputSpec(name, hint, as_query(parameter.default, hint))
            if spec.default is not MISSING and not isinstance(spec.default, Query):
                spec.check(spec.default, owner)
            inputs[name] = spec
        result = hints.get("return", MISSING)
        outputs, packed = _outputs(result)
        found = cls(owner, inputs, outputs, packed)
        found._check_bindings()
        return found

    def _check_bindings(self) -> None:
        for output in self.outputs:
            for key, bound in (output.emitted.bindings if output.emitted else {}).items():
                self._check_bound(f"Partition {key!r} of {self.owner!r}", bound, tuple(self.inputs))
        for spec in self.inputs.values():
            self.check_asked(spec.name, spec.default)

    def check_asked(self, name: str, asked: Any) -> None:
        """Hold that what an input's query is bound to is another input.

        Raises:
            DeclarationError: It is none.
        """
        others = tuple(other for other in self.inputs if other != name)
        for bound in asked.binds if isinstance(asked, Query) else ():
            self._check_bound(f"The query for input {name!r} of {self.owner!r}", bound, others)

    def _check_bound(self, what: str, bound: Any, among: tuple[str, ...]) -> None:
        if isinstance(bound, InputBind) and bound.name not in among:
            near = did_you_mean(bound.name, among)
            msg = (
                f"{what} is bound to Inputs.{bound.name}, which is no input.{near} "
                f"It can be {list(among)}."
            )
            raise DeclarationError(msg)

    def bind(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments by name, unknown and surplus ones refused; defaults are not filled in.

        Raises:
            InputError: An argument is unknown, surplus or given twice.
        """
        names = list(self.inputs)
        if len(args) > len(names):
            msg = f"{self.owner!r} takes {len(names)} inputs; got {len(args)}."
            raise InputError(msg)
        given = dict(zip(names, args, strict=False))
        for name, value in kwargs.items():
            if name not in self.inputs:
                near = did_you_mean(name, names)
                msg = f"{self.owner!r} has no input {name!r}.{near} It takes {names}."
                raise InputError(msg, name=name)
            if name in given:
                msg = f"{self.owner!r} got input {name!r} twice."
                raise InputError(msg, name=name)
            given[name] = value
        return given

    def missing(self, name: str) -> InputError:
        """The error of an input that has no value and no default."""
        spec = self.inputs[name]
        msg = f"{self.owner!r} needs input {name!r} ({spell(spec.type)}). Give {name}=…"
        return InputError(msg, name=name, expected=spell(spec.type))

    def unpack(self, result: Any) -> dict[str, Any]:
        """A returned value as outputs by name, each still to be `conformed`.

        Raises:
            InputError: There are more or fewer outputs than were promised.
        """
        if not self.outputs:
            return {} if result is None else {"o0": result}
        several = self.packed is not None and isinstance(result, tuple | list)
        values = tuple(result) if several else (result,)
        if len(values) != len(self.outputs):
            promised = counted(len(self.outputs), "output")
            msg = f"{self.owner!r} promises {promised}; it returned {len(values)}."
            raise InputError(msg)
        return {o.name: value for o, value in zip(self.outputs, values, strict=True)}

    @property
    def unpromised(self) -> bool:
        """Whether nothing was said of what is returned."""
        return self.outputs == (OutputSpec("o0", Any),)

    def pack(self, values: Iterable[Any]) -> Any:
        """Outputs as a body returns them: one value, or the tuple of them."""
        if self.packed is None:
            return next(iter(values), None)
        return self.packed(*values) if hasattr(self.packed, "_fields") else tuple(values)

    def ordered(self, names: Iterable[str]) -> list[str]:
        """Output names in the order in which they were promised."""
        given = list(names)
        return [output.name for output in self.outputs if output.name in given] or given

    def spec(self, output: str) -> OutputSpec:
        """The output of that name; one that was not promised has no artifact."""
        return next((o for o in self.outputs if o.name == output), OutputSpec(output, Any))


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(function, include_extras=True)
    except NameError as error:
        msg = (
            f"An annotation of {function.__name__!r} is not known where it is read: {error}. "
            "Under `from __future__ import annotations` only names of the module itself are."
        )
        raise DeclarationError(msg) from error


def _outputs(result: Any) -> tuple[tuple[OutputSpec, ...], type[tuple[Any, ...]] | None]:
    if result is None or result is type(None):
        return (), None
    if result is MISSING:
        return (OutputSpec("o0", Any),), None
    fields = getattr(result, "__annotations__", None)
    if isinstance(result, type) and issubclass(result, tuple) and fields:
        hints = typing.get_type_hints(result, include_extras=True)
        return tuple(_output(name, hints[name]) for name in fields), result
    if get_origin(result) is tuple and get_args(result) and get_args(result)[-1] is not Ellipsis:
        return tuple(_output(f"o{i}", hint) for i, hint in enumerate(get_args(result))), tuple
    return (_output("o0", result),), None


def _output(name: str, hint: Any) -> OutputSpec:
    """The output that an annotation promises.

    Raises:
        DeclarationError: It names an artifact so deep inside that nothing would be emitted.
    """
    emits = _emits_of(hint)
    if emits is not None:
        bare = isinstance(hint, Artifact | Emits)
        return OutputSpec(name, Any if bare else typed(hint), emits)
    inside = get_args(hint)
    many = bool(inside) and get_origin(hint) in (list, dict, tuple)
    if many and (emits := _emits_of(member_hint(inside))) is not None:
        return OutputSpec(name, hint, members=emits)
    if (lost := next(_named_in(hint), None)) is not None:
        msg = (
            f"Artifact {lost.artifact.name!r} stands too deep inside an annotation: an output is "
            "emitted as Annotated[type, artifact], the members of one as list[Annotated[…]]."
        )
        raise DeclarationError(msg)
    return OutputSpec(name, hint)


def _check_plain(function: Callable[..., Any], owner: str) -> None:
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        kind, next_ = "async", "Make it a plain function that calls asyncio.run(…)."
    elif inspect.isgeneratorfunction(function):
        kind, next_ = "a generator", "Return a list of what it yields."
    else:
        return
    msg = f"{owner!r} is {kind}: to call it runs nothing of its body. {next_}"
    raise DeclarationError(msg)


def _emits_of(hint: Any) -> Emits | None:
    """What is emitted where `hint` stands, `None` aside: ``Annotated[…] | None`` is one, too."""
    if isinstance(hint, Artifact | Emits):
        return Emits(hint) if isinstance(hint, Artifact) else hint
    if get_origin(hint) is Annotated:
        found = (_emits_of(extra) for extra in hint.__metadata__)
        return next(filter(None, found), None) or _emits_of(plain_type(hint))
    if is_optional(hint):
        members = list(filter(None, map(_emits_of, get_args(hint))))
        return members[0] if len(members) == 1 else None
    return None


def _named_in(hint: Any) -> Iterator[Emits]:
    if (emits := _emits_of(hint)) is not None:
        yield emits
    for inner in get_args(hint):
        yield from _named_in(inner)
