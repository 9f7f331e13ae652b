"""Tables of an A/B test: date, arm, impressions, clicks, orders; one row a date and arm, checked like predictions."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.errors import AnalysisError
from analysis.predictions import Bools, Exclusion, Ints

COUNT_COLUMNS = ("impressions", "clicks", "orders")
COLUMNS = ("date", "arm", *COUNT_COLUMNS)


class ABTableError(AnalysisError):
    """A table of an A/B test is missing, malformed or empty; the message names column and row."""


@dataclass(frozen=True, eq=False)
class ABTable:
    """Counts of two arms over D dates, in order of time. Column 0 is the control arm, column 1 the treatment arm.

    Attributes:
        dates: D days.
        arms: names of both arms.
        impressions: (D, 2) how often products were shown, at least 1.
        clicks: (D, 2) impressions that were clicked.
        orders: (D, 2) clicks that led to an order.
        exclusions: what was left out when the table was read.
    """

    dates: tuple[date, ...]
    arms: tuple[str, str]
    impressions: Ints
    clicks: Ints
    orders: Ints
    exclusions: tuple[Exclusion, ...] = ()

    def __len__(self) -> int:
        return len(self.dates)


def read_ab_table(
    path: str | os.PathLike[str],
    control: str = "control",
    treatment: str | None = None,
    exclude_wrong_rows: bool = False,
) -> ABTable:
    """Read and check the table of an A/B test.

    Args:
        path: .csv, .csv.gz or .parquet.
        control: name of the arm without the change, in any case of letters.
        treatment: name of the arm with it; may be left out when there are two arms.
        exclude_wrong_rows: leave wrong rows out and count them, instead of refusing the table.

    Raises:
        ABTableError: when the file is missing or of another kind, lacks columns or an arm, or has a wrong row and
            these are not excluded.
    """
    path = Path(path)
    if not path.is_file():
        raise ABTableError(f"{path}: no such file; it should have the columns {', '.join(COLUMNS)}")
    return _read(path, str(path), control, treatment, exclude_wrong_rows)


def ab_table_from_bytes(
    data: bytes,
    name: str,
    control: str = "control",
    treatment: str | None = None,
    exclude_wrong_rows: bool = False,
) -> ABTable:
    """Check the content of a file, as it is uploaded; `name` tells its kind, and the rest is as in `read_ab_table`.

    Raises:
        ABTableError: as there.
    """
    return _read(BytesIO(data), name, control, treatment, exclude_wrong_rows)


def _read(source: Path | BytesIO, name: str, control: str, treatment: str | None, exclude_wrong_rows: bool) -> ABTable:
    try:
        if name.endswith(".parquet"):
            frame = pd.read_parquet(source)
        elif name.endswith((".csv", ".csv.gz")):
            packing: Literal["gzip"] | None = "gzip" if name.endswith(".gz") else None
            frame = pd.read_csv(source, dtype=str, keep_default_na=False, compression=packing)
        else:
            raise ABTableError(f"{name}: a table of an A/B test ends in .csv, .csv.gz or .parquet")
    except (OSError, EOFError, ValueError, UnicodeDecodeError, zlib.error, pa.ArrowException) as error:
        raise ABTableError(f"{name} could not be read as a table: {error}") from error
    try:
        return check_ab_table(frame, control, treatment, exclude_wrong_rows)
    except ABTableError as error:
        raise ABTableError(f"{name}: {error}") from error


@dataclass(frozen=True, slots=True)
class ArmCounts:
    """Totals of one arm.

    Attributes:
        impressions: how often products were shown, at least 1.
        clicks: impressions that were clicked.
        orders: clicks that led to an order.
    """

    impressions: int
    clicks: int
    orders: int


def ab_table_of_totals(control: ArmCounts, treatment: ArmCounts, day: date) -> ABTable:
    """A table of one date from the totals of both arms.

    Raises:
        ABTableError: when counts cannot be, such as more clicks than impressions.
    """
    arms = {"control": control, "treatment": treatment}
    for name, arm in arms.items():
        if arm.impressions < 1:
            raise ABTableError(f"the {name} arm has {arm.impressions} impressions; it needs at least 1")
        for part, of in (("clicks", "impressions"), ("orders", "clicks")):
            if not 0 <= getattr(arm, part) <= getattr(arm, of):
                raise ABTableError(
                    f"the {name} arm has {getattr(arm, part)} {part} of {getattr(arm, of)} {of}; count each of these "
                    "once, so that there are at most as many"
                )
    rows = [{"date": str(day), "arm": name, **asdict(arm)} for name, arm in arms.items()]
    return check_ab_table(pd.DataFrame(rows))


def check_ab_table(
    frame: pd.DataFrame, control: str = "control", treatment: str | None = None, exclude_wrong_rows: bool = False
) -> ABTable:
    """Check a table in memory; arguments and errors are those of `read_ab_table`."""
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise ABTableError(f"column {', '.join(missing)} is missing; the table of an A/B test needs it")
    if not len(frame):
        raise ABTableError("the table has no rows")
    raw = frame[list(COLUMNS)].reset_index(drop=True)
    numbers = {name: pd.to_numeric(raw[name], errors="coerce").astype(float) for name in COUNT_COLUMNS}
    day = pd.to_datetime(raw["date"], format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None).dt.normalize()
    table = pd.DataFrame({"date": day, "arm": raw["arm"].fillna("").astype(str).str.strip().str.casefold(), **numbers})
    control, treatment = _arms(table["arm"], control, treatment)
    wrong, exclusions = _wrong_rows(table, raw, (control, treatment), exclude_wrong_rows)
    if wrong.all():
        raise ABTableError(f"none of the {len(frame)} rows is usable; row 1: {exclusions[0].reason}")
    counts = table[~wrong].pivot(index="date", columns="arm", values=list(COUNT_COLUMNS)).sort_index()
    impressions, clicks, orders = (
        counts[name][[control, treatment]].to_numpy().astype(np.int64) for name in COUNT_COLUMNS
    )
    days = tuple(moment.date() for moment in counts.index)
    return ABTable(days, (control, treatment), impressions, clicks, orders, exclusions)


def _arms(arms: pd.Series[str], control: str, treatment: str | None) -> tuple[str, str]:
    """Both arms by name."""
    names = sorted(set(arms) - {""})
    control = control.strip().casefold()
    if control not in names:
        raise ABTableError(f"no arm is named {control!r}, only {', '.join(names)}; name the control arm with --control")
    others = [name for name in names if name != control]
    if treatment is None:
        if len(others) != 1:
            raise ABTableError(
                f"beside {control!r} the table has {len(others)} arms ({', '.join(others)}), not one; "
                "name the one to compare with --treatment"
            )
        return control, others[0]
    treatment = treatment.strip().casefold()
    if treatment not in others:
        raise ABTableError(f"no arm beside {control!r} is named {treatment!r}, only {', '.join(others)}")
    return control, treatment


def _wrong_rows(
    table: pd.DataFrame, raw: pd.DataFrame, arms: tuple[str, str], exclude: bool
) -> tuple[Bools, tuple[Exclusion, ...]]:
    """(n,) which rows are left out, and why; rows of further arms are always left out.

    A date with one arm says nothing about the difference, so what one wrong row leaves alone goes with it.
    """
    further = ~table["arm"].isin(["", *arms]).to_numpy()
    wrong = further.copy()
    exclusions: list[Exclusion] = []
    if further.any():
        exclusions.append(_exclusion("its arm is not one of the two that are compared", further))
    bad: list[Exclusion] = []

    def note(reason: Callable[[int], str], rows: Bools) -> None:
        nonlocal wrong
        new = np.asarray(rows, np.bool_) & ~wrong
        if new.any():
            bad.append(_exclusion(reason(int(new.argmax())), new))
        wrong = wrong | new

    for reason, rows in _checks(table, raw):
        note(reason, rows)
    causes = len(bad)
    alone = ~table["date"].where(~wrong).duplicated(keep=False).to_numpy()
    note(lambda row: f"the other arm has no usable row of {raw['date'][row]!r}", alone)
    if bad and not exclude:
        first = min(bad[:causes] or bad, key=lambda exclusion: exclusion.first_row)
        count = sum(part.count for part in bad)
        raise ABTableError(
            f"row {first.first_row}: {first.reason} ({count} of {len(table)} rows are wrong); "
            "mend the table, or leave such rows out with --exclude-wrong-rows"
        )
    return wrong, tuple(exclusions + bad)


def _exclusion(reason: str, rows: Bools) -> Exclusion:
    return Exclusion(reason, int(rows.sum()), int(rows.argmax()) + 1)


def _checks(table: pd.DataFrame, raw: pd.DataFrame) -> list[tuple[Callable[[int], str], Bools]]:
    """What is wrong with a row, in words, and which rows it is wrong with."""

    def told(name: str, wanted: str) -> Callable[[int], str]:
        return lambda row: f"column {name} is {np.asarray(raw[name])[row : row + 1].tolist()[0]!r}, not {wanted}"

    checks: list[tuple[Callable[[int], str], Bools]] = [
        (told("date", "an ISO 8601 date"), table["date"].isna().to_numpy()),
        (told("arm", "the name of an arm"), (table["arm"] == "").to_numpy()),
    ]
    for name in COUNT_COLUMNS:
        least = 1 if name == "impressions" else 0
        values = table[name].to_numpy()
        # Beyond 2^53 a float no longer holds every whole number.
        whole = (values >= least) & (values <= 2**53) & (values == np.floor(values))
        checks.append((told(name, f"a whole number of at least {least}"), ~whole))
    for part, of in (("clicks", "impressions"), ("orders", "clicks")):
        more = (table[part] > table[of]).to_numpy()
        checks.append((told(part, f"at most the number of {of}; count each of these once"), more))
    checks.append(
        (
            lambda row: f"date {raw['date'][row]!r} and arm {raw['arm'][row]!r} stand in several rows; add them up",
            table.duplicated(["date", "arm"], keep=False).to_numpy(),
        )
    )
    return checks
