"""A little shop with photos, and a stand-in for the pipeline that runs its products at once."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from fake_pipeline import FakePipeline
from PIL import Image as PilImage

from agpis.errors import ModelError
from agpis.types import PipelineSettings, Product, SequenceResult

PHOTOS = ("front.png", "side.png", "back.png")


def png(seed: int) -> bytes:
    """A small picture of its own."""
    noise = np.random.default_rng(seed).integers(0, 255, (40, 48, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    PilImage.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def shop(folder: Path, ids: Sequence[str] = ("mug", "lamp", "chair")) -> Path:
    """A catalogue with three photos a product: the title of product `x` is `A x`."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, name in enumerate(ids):
        files = [f"{name}/{photo}" for photo in PHOTOS]
        (folder / name).mkdir()
        for place, file in enumerate(files):
            (folder / file).write_bytes(png(10 * number + place))
        lines.append(
            json.dumps({"product_id": name, "title": f"A {name}", "images": [{"file": file} for file in files]})
        )
    (folder / "products.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def zipped(folder: Path) -> bytes:
    """The folder as a ZIP archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return buffer.getvalue()


@dataclass
class ShopPipeline(FakePipeline):
    """Front photos are primary; p^t is chosen by product; some products break the models.

    Attributes:
        p_by_product: product -> p^t; `p_qualified` for those not named.
        broken: products that raise ModelError.
        seen: products in the order they were run.
        before: called with each product before it is run.
    """

    p_by_product: dict[str, float] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda product_id: None

    def __call__(self, product: Product, settings: PipelineSettings | None = None) -> SequenceResult:
        self.before(product.product_id)
        self.seen.append(product.product_id)
        if product.product_id in self.broken:
            raise ModelError(f"{product.product_id} is too much for this model")
        settings = settings or self.settings
        self.p_primary = {image.file: 0.9 for image in product.images if "front" in image.file}
        self.p_qualified = self.p_by_product.get(product.product_id, 0.62)
        stage_one = self.select(self.assess(product), (), settings)
        scored = self.score(self.encode(product, stage_one.sequence)) if stage_one.sequence else None
        return self.result(product, stage_one, scored, settings, {"assess": 0.01})
