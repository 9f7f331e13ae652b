"""ZIP archives from strangers: unpacked into a fresh folder within limits, or refused with the member's name."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from agpis.data.catalog import IMAGE_SUFFIXES, TITLE_FILE
from agpis.data.catalog_tables import TABLE_SUFFIXES
from agpis.errors import CatalogError, SettingsError
from agpis.reasons import Reason

_CHUNK = 1 << 20
# Beside BadZipFile: what Python's readers raise on damaged or unusual members. zipfile raises NotImplementedError where
# a member is compressed in a way that it does not know.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError)


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold.

    Attributes:
        max_members: files and folders.
        max_member_bytes: of one file, unpacked.
        max_bytes: of all files together, unpacked.
    """

    max_members: int = 200_000
    max_member_bytes: int = 200_000_000
    max_bytes: int = 10_000_000_000

    def __post_init__(self) -> None:
        for name in ("max_members", "max_member_bytes", "max_bytes"):
            value = getattr(self, name)
            if value < 1:
                raise SettingsError(f"{name} must be at least 1, got {value}")


DEFAULT_ARCHIVE_LIMITS = ArchiveLimits()


def unpack_archive(source: Path | IO[bytes], folder: Path, limits: ArchiveLimits = DEFAULT_ARCHIVE_LIMITS) -> Path:
    """Unpack the tables, titles and photos of a ZIP archive; what else it holds is left out.

    All names and sizes are looked at before anything is written. When it fails, nothing of it stays.

    Args:
        source: the archive.
        folder: to unpack into; must not exist.
        limits: what it may hold.

    Returns:
        The catalogue's folder: `folder`, or the only folder in it, which many programs wrap around what they pack.

    Raises:
        CatalogError: when it is no ZIP archive, is damaged or encrypted, exceeds a limit, or has a member that would
            lie outside the folder or is a link; the message names the member.
    """
    folder.mkdir(parents=True)
    try:
        with zipfile.ZipFile(source) as archive:
            members = list(_wanted(archive, limits))
            _check_space(folder, sum(member.file_size for member, _ in members))
            for member, path in members:
                _write(archive, member, folder / path)
    except CatalogError:
        shutil.rmtree(folder)
        raise
    except _ZIP_ERRORS as error:
        shutil.rmtree(folder)
        raise CatalogError(Reason.ZIP_BROKEN.format(error=error)) from error
    return _unwrapped(folder)


def _wanted(archive: zipfile.ZipFile, limits: ArchiveLimits) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    members = archive.infolist()
    if len(members) > limits.max_members:
        raise CatalogError(Reason.ZIP_MEMBERS.format(count=f"{len(members):,}", most=f"{limits.max_members:,}"))
    total, taken = 0, set[str]()
    for member in members:
        path = _checked_path(member)
        if member.is_dir():
            continue
        total += member.file_size
        _check_size(member, total, limits)
        # Some file systems take A.jpg and a.jpg for one file.
        if (key := str(path).casefold()) in taken:
            raise CatalogError(Reason.ZIP_TWICE.format(file=repr(member.filename)))
        taken.add(key)
        if _is_wanted(path):
            yield member, path


def _checked_path(member: zipfile.ZipInfo) -> PurePosixPath:
    name = member.orig_filename
    path = PurePosixPath(name)
    drive = len(name) > 1 and name[1] == ":"
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or drive:
        raise CatalogError(Reason.ZIP_OUTSIDE.format(file=repr(name)))
    if stat.S_ISLNK(member.external_attr >> 16):
        raise CatalogError(Reason.ZIP_LINK.format(file=repr(name)))
    if member.flag_bits & 0x1:
        raise CatalogError(Reason.ZIP_ENCRYPTED.format(file=repr(name)))
    return path


def _check_size(member: zipfile.ZipInfo, total: int, limits: ArchiveLimits) -> None:
    if member.file_size > limits.max_member_bytes:
        size, most = f"{member.file_size:,}", f"{limits.max_member_bytes:,}"
        raise CatalogError(Reason.ZIP_MEMBER_LARGE.format(file=repr(member.filename), size=size, most=most))
    if total > limits.max_bytes:
        raise CatalogError(Reason.ZIP_LARGE.format(most=f"{limits.max_bytes:,}", file=repr(member.filename)))


def _check_space(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if size > free:
        raise CatalogError(Reason.ZIP_DISK.format(size=f"{size:,}", free=f"{free:,}"))


def _is_wanted(path: PurePosixPath) -> bool:
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    suffix = path.suffix.lower()
    return not hidden and (suffix in IMAGE_SUFFIXES or suffix in TABLE_SUFFIXES or path.name == TITLE_FILE)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    # The reader gives no more than the size that was checked, and fails when the data says otherwise.
    with archive.open(member) as packed, target.open("xb") as file:
        shutil.copyfileobj(packed, file, _CHUNK)


def _unwrapped(folder: Path) -> Path:
    entries = list(folder.iterdir())
    if len(entries) == 1 and entries[0].is_dir():
        inner = entries[0]
        # One with nothing but photos is a product, not a wrapper.
        if any(entry.is_dir() or entry.suffix.lower() in TABLE_SUFFIXES for entry in inner.iterdir()):
            return inner
    return folder
