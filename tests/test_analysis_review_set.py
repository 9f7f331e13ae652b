"""The review set that ships: it reads, it is large enough, its thumbnails are there and small."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PilImage

from analysis.errors import PredictionsError
from analysis.predictions import Predictions
from analysis.review_set import load_review_set, review_set_folder, review_set_table, thumbnails

BYTES = 25_000_000


@pytest.fixture(scope="module")
def bundled() -> Predictions:
    return load_review_set()


def test_the_bundled_set_is_whole(bundled: Predictions) -> None:
    assert len(bundled) >= 20_000
    assert not bundled.exclusions
    assert bundled.is_reviewed.all()
    assert bundled.frame["model"].nunique() == 1
    assert set(bundled.frame["source"]) == {"rendered", "clothing"}
    # Photos of a catalogue may have been seen in training unless they are held out.
    assert "clothing" not in set(bundled.in_split("train").frame["source"])


def test_each_split_can_be_measured(bundled: Predictions) -> None:
    for split in ("val", "test"):
        part = bundled.in_split(split)
        assert len(part) >= 3000
        assert 0.6 < part.is_qualified.mean() < 0.8
        assert len(set(part.products)) >= 100


def test_the_dates_run_over_months_in_order(bundled: Predictions) -> None:
    dates = bundled.dates
    assert dates.is_monotonic_increasing
    months = dates.dt.to_period("M").value_counts()
    assert (months > 500).sum() >= 8


def test_thumbnails_are_small_pictures_of_some_rows(bundled: Predictions) -> None:
    folder = review_set_folder()
    pictured = [paths for images in bundled.frame["images"] if (paths := thumbnails(images)) is not None]
    assert len(pictured) >= 300
    files = {path for paths in pictured for path in paths}
    assert files == set((folder / "images").iterdir())
    for path in files:
        with PilImage.open(path) as picture:
            assert 32 <= max(picture.size) <= 96
    assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) < BYTES


def test_no_photo_of_a_catalogue_is_passed_on(bundled: Predictions) -> None:
    photos = bundled.frame[bundled.frame["source"] != "rendered"]
    assert all(thumbnails(images) is None for images in photos["images"])


def test_the_readme_says_what_the_table_holds(bundled: Predictions) -> None:
    text = (review_set_folder() / "README.md").read_text(encoding="utf-8")
    assert f"{len(bundled):,} rows" in text
    assert "simulated" in text
    for split in ("train", "val", "test"):
        assert f"{len(bundled.in_split(split)):,}" in text


# -- another folder -----------------------------------------------------------------------------------------------


def test_another_folder_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGPIS_REVIEWS_DIR", str(tmp_path))
    assert review_set_table() == tmp_path / "predictions.parquet"
    with pytest.raises(PredictionsError, match=r"predictions\.parquet: no such file"):
        load_review_set()


def test_thumbnails_need_every_image_inside_the_folder(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.jpg").touch()
    outside = tmp_path / "images" / ".." / "images" / "a.jpg"
    assert thumbnails(("images/a.jpg",), tmp_path) == (tmp_path / "images" / "a.jpg",)
    assert thumbnails(("images/a.jpg", "images/b.jpg"), tmp_path) is None
    assert thumbnails((), tmp_path) is None
    assert outside.is_file()
    assert thumbnails(("images/../images/a.jpg",), tmp_path) is None
    assert thumbnails((str(tmp_path / "images" / "a.jpg"),), tmp_path) is None
