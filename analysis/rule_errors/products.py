"""Everything that a table knows of one product: its title, its category, and the images of all its sequences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.errors import AnalysisError
from analysis.predictions import Predictions


@dataclass(frozen=True, slots=True)
class TableProduct:
    """One product of a table.

    Attributes:
        product_id: its id.
        title: of its first row with one; empty where the table has none.
        category: of its first row with one; empty where it has none.
        images: files relative to the table, those of the given sequence first, then the others as they first occur.
        sequences: rows of the product.
    """

    product_id: str
    title: str
    category: str
    images: tuple[str, ...]
    sequences: int


def table_product(table: Predictions, product_id: str, first: tuple[str, ...] = ()) -> TableProduct:
    """Gather what the rows of one product say.

    Args:
        table: n rows.
        product_id: of the product.
        first: files that come first, in this order.

    Raises:
        AnalysisError: when the table has no such product.
    """
    rows = np.flatnonzero((table.frame["product_id"] == product_id).to_numpy())
    if not len(rows):
        raise AnalysisError(f"the table has no product {product_id!r} among its {len(table)} rows")
    frame = table.frame.iloc[rows]
    text = {
        name: next((str(value) for value in frame[name] if value), "") if name in frame else ""
        for name in ("title", "category")
    }
    listed = [file for files in frame["images"] for file in files] if "images" in frame else []
    return TableProduct(product_id, text["title"], text["category"], tuple(dict.fromkeys([*first, *listed])), len(rows))
