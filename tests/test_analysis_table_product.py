"""What a table knows of one product."""

from __future__ import annotations

import pytest
from prediction_tables import table

from analysis.errors import AnalysisError
from analysis.predictions import check_predictions
from analysis.rule_errors.products import table_product


def test_the_images_of_all_rows_come_once_those_of_the_sequence_first() -> None:
    frame = table(
        3,
        product_id=["mug", "mug", "pot"],
        title=["", "White mug", "Pot"],
        images=["a.jpg|b.jpg", "c.jpg|a.jpg", "d.jpg"],
    )
    found = table_product(check_predictions(frame), "mug", ("c.jpg", "a.jpg"))
    assert (found.product_id, found.title, found.category, found.sequences) == ("mug", "White mug", "mug", 2)
    assert found.images == ("c.jpg", "a.jpg", "b.jpg")


def test_a_table_without_titles_and_images_has_none_to_tell() -> None:
    found = table_product(check_predictions(table(2)), "p1")
    assert (found.title, found.images, found.sequences) == ("", (), 1)


def test_an_unknown_product_is_an_error() -> None:
    with pytest.raises(AnalysisError, match="no product 'p9' among its 2 rows"):
        table_product(check_predictions(table(2)), "p9")
