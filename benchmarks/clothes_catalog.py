"""Make a catalogue of real photos fit for `agpis simulate`: keep only what its own notes do not call into doubt.

    python -m benchmarks.clothes_catalog --catalog CATALOGS/magento --out runs/catalogs/magento
    python -m agpis simulate --out runs/magento --rendered 0 --catalog runs/catalogs/magento --sequences 12 --seed 5

Four rules, none of which looks at a model:

1. Photos with a `color_note`, which says that they show another colour than the main photo of their colour name, are
   left out.
2. Of each product the photos of one colour name are kept, that with the most photos; the first of these wins a tie.
3. The kind of item is the last part of the category path before "Collections" or "Promotions", which name no kind. Of
   two kinds in one, as in "Hoodies & Sweatshirts", the one in the title counts; without one the product is left out.
4. Categories of graphics, not of photos of items, are left out.
"""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

_NO_KIND = re.compile(r"/(?:Collections|Promotions)/.*")


def main(
    catalog: Annotated[Path, typer.Option(help="Folder of the catalogue.")],
    out: Annotated[Path, typer.Option(help="Folder to write, with copies of the photos that are kept.")],
    graphics: Annotated[str, typer.Option(help="Beginnings of categories to leave out.")] = "Training/,Gift Cards",
) -> None:
    """Write the catalogue and print what was left out."""
    left: Counter[str] = Counter()
    products = []
    for line in (catalog / "products.jsonl").read_text(encoding="utf-8").splitlines():
        product = json.loads(line)
        if product["category"].startswith(tuple(graphics.split(","))):
            left["products of graphics"] += 1
            continue
        kept = one_colour(product["images"])
        left["photos in doubt or of another colour"] += len(product["images"]) - len(kept)
        kind = kind_of(product["category"], product["title"])
        if not kind or not kept:
            left["products without a clear kind or photo"] += 1
            continue
        products.append({**product, "category": kind, "images": kept})
    for image in [image for product in products for image in product["images"]]:
        target = out / image["file"]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(catalog / image["file"], target)
    text = "".join(json.dumps(product, ensure_ascii=False) + "\n" for product in products)
    (out / "products.jsonl").write_text(text, encoding="utf-8")
    print(f"{len(products)} products; left out: {', '.join(f'{count} {what}' for what, count in left.items())}")


def one_colour(images: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The photos of the commonest colour name, in their order, without those that a note calls into doubt."""
    sure = [image for image in images if not image.get("color_note")]
    counts = Counter(image.get("color") for image in sure)
    return [image for image in sure if counts and image.get("color") == counts.most_common(1)[0][0]]


def kind_of(category: str, title: str) -> str:
    """The kind of item: the last part of a path, or the one of two in the singular; empty when nobody could say."""
    kind = _NO_KIND.sub("", category).rpartition("/")[-1]
    kinds = kind.split(" & ")
    if len(kinds) == 1:
        return kind
    words = re.findall(r"\w+", title.lower())
    named = [one.removesuffix("s") for one in kinds if one.lower() in words or one.lower().removesuffix("s") in words]
    return named[0] if len(named) == 1 else ""


if __name__ == "__main__":
    typer.run(main)
