"""Options in groups: a command takes a dataclass, and the command line has each of its fields as an option."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any, get_type_hints


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Let Typer see the fields of a command's dataclass parameters as options, in the place of the parameter.

    Commands share options so: the fields are annotated as the parameters of a command are.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Any] = {
        name: one.annotation for name, one in signature.parameters.items() if is_dataclass(one.annotation)
    }

    @wraps(command)
    def with_groups(**given: Any) -> None:
        for name, group in groups.items():
            given[name] = group(**{one.name: given.pop(one.name) for one in fields(group)})
        command(**given)

    # Typer calls by name, so options may stand in any order, with or without a default.
    seen = [
        option.replace(kind=Parameter.KEYWORD_ONLY)
        for name, one in signature.parameters.items()
        for option in (_options(groups[name]) if name in groups else [one])
    ]
    with_groups.__signature__ = signature.replace(parameters=seen)  # type: ignore[attr-defined]
    return with_groups


def _options(group: Any) -> Iterator[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for one in fields(group):
        default = Parameter.empty if one.default is MISSING else one.default
        yield Parameter(one.name, Parameter.KEYWORD_ONLY, default=default, annotation=hints[one.name])
