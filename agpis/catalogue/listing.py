"""The products of a run, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from agpis.errors import SettingsError
from agpis.store.catalogue_runs import CatalogueRuns
from agpis.store.catalogue_values import RunProduct


@dataclass(frozen=True, slots=True)
class Listing:
    """Products that were looked for.

    Attributes:
        run_id: the run.
        group: `ALL`, `FAILED`, or an outcome.
        words: text that id or title must hold.
        num_found: how many there are.
        num_pages: pages they fill; 0 when there are none.
        rows: products a page.
    """

    run_id: int
    group: str
    words: str
    num_found: int
    num_pages: int
    rows: int

    def page(self, runs: CatalogueRuns, number: int) -> tuple[RunProduct, ...]:
        """The products of one page, counted from 1; none beyond the last.

        Raises:
            StoreError: when the store fails.
        """
        return runs.products(self.run_id, self.group, self.words, self.rows, (number - 1) * self.rows)


def look_for(runs: CatalogueRuns, run_id: int, group: str, words: str, rows: int) -> Listing:
    """Count the products of a group with these words.

    Raises:
        SettingsError: when `rows` is below 1.
        StoreError: when the store fails.
    """
    if rows < 1:
        raise SettingsError(f"rows must be at least 1, got {rows}")
    found = runs.count(run_id, group, words)
    return Listing(run_id, group, words, found, -(-found // rows), rows)
