"""Two tables of predictions about the same reviewed sequences, brought into one order."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from analysis.errors import ComparisonError
from analysis.predictions import Ints, Predictions


def match_rows(first: Predictions, second: Predictions) -> tuple[Predictions, Predictions]:
    """The same rows of two tables, in the order of the first.

    A row is known by product and images, where both tables name images, else by its product; of repeated rows the
    first belongs to the first, and so on.

    Raises:
        ComparisonError: when the classes, the rows or the labels differ, or when rows of one product cannot be told
            apart; the message says which and how many.
    """
    if first.taxonomy.ids != second.taxonomy.ids:
        differing = sorted(set(first.taxonomy.ids) ^ set(second.taxonomy.ids))
        what = f"only one has {', '.join(differing)}" if differing else "their order differs"
        raise ComparisonError(f"the tables have other classes: {what}; score both with the same rules")
    with_images = all("images" in table.frame for table in (first, second))
    keys, other = (_keys(table, with_images) for table in (first, second))
    place = other.get_indexer(keys)
    _refuse_unmatched("first", keys, np.flatnonzero(place < 0))
    _refuse_unmatched("second", other, np.flatnonzero(keys.get_indexer(other) < 0))
    matched = _in_order(second, place)
    labels, other_labels = (table.frame["label"].to_numpy(dtype=object) for table in (first, matched))
    differing_rows = np.flatnonzero(labels != other_labels)
    if len(differing_rows):
        row = int(differing_rows[0])
        raise ComparisonError(
            f"{len(differing_rows)} of {len(first)} rows have different labels; {_named(keys[row])} is "
            f"{labels[row]!r} in the first table and {other_labels[row]!r} in the second; label both from one review"
        )
    return first, matched


def _keys(table: Predictions, with_images: bool) -> pd.MultiIndex:
    """(product, images, how many such rows came before) of each row."""
    products = table.frame["product_id"]
    if with_images:
        key = pd.DataFrame({"product": products, "images": table.frame["images"].map("|".join)})
    else:
        repeated = products[products.duplicated()]
        if len(repeated):
            raise ComparisonError(
                f"product {repeated.iloc[0]!r} has several rows, which column images would tell apart, but not both "
                "tables have it; write the tables with images"
            )
        key = pd.DataFrame({"product": products, "images": ""})
    return pd.MultiIndex.from_frame(key.assign(repeat=key.groupby(["product", "images"]).cumcount()))


def _refuse_unmatched(name: str, keys: pd.MultiIndex, rows: Ints) -> None:
    if len(rows):
        raise ComparisonError(
            f"{len(rows)} of {len(keys)} rows are only in the {name} table, the first of them "
            f"{_named(keys[int(rows[0])])}; compare models on the same reviewed rows and split"
        )


def _named(key: tuple[Hashable, ...]) -> str:
    product, images, repeat = key
    words = [f"product {product!r}"]
    if images:
        words.append(f"images {images}")
    if repeat:
        words.append(f"(repeated row {repeat})")
    return " ".join(words)


def _in_order(table: Predictions, rows: Ints) -> Predictions:
    return Predictions(
        table.frame.iloc[rows].reset_index(drop=True),
        table.probabilities[rows],
        table.p_t[rows],
        table.p_nlg[rows],
        table.taxonomy,
        table.exclusions,
    )
