"""Train every row of the paper's Tables 2 and 3, and print them beside the paper's numbers, with its claims.

    python -m benchmarks.paper_tables --preset smoke
    python -m benchmarks.paper_tables --preset cpu --out runs/paper-tables-cpu
    python -m benchmarks.paper_tables --preset gpu --data data/market --out runs/paper-tables-gpu

Each training ends in one file in `--out`. Called again, the command skips what is finished and trains the rest; a
training that was cut short begins anew. The page is written after every round of trainings, one of each row.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from agpis.errors import SettingsError
from agpis.rules import load_taxonomy
from benchmarks.tables.dataset import Reviewed, read_data, simulated
from benchmarks.tables.document import Run, cells, interval, number, render
from benchmarks.tables.intervals import Resampler
from benchmarks.tables.presets import PRESETS, Preset
from benchmarks.tables.results import RowResult, finished, write_result
from benchmarks.tables.rows import BY_KEY, COLUMNS, ROWS, TABLE_2, TABLE_3, TABLE_3_LABELS, Row
from benchmarks.tables.training import fit_row, settings, train_row

_PAGE = Path("docs/paper-tables.md")
# Steps that an estimate times; fewer where the preset leaves out some sequences of each product.
_STEPS_TIMED = 16


class PresetName(StrEnum):
    """What `--preset` takes."""

    SMOKE = "smoke"
    CPU = "cpu"
    GPU = "gpu"


def main(
    preset: Annotated[PresetName, typer.Option(help="Sizes of data, networks and training.")],
    data: Annotated[Path | None, typer.Option(help="Folder of AGPIS-data; default simulated into OUT/data.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results; default runs/paper-tables-PRESET.")] = None,
    rows: Annotated[str, typer.Option(help="Keys of the rows to train, comma-separated; default all.")] = "",
    seeds: Annotated[int | None, typer.Option(min=1, help="Trainings of every row; default the preset's.")] = None,
    epochs: Annotated[float | None, typer.Option(min=0, help="Default the preset's.")] = None,
    resamples: Annotated[int, typer.Option(min=1, help="Of the bootstrap.")] = 1000,
    rules: Annotated[Path | None, typer.Option(help="Your own rule file.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that simulate.")] = 2,
    page: Annotated[
        Path | None, typer.Option(help=f"Page to write; default {_PAGE}, or OUT/{_PAGE.name} for smoke.")
    ] = None,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only time a few steps of every row.")] = False,
) -> None:
    """Train what is missing, then print both tables and the claims."""
    sizes = PRESETS[preset.value]
    if epochs is not None:
        sizes = replace(sizes, training={**sizes.training, "epochs": epochs})
    folder = out or Path(f"runs/paper-tables-{sizes.name}")
    chosen, count = _chosen(rows), seeds or sizes.seeds
    reviewed = read_data(data or _simulated(sizes, folder / "data", workers), load_taxonomy(rules))
    if estimate:
        _estimate(sizes, reviewed, chosen, count, folder / "work")
        return
    page = page or (folder / _PAGE.name if sizes.name == "smoke" else _PAGE)
    command = _command(sizes.name, data, rows, seeds, epochs, rules)
    for seed in range(count):
        for row in chosen:
            _train(row, sizes, reviewed, seed, folder)
        run = _run(sizes, reviewed, count, folder, resamples, command)
        before = page.read_text(encoding="utf-8") if page.is_file() else ""
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(render(run, before), encoding="utf-8")
    _print(run)


def _chosen(keys: str) -> tuple[Row, ...]:
    wanted = [key.strip() for key in keys.split(",") if key.strip()]
    unknown = [key for key in wanted if key not in BY_KEY]
    if unknown:
        raise SettingsError(f"no rows {', '.join(unknown)}; there are {', '.join(BY_KEY)}")
    return tuple(BY_KEY[key] for key in wanted) or ROWS


def _simulated(preset: Preset, folder: Path, workers: int) -> Path:
    with Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task("Simulating", total=None)
        return simulated(
            preset, folder, workers, lambda done, total: progress.update(task, completed=done, total=total)
        )


def _train(row: Row, preset: Preset, data: Reviewed, seed: int, out: Path) -> None:
    if finished(out, row.key, seed, settings(row, preset, data)) is not None:
        return
    result = train_row(row, preset, data, seed, out / "work")
    write_result(out, result)
    Console(stderr=True).print(
        f"{row.key}, seed {seed}: validation AUC {number(result.val_auc)}, {result.seconds:.0f} s"
    )


def _run(preset: Preset, data: Reviewed, seeds: int, out: Path, resamples: int, command: str) -> Run:
    results = _results(preset, data, seeds, out)
    resampler = Resampler(data, resamples)
    measured = {key: resampler.columns(key, [one.p_qualified for one in trained]) for key, trained in results.items()}
    return Run(preset, data, results, measured, resamples, command)


def _results(preset: Preset, data: Reviewed, seeds: int, out: Path) -> dict[str, list[RowResult]]:
    """Every finished training, also of rows that were not chosen this time."""
    found: dict[str, list[RowResult]] = {}
    for row in ROWS:
        for seed in range(seeds):
            result = finished(out, row.key, seed, settings(row, preset, data))
            if result is not None:
                found.setdefault(row.key, []).append(result)
    return found


def _estimate(preset: Preset, data: Reviewed, rows: Sequence[Row], seeds: int, work: Path) -> None:
    table = Table("row", "samples a second", "minutes a training", title=f"Estimate, preset {preset.name}")
    total = 0.0
    epochs = float(preset.training["epochs"])
    num_val = min(data.num_val, int(preset.training.get("max_eval_samples", data.num_val)))
    samples = _STEPS_TIMED * int(preset.training["batch_size"])
    for row in rows:
        timed = fit_row(
            row, preset, data, 0, work, epochs=samples / data.num_train, evaluations=1, max_eval_samples=_STEPS_TIMED
        )
        shutil.rmtree(work)
        pace = timed.throughput.samples_per_second
        # The validation split is read once an evaluation, the test split at the end, in about a third of the time.
        read = timed.num_train * epochs + (num_val * int(preset.training["evaluations"]) + len(data.test)) / 3
        total += read / pace
        table.add_row(row.key, f"{pace:.1f}", f"{read / pace / 60:.1f}")
    console = Console()
    console.print(table)
    console.print(f"{seeds} trainings of each of {len(rows)} rows: about {seeds * total / 3600:.1f} hours")


def _command(
    preset: str, data: Path | None, rows: str, seeds: int | None, epochs: float | None, rules: Path | None
) -> str:
    words = [f"python -m benchmarks.paper_tables --preset {preset}"]
    for name, value in {"data": data, "rules": rules}.items():
        # A path of this machine tells a reader nothing.
        words += [f"--{name} {f'PATH/{value.name}' if value.is_absolute() else value}"] if value is not None else []
    words += [f"--rows {rows}"] if rows else []
    words += [f"--seeds {seeds}"] if seeds is not None else []
    words += [f"--epochs {epochs:g}"] if epochs is not None else []
    return " ".join(words)


def _print(run: Run) -> None:
    console = Console(width=200)
    for title, keys, labels in (
        ("Table 2: the paper, and ours with 95% interval", TABLE_2, [BY_KEY[key].label for key in TABLE_2]),
        ("Table 3", TABLE_3, TABLE_3_LABELS),
    ):
        table = Table("model", *COLUMNS, title=title)
        for key, label in zip(keys, labels, strict=True):
            table.add_row(label, *(f"{printed}\n{found}" for printed, found in cells(key, run.measured)))
        console.print(table)
    table = Table("claim of the paper", "column", "paper", "here (95% interval)", "holds here?", title="Claims")
    for one in run.claims:
        paper, here = number(one.claim.paper, sign=True), interval(one.difference, sign=True)
        table.add_row(one.claim.words, one.claim.column, paper, here, str(one.verdict))
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
