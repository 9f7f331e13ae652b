"""What may be uploaded: how many photos, how heavy each, how heavy together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agpis.errors import AgpisError, SettingsError
from app.demo.words import say

_MEGABYTE = 1_000_000


class VisitorError(AgpisError):
    """What a visitor is told, in a language of the demo.

    Attributes:
        key: of the sentence in `app.demo.words`.
        values: what the sentence holds.
    """

    def __init__(self, key: str, **values: object) -> None:
        self.key = key
        self.values = values
        super().__init__(self.said("en"))

    def said(self, language: str) -> str:
        """The sentence in one of the demo's languages."""
        return say(language, self.key, **self.values)


class UploadError(VisitorError):
    """Photos that are not taken."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one run takes.

    Attributes:
        photos: at most so many files.
        each_mb: a file has at most so many megabytes, of 1,000,000 bytes.
        total_mb: all files together have at most so many megabytes.
    """

    photos: int = 20
    each_mb: int = 20
    total_mb: int = 100

    def __post_init__(self) -> None:
        for name in ("photos", "each_mb", "total_mb"):
            if getattr(self, name) < 1:
                raise SettingsError(f"{name} must be at least 1, got {getattr(self, name)}")

    def check(self, files: Sequence[Path]) -> None:
        """Refuse files that go beyond the limits, before any is decoded.

        Raises:
            UploadError: no file, too many, one too heavy, all together too heavy, or one that is gone.
        """
        if not files:
            raise UploadError("no_photos")
        if len(files) > self.photos:
            raise UploadError("too_many_photos", got=len(files), limit=self.photos)
        total = 0
        for file in files:
            if not file.is_file():
                raise UploadError("not_a_file", file=file.name)
            size = file.stat().st_size
            if size > self.each_mb * _MEGABYTE:
                raise UploadError("photo_too_large", file=file.name, got=size / _MEGABYTE, limit=self.each_mb)
            total += size
        if total > self.total_mb * _MEGABYTE:
            raise UploadError("photos_too_large", got=total / _MEGABYTE, limit=self.total_mb)
