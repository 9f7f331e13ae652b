"""What a row of AGPIS-data must hold, and in which words a wrong one is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from agpis.errors import CatalogError


def _check_file(name: str) -> str:
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise ValueError(f"{name!r} is not a file inside the folder of the table")
    return name


def _check_date(text: str) -> str:
    if text:
        try:
            datetime.fromisoformat(text)
        except ValueError as error:
            raise ValueError(f"{text!r} is not an ISO 8601 date such as 2025-02-03") from error
    return text


def _number_as_text(value: Any) -> Any:
    # Many shops number their products, and their tables hold numbers then.
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


_File = Annotated[str, AfterValidator(_check_file)]
_Sku = Annotated[str, BeforeValidator(_number_as_text), Field(min_length=1)]
_Date = Annotated[str, AfterValidator(_check_date)]
_Split = Literal["", "train", "val", "test"]


class ReviewRow(BaseModel):
    """One review; see `ReviewRecord`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    product_id: _Sku
    title: str
    images: tuple[_File, ...] = Field(min_length=1)
    feedback: str
    category: str = ""
    date: _Date = ""
    source: str = ""
    split: _Split = ""


class ImageRow(BaseModel):
    """The labels of one image; see `ImageLabel`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    file: _File
    product_id: _Sku
    noncompliant: bool
    primary: bool | None
    defects: tuple[str, ...] = ()
    source: str = ""
    split: _Split = ""


_Model = TypeVar("_Model", ReviewRow, ImageRow)


def validate_row(model: type[_Model], values: Mapping[str, Any]) -> _Model:
    """Check the values of one row.

    Raises:
        CatalogError: naming every field that is wrong, and how; the caller knows file and line.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise CatalogError("; ".join(_reasons(error))) from error


def _reasons(error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"])
        kind = problem["type"]
        if kind == "missing":
            yield f"{field} is missing"
        elif kind in ("too_short", "string_too_short"):
            yield f"{field} is empty"
        elif kind == "value_error":
            yield f"{field}: {problem['ctx']['error']}"
        else:
            shown = repr(problem["input"])
            yield f"{field}: {problem['msg']}, got {shown if len(shown) <= 60 else shown[:57] + '...'}"
