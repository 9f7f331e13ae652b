"""What a run hands out: JSON lines, the CSV summary, and the images in order."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import pytest
from catalogue_shop import ShopPipeline, shop

from agpis.catalogue.engine import Models, take_step
from agpis.catalogue.intake import server_source
from agpis.catalogue.results import SUMMARY_COLUMNS, images_zip, results_jsonl, summary_csv
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import NewRun, Run
from agpis.types import PipelineSettings


@pytest.fixture
def runs(tmp_path: Path) -> CatalogueRuns:
    return CatalogueRuns.open(str(tmp_path / "agpis.db"))


@pytest.fixture
def run(runs: CatalogueRuns, tmp_path: Path) -> Run:
    """A submitted mug, a lamp below the threshold, a chair that broke the models, a row that is no product."""
    folder = shop(tmp_path / "shop", ("mug", "lamp", "chair"))
    with (folder / "products.jsonl").open("a") as table:
        table.write('{"product_id": "@sum(1)", "title": "=1+1"}\n')
    source = server_source(str(folder), tmp_path)
    settings = PipelineSettings(remove_variants=False, submission_threshold=0.5)
    run_id = runs.create(NewRun("shop", source.folder, None, settings, "m", "t"), source.products())
    runs.queue(run_id, "here")
    pipeline = ShopPipeline(p_by_product={"lamp": 0.25}, broken={"chair"})
    while take_step(runs, run_id, lambda: Models(pipeline, "m")):
        pass
    return runs.run(run_id)


def test_json_lines_hold_every_product_and_its_whole_result(runs: CatalogueRuns, run: Run) -> None:
    mug, lamp, chair, none = (json.loads(line) for line in results_jsonl(runs, run.id).splitlines())
    assert (mug["product_id"], mug["title"], mug["status"]) == ("mug", "A mug", "done")
    assert mug["result"]["p_qualified"] == 0.62
    assert len(mug["result"]["images"]) == 3
    assert lamp["result"]["outcome"] == "below_threshold"
    assert (chair["status"], chair["result"]) == ("failed", None)
    assert chair["reason"] == "chair is too much for this model"
    assert none["reason"].startswith("line 4: images must be a list")


def test_the_summary_has_a_row_for_every_product(runs: CatalogueRuns, run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(summary_csv(runs, run))))
    assert tuple(rows[0]) == SUMMARY_COLUMNS
    assert [(row["product_id"], row["outcome"], row["p_qualified"]) for row in rows] == [
        ("mug", "submit", "0.620000"),
        ("lamp", "below_threshold", "0.250000"),
        ("chair", "", ""),
        ("'@sum(1)", "", ""),
    ]
    assert rows[0]["images"].split("|")[0] == "mug/front.png"
    assert rows[0]["submission_threshold"] == "0.5"


def test_images_are_numbered_in_order_and_sorted_by_outcome(runs: CatalogueRuns, run: Run) -> None:
    with images_zip(runs, run) as file, zipfile.ZipFile(file) as archive:
        mug = [name for name in archive.namelist() if name.startswith("submit/00001-mug/")]
        assert [Path(name).name[:3] for name in mug] == ["01-", "02-", "03-"]
        assert mug[0] == "submit/00001-mug/01-front.png"
        assert archive.read(mug[0]) == (run.folder / "mug/front.png").read_bytes()
        assert sum(name.startswith("below_threshold/00002-lamp/") for name in archive.namelist()) == 3
        assert archive.read("results.jsonl").decode() == results_jsonl(runs, run.id)
        assert archive.read("summary.csv").decode() == summary_csv(runs, run)
        assert "missing.txt" not in archive.namelist()


def test_a_photo_that_is_gone_is_named(runs: CatalogueRuns, run: Run) -> None:
    (run.folder / "mug/front.png").unlink()
    with images_zip(runs, run) as file, zipfile.ZipFile(file) as archive:
        assert archive.read("missing.txt").decode() == (
            "submit/00001-mug/01-front.png: front.png of product mug is gone\n"
        )


def test_ids_and_names_cannot_leave_the_folder_of_whoever_unpacks(runs: CatalogueRuns, tmp_path: Path) -> None:
    folder = shop(tmp_path / "odd", ("x",))
    (folder / "x" / "front.png").rename(folder / "x" / ".front $(rm) 形.png")
    line = {"product_id": "../../etc/ö x", "images": ["x/.front $(rm) 形.png", "x/side.png", "x/back.png"]}
    (folder / "products.jsonl").write_text(json.dumps(line))
    settings = PipelineSettings(remove_variants=False)
    run_id = runs.create(
        NewRun("odd", folder, None, settings, "m", "t"), server_source(str(folder), tmp_path).products()
    )
    runs.queue(run_id, "here")
    while take_step(runs, run_id, lambda: Models(ShopPipeline(), "m")):
        pass
    with images_zip(runs, runs.run(run_id)) as file, zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.startswith("submit/")]
    assert names[0] == "submit/00001-_.._etc_ö_x/01-front_rm_形.png"
