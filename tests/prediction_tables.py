"""Made tables of predictions for the tests of the analysis toolkit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from agpis.data.predictions import probability_columns
from agpis.rules import load_taxonomy

TAXONOMY = load_taxonomy()
COLUMNS = probability_columns(TAXONOMY)


def table(rows: int = 4, **changed: Any) -> pd.DataFrame:
    """Products p0, p1, ... of which every second one was rejected for the first rule; p^t is 0.9 - row / 10."""
    frame = pd.DataFrame(
        {
            "product_id": [f"p{row}" for row in range(rows)],
            "category": "mug",
            "date": "2026-03-01",
            "source": "shop",
            "split": "test",
            "label": ["qualified" if row % 2 == 0 else TAXONOMY.rules[0].id for row in range(rows)],
        }
    )
    p_t = 0.9 - np.arange(rows) / 10
    others = np.repeat(((1 - p_t) / (len(COLUMNS) - 1))[:, None], len(COLUMNS) - 1, axis=1)
    numbers = pd.DataFrame(np.column_stack([p_t, others]), columns=list(COLUMNS))
    return pd.concat([frame, numbers], axis=1).assign(**changed)
