"""A sequence as one ZIP file: the photos in order, as they came, and the result as JSON."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from agpis.errors import CatalogError
from agpis.types import SequenceResult, to_json

RESULT_FILE = "result.json"
LONGEST_NAME = 80
_UNSAFE = re.compile(r"[^\w.-]+")
# Every archive of one result is the same, byte for byte; ZIP files cannot tell of an earlier day.
_DATE = (1980, 1, 1, 0, 0, 0)


def safe_name(file: str) -> str:
    """The last part of a name as letters, digits, `_`, `.` and `-`, at most 80 of them: harmless on any system.

    Args:
        file: name of a photo as it came, with folders of either kind.
    """
    last = PurePosixPath(file.replace("\\", "/")).name
    cleaned = _UNSAFE.sub("_", last).strip("._") or "image"
    path = PurePosixPath(cleaned)
    room = LONGEST_NAME - len(path.suffix)
    return cleaned if len(cleaned) <= LONGEST_NAME else f"{path.stem[:room]}{path.suffix}"[:LONGEST_NAME]


def archive_names(sequence: Iterable[str]) -> tuple[str, ...]:
    """Names that sort in the order of the sequence: 01-front.jpg, 02-side.jpg, ..."""
    return tuple(f"{place:02}-{safe_name(file)}" for place, file in enumerate(sequence, start=1))


def pack_sequence(result: SequenceResult, sources: Mapping[str, bytes | Path]) -> bytes:
    """The photos of the sequence with their original bytes, and `result.json`, in one ZIP file.

    Args:
        result: of a run; without a sequence the archive holds the JSON alone.
        sources: file -> path or bytes, of at least the images in the sequence.

    Raises:
        CatalogError: when a photo of the sequence has no source, or its file cannot be read any more.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, file in zip(archive_names(result.sequence), result.sequence, strict=True):
            # Photos are compressed already.
            archive.writestr(zipfile.ZipInfo(name, _DATE), original_bytes(file, sources), zipfile.ZIP_STORED)
        text = json.dumps(to_json(result), ensure_ascii=False, indent=2)
        archive.writestr(zipfile.ZipInfo(RESULT_FILE, _DATE), text, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def original_bytes(file: str, sources: Mapping[str, bytes | Path]) -> bytes:
    """The content of a photo as it came.

    Raises:
        CatalogError: when it has no source, or its file cannot be read any more.
    """
    if file not in sources:
        raise CatalogError(f"photo {file} is none of the {len(sources)} files of this product; run it again")
    source = sources[file]
    if isinstance(source, bytes):
        return source
    try:
        return source.read_bytes()
    except OSError as error:
        raise CatalogError(f"photo {file} cannot be read any more: {error.strerror}; run the product again") from error
