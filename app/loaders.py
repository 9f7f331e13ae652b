"""Everything slow, cached: models once per process, each stage of a product once per content.

Assessments and matches depend on the photos alone, score and feedback on photos, title and sequence, so a change of a
threshold recomputes nothing but the selection. Results are immutable, hence shared between sessions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st
from sqlalchemy.engine import URL

from agpis.bundled import model_folder
from agpis.data.catalog import CatalogProduct, read_catalog
from agpis.errors import ModelError
from agpis.images import read_product
from agpis.model_version import model_version
from agpis.rules import RuleTaxonomy, load_taxonomy
from agpis.store import Store, open_store
from agpis.store.database import database_url
from agpis.types import ImageAssessment, PairMatch, Product, SequenceScore

if TYPE_CHECKING:
    from agpis.explain import WordAttention
    from agpis.muisc.scoring import EncodedSequence
    from agpis.pipeline import AgpisPipeline

Photo = tuple[str, bytes | Path]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Timed(Generic[T]):
    """A stage's result and what it cost when it was computed.

    Attributes:
        value: the result.
        seconds: wall time.
        started: when the computing began, by `perf_counter`; tells a fresh result from one out of the cache.
    """

    value: T
    seconds: float
    started: float


def load_pipeline() -> AgpisPipeline:
    """The pipeline, loaded once per process.

    Raises:
        ModelError: when the model files are missing or malformed.
    """
    folder = model_folder()
    if not folder.is_dir():
        raise ModelError(
            f"the model folder {folder} does not exist; restore assets/models from the repository, "
            "train models with python -m agpis train, or point AGPIS_MODEL_DIR at a folder that holds them"
        )
    return _load_pipeline(folder)


@st.cache_resource(show_spinner=False)
def _load_pipeline(folder: Path) -> AgpisPipeline:
    # Imported here: torch takes seconds, and the page should stand before it is needed.
    from agpis.pipeline import AgpisPipeline

    return AgpisPipeline.from_pretrained(folder)


@st.cache_data(show_spinner=False)
def load_samples(folder: Path) -> tuple[CatalogProduct, ...]:
    """The sample products.

    Raises:
        CatalogError: when the catalogue is missing or malformed.
    """
    return tuple(read_catalog(folder))


@st.cache_data(show_spinner=False)
def load_model_card(folder: Path) -> str:
    """The Markdown text of the models' card, or an empty string when they carry none."""
    card = folder / "README.md"
    return card.read_text(encoding="utf-8") if card.is_file() else ""


def content_key(photos: tuple[Photo, ...]) -> str:
    """A name for exactly these files in this order, whatever product they belong to."""
    digest = hashlib.sha256()
    for name, source in photos:
        data = source if isinstance(source, bytes) else _file_bytes(source)
        for part in (name.encode(), data):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _file_bytes(path: Path) -> bytes:
    # A missing file is `read_product`'s to report; here it only has to give a stable key.
    return path.read_bytes() if path.is_file() else b""


@st.cache_resource(show_spinner=False, max_entries=4)
def read_photos(key: str, _photos: tuple[Photo, ...]) -> Timed[Product]:
    """Decode the photos of one product; its title and id are filled in later.

    Args:
        key: `content_key` of the photos.
    """
    return timed(lambda: read_product("", "", _photos))


@st.cache_resource(show_spinner=False, max_entries=64)
def assess(key: str, models: Path, _pipeline: AgpisPipeline, _product: Product) -> Timed[tuple[ImageAssessment, ...]]:
    """Single-image recognition, once per photos and models."""
    return timed(lambda: _pipeline.assess(_product))


@st.cache_resource(show_spinner=False, max_entries=64)
def gather_evidence(
    key: str,
    models: Path,
    _pipeline: AgpisPipeline,
    _product: Product,
    _assessments: tuple[ImageAssessment, ...],
) -> Timed[tuple[ImageAssessment, ...]]:
    """The assessments with findings, once per photos and models."""
    return timed(lambda: _pipeline.gather_evidence(_product, _assessments))


@st.cache_resource(show_spinner=False, max_entries=64)
def match(key: str, models: Path, _pipeline: AgpisPipeline, _product: Product) -> Timed[tuple[PairMatch, ...]]:
    """Pair recognition, once per photos and models."""
    return timed(lambda: _pipeline.match(_product))


@st.cache_resource(show_spinner=False, max_entries=32)
def _encoded(
    key: str, title: str, sequence: tuple[str, ...], models: Path, _pipeline: AgpisPipeline, _product: Product
) -> EncodedSequence:
    return _pipeline.encode(_product, sequence)


@st.cache_resource(show_spinner=False, max_entries=256)
def score(
    key: str, title: str, sequence: tuple[str, ...], models: Path, _pipeline: AgpisPipeline, _product: Product
) -> Timed[SequenceScore]:
    """The judgement of MUIsC, encoding of the images included, once per photos, title and sequence."""
    return timed(lambda: _pipeline.score(_encoded(key, title, sequence, models, _pipeline, _product)))


@st.cache_resource(show_spinner=False, max_entries=256)
def write_feedback(
    key: str, title: str, sequence: tuple[str, ...], models: Path, _pipeline: AgpisPipeline, _product: Product
) -> Timed[str]:
    """The feedback of MUIsC, once per photos, title and sequence; after `score` no image is encoded again."""
    return timed(lambda: _pipeline.write_feedback(_encoded(key, title, sequence, models, _pipeline, _product)))


@st.cache_resource(show_spinner=False, max_entries=16)
def attend(
    key: str,
    title: str,
    sequence: tuple[str, ...],
    feedback: str,
    models: Path,
    _pipeline: AgpisPipeline,
    _product: Product,
) -> Timed[tuple[WordAttention, ...]]:
    """Attention of every word of the feedback, once per scored sequence."""
    return timed(lambda: _pipeline.attend(_product, sequence, feedback))


def timed(work: Callable[[], T]) -> Timed[T]:
    """Do `work` and measure it."""
    started = perf_counter()
    value = work()
    return Timed(value, perf_counter() - started, started)


def load_store() -> Store:
    """The store of reviews, opened once per process and database.

    Raises:
        StoreError: when its database cannot be reached.
    """
    return _load_store(database_url())


@st.cache_resource(show_spinner=False)
def _load_store(url: URL) -> Store:
    return open_store(url.render_as_string(hide_password=False))


def load_rules() -> RuleTaxonomy:
    """The rule file of the models in use, read without the models; the default rules where there is none.

    Raises:
        RulesError: when the file is malformed.
    """
    path = model_folder() / "rules.yaml"
    return _load_rules(path if path.is_file() else None)


@st.cache_data(show_spinner=False)
def _load_rules(path: Path | None) -> RuleTaxonomy:
    return load_taxonomy(path)


@st.cache_data(show_spinner=False)
def load_model_version(folder: Path) -> str:
    """The short name of the models in a folder, once per process; see `agpis.model_version`.

    Raises:
        ModelError: when the folder cannot be read.
    """
    return model_version(folder)
