"""The typed inputs and outputs of a task or workflow, read from its signature."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from heirloom.declare.artifact import Artifact
from heirloom.declare.emits import Emits
from heirloom.declare.types import fits, is_optional, plain_type, spell
from heirloom.errors import DeclarationError, InputError, did_you_mean
from heirloom.records.binds import Input as InputBind
from heirloom.records.queries import Query
from heirloom.records.refs import Ref

__all__ = ["MISSING", "InputSpec", "Interface", "OutputSpec", "as_query"]

MISSING: Any = inspect.Parameter.empty
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One input; `default` is `MISSING`, a constant, or a `Query`."""

    name: str
    type: Any
    default: Any = MISSING

    @property
    def optional(self) -> bool:
        """Whether an unmet query gives `None`."""
        return is_optional(self.type)

    def check(self, value: Any, owner: str) -> None:
        """Hold a value against the annotation.

        Raises:
            InputError: It does not fit.
        """
        if fits(value, self.type):
            return
        got = type(value).__name__
        msg = (
            f"Input {self.name!r} of {owner!r} takes {spell(self.type)}; got {got} {_short(value)}."
        )
        raise InputError(msg, name=self.name, expected=spell(self.type), given=got)


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output; `emits` is the artifact that it becomes a version of, if any."""

    name: str
    type: Any
    emits: Emits | None = None


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
            DeclarationError: It has ``*args`` or ``/``, or a bound input that it lacks.
            InputError: A constant default does not fit its annotation.
        """
        hints = _hints(function)
        inputs: dict[str, InputSpec] = {}
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.kind not in _NAMED:
                msg = f"{owner!r} takes {parameter} without a name: every input needs its own."
                raise DeclarationError(msg)
            spec = InputSpec(name, hints.get(name, Any), as_query(parameter.default))
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
            for key, bound in (output.emits.bindings if output.emits else {}).items():
                if isinstance(bound, InputBind) and bound.name not in self.inputs:
                    near = did_you_mean(bound.name, self.inputs)
                    msg = (
                        f"Partition {key!r} of {self.owner!r} is bound to Inputs.{bound.name}, "
                        f"which is no input.{near} It has {list(self.inputs)}."
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
        """A returned value as outputs by name.

        Raises:
            InputError: The number or the type of the outputs is not what was promised.
        """
        if not self.outputs:
            return {} if result is None else {"o0": result}
        several = self.packed is not None and isinstance(result, tuple | list)
        values = tuple(result) if several else (result,)
        if len(values) != len(self.outputs):
            msg = f"{self.owner!r} promises {len(self.outputs)} outputs; it returned {len(values)}."
            raise InputError(msg)
        for output, value in zip(self.outputs, values, strict=True):
            if not fits(value, output.type):
                got = type(value).__name__
                msg = (
                    f"Output {output.name!r} of {self.owner!r} is {spell(output.type)}; "
                    f"it returned {got} {_short(value)}."
                )
                raise InputError(msg, name=output.name, expected=spell(output.type), given=got)
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

    def spec(self, output: str) -> OutputSpec:
        """The output of that name; one that was not promised has no artifact."""
        return next((o for o in self.outputs if o.name == output), OutputSpec(output, Any))


def as_query(default: Any) -> Any:
    """A default as it is kept: artifacts and refs become queries, constants stay."""
    if isinstance(default, Artifact):
        return default.query()
    if isinstance(default, Ref):
        return Query.of(default)
    return default


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
    if get_origin(hint) is Annotated:
        for extra in hint.__metadata__:
            if isinstance(extra, Artifact):
                return OutputSpec(name, plain_type(hint), Emits(extra))
            if isinstance(extra, Emits):
                return OutputSpec(name, plain_type(hint), extra)
    if isinstance(hint, Artifact | Emits):
        emits = Emits(hint) if isinstance(hint, Artifact) else hint
        return OutputSpec(name, Any, emits)
    return OutputSpec(name, hint)


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float | bool | type(None)) else ""
    return text if len(text) <= 40 else f"{text[:37]}…"
