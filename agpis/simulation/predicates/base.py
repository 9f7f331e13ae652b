"""What a predicate is, and the registry that rule files name predicates from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from agpis.errors import RulesError
from agpis.simulation.facts import ImageFacts, TitleFacts


@dataclass(frozen=True, slots=True)
class Hit:
    """One breach of a rule.

    Attributes:
        images: the images concerned, counted from 1 in sequence order.
        place: where on the image, in words; empty when it is the whole image.
        thing: what breaks the rule, in words.
        other: what it is compared with, in words; empty when it stands alone.
    """

    images: tuple[int, ...]
    place: str = ""
    thing: str = ""
    other: str = ""


class Predicate(BaseModel, ABC):
    """Decides from facts alone whether a sequence breaks one rule.

    Attributes:
        flaw: one word for what is wrong with a picture that breaks the rule alone, whatever stands beside it; empty
            where no picture can, or where its defects are the words.
        reads_title: what the title says of the product decides, against what the pictures show.
        needs_end: the beginning of a good sequence may break the rule, as when more images are wanted.
        kind: name in rule files.
    """

    flaw: ClassVar[str] = ""
    needs_end: ClassVar[bool] = False
    reads_title: ClassVar[bool] = False

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    kind: str

    @abstractmethod
    def hits(self, images: Sequence[ImageFacts], title: TitleFacts) -> Iterator[Hit]:
        """The breaches in sequence order; none when the rule is met."""


_REGISTRY: dict[str, type[Predicate]] = {}


def register(kind: str) -> Callable[[type[Predicate]], type[Predicate]]:
    """Class decorator: make a predicate known to rule files under `kind`."""

    def add(cls: type[Predicate]) -> type[Predicate]:
        _REGISTRY[kind] = cls
        return cls

    return add


def predicate_kinds() -> tuple[str, ...]:
    """The kinds that a rule file may name."""
    return tuple(_REGISTRY)


def build_predicate(mapping: Mapping[str, Any]) -> Predicate:
    """The predicate that a rule file describes.

    Raises:
        RulesError: when the kind is unknown, or a parameter is unknown, missing or out of its range.
    """
    kind = mapping.get("kind")
    if kind not in _REGISTRY:
        raise RulesError(f"no predicate of kind {kind!r}; known are {', '.join(sorted(_REGISTRY))}")
    try:
        return _REGISTRY[kind].model_validate(dict(mapping))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'value'}: {item['msg']}" for item in error.errors()
        )
        raise RulesError(f"predicate {kind} is not valid: {problems}") from error
