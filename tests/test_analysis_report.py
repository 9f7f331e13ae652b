"""The report: one page that stands alone, escapes what comes from tables, and says what it cannot tell."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from prediction_tables import table
from typer.testing import CliRunner

from analysis.__main__ import app
from analysis.errors import AnalysisError
from analysis.predictions import check_predictions
from analysis.report import ReportOptions, build_report, render
from analysis.report.content import GalleryBlock, Section, TableBlock, TextBlock


def reviewed(rows: int = 9) -> pd.DataFrame:
    """Rows of which every third is for choosing and every third for judging, with images and words."""
    return table(rows).assign(
        split=np.resize(["train", "val", "test"], rows),
        title="<b>Mug</b> & cup",
        feedback="Watermark - on the 1st image",
        images="here.png|gone.png",
        model="small-1",
        p_nlg=0.5,
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A table with one of its two images beside it."""
    path = tmp_path / "table.csv"
    reviewed().to_csv(path, index=False)
    Image.new("RGB", (300, 200), "red").save(tmp_path / "here.png")
    return path


def section(sections: tuple[Section, ...], anchor: str) -> Section:
    return next(part for part in sections if part.anchor == anchor)


def test_the_page_stands_alone_and_escapes_what_sellers_wrote(file: Path) -> None:
    page = file.with_name("report.html")
    result = CliRunner().invoke(app, ["report", str(file), "--out", str(page), "--gallery", "2"])
    assert result.exit_code == 0, result.output
    html = page.read_text(encoding="utf-8")
    assert "&lt;b&gt;Mug&lt;/b&gt; &amp; cup" in html
    assert "<b>Mug</b>" not in html
    assert not re.search(r"(?:<script[^>]+src|<link[^>]+href|<img[^>]+src)=\"(?!data:)", html)
    assert html.count('src="data:image/jpeg;base64,') > 0
    assert "image 2 is not beside the table" in html


def test_every_section_of_a_small_table(file: Path) -> None:
    report = build_report(check_predictions(reviewed()), file, ReportOptions(gallery=1))
    facts = dict(report.facts)
    assert facts["Sequences"] == "9 of 9 products"
    assert facts["Model"] == "small-1"
    anchors = [part.anchor for part in report.sections]
    assert anchors == ["quality", "threshold", "calibration", "rules", "slices", "mistakes", "time", "drift"]
    galleries = [block for block in section(report.sections, "mistakes").blocks if isinstance(block, GalleryBlock)]
    assert [len(gallery.cards) for gallery in galleries] == [1, 1]
    assert galleries[0].cards[0].heading.startswith("probability 0.40, rejected; product p5")


def test_thresholds_by_hand(file: Path) -> None:
    """Of the test rows p2, p5 and p8 (p^t 0.7, 0.4, 0.1) the first and the last were accepted."""
    report = build_report(check_predictions(reviewed()), file, ReportOptions(threshold=0.35))
    (found,) = [block for block in section(report.sections, "threshold").blocks if isinstance(block, TableBlock)]
    today = found.rows[-1]
    assert today[0] == "today's threshold 0.35"
    assert today[2] == "66.7%"
    assert today[3].startswith("50.0% (")
    assert today[4:] == ("33.3%", "1")
    assert found.rows[1][1] == "none"  # nothing can be promised from three sequences


def test_what_the_table_cannot_answer_is_said_in_its_place(file: Path) -> None:
    report = build_report(check_predictions(reviewed().assign(split="test")), file)
    for anchor in ("threshold", "calibration"):
        (block,) = section(report.sections, anchor).blocks
        assert isinstance(block, TextBlock)
        assert block.warning
        assert block.text.startswith("This table cannot answer that: ")
        assert "val" in block.text
    assert "cannot answer" in render(report)


def test_a_table_without_reviews_to_judge_on_is_refused(file: Path) -> None:
    with pytest.raises(AnalysisError, match="split 'test' has no reviewed sequence; splits with reviews: val"):
        build_report(check_predictions(reviewed().assign(split="val")), file)
    result = CliRunner().invoke(app, ["report", str(file), "--split", "train", "--out", str(file.parent)])
    assert isinstance(result.exception, AnalysisError)
    assert "cannot be written" in str(result.exception)
