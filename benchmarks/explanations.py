"""Time every explanation of one product, and check what integrated gradients promise.

python -m benchmarks.explanations --catalog assets/samples --product sample-mug

Each is computed twice and the second time counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import process_time
from typing import Annotated, Any

import typer
from rich.console import Console

from agpis.bundled import model_folder, samples_folder
from agpis.data.catalog import find_product
from agpis.explain import Method
from agpis.images import read_product
from agpis.pipeline import AgpisPipeline
from agpis.stage1.why_not import why_not


@dataclass(frozen=True, slots=True)
class Cost:
    """What one question costs.

    Attributes:
        question: what was computed.
        seconds: of processor time, whatever else the machine does; the second of two runs.
        note: what the answer says of its own exactness; empty for most.
    """

    question: str
    seconds: float
    note: str = ""


def measure(pipeline: AgpisPipeline, catalog: Path, product_id: str) -> tuple[Cost, ...]:
    """Every explanation of the product's automatic sequence.

    Raises:
        CatalogError: when the catalogue or the product in it is missing or malformed.
        ValueError: when stage 1 makes no sequence of the product, or leaves no image out.
    """
    entry = find_product(catalog, product_id)
    files = [(image.file, entry.path_of(image)) for image in entry.images]
    product = read_product(entry.product_id, entry.title, files, entry.category)
    assessments, matches = pipeline.assess(product), pipeline.match(product)
    stage_one = pipeline.select(assessments, matches, pipeline.settings)
    sequence = stage_one.sequence
    left_out = [image.file for image in product.images if image.file not in sequence]
    if not sequence or not left_out:
        raise ValueError(f"{product_id} has no sequence or leaves no image out ({stage_one.reason}); name another one")
    settings = pipeline.settings
    questions: list[tuple[str, Callable[[], Any]]] = [
        (f"{method.value}, p^t", partial(pipeline.explain, product, sequence, method)) for method in Method
    ]
    questions += [
        ("occlusion, p^nc of one image", lambda: pipeline.explain_noncompliance(product, left_out[0])),
        ("alternatives", lambda: pipeline.alternatives(product, stage_one, settings, sequence)),
        ("alternatives, other primaries too", lambda: pipeline.alternatives(
            product, stage_one, settings, sequence, other_primaries=True)),
        ("one image in every place", lambda: pipeline.place(product, sequence, left_out[0])),
        ("why not", lambda: why_not(assessments, matches, settings, left_out[0])),
    ]  # fmt: skip
    return tuple(_timed(question, work) for question, work in questions)


def _timed(question: str, work: Callable[[], Any]) -> Cost:
    work()
    started = process_time()
    answer = work()
    seconds = process_time() - started
    residual = getattr(answer, "residual", None)
    if residual is not None:
        return Cost(question, seconds, f"the sum misses {abs(residual):.4f} of p^t {answer.probability:.2f}")
    considered = getattr(answer, "considered", None)
    return Cost(question, seconds, "" if considered is None else f"{considered} sequences")


def main(
    catalog: Annotated[Path | None, typer.Option(help="Catalogue that holds the product; the samples.")] = None,
    product: Annotated[str, typer.Option(help="The product.")] = "sample-mug",
    models: Annotated[Path | None, typer.Option(help="Model folder; the bundled one.")] = None,
) -> None:
    """Print a table in Markdown."""
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print("| question | seconds of one core | |\n|---|---|---|")
    pipeline = AgpisPipeline.from_pretrained(models or model_folder())
    for cost in measure(pipeline, catalog or samples_folder(), product):
        console.print(f"| {cost.question} | {cost.seconds:.2f} | {cost.note} |")


if __name__ == "__main__":
    typer.run(main)
