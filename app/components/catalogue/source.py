"""The card that begins a run: where the catalogue comes from, and the button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from agpis.bundled import samples_folder
from agpis.catalogue.intake import Source, Upload, allowed_roots, server_source, uploaded_source
from agpis.data.catalog import IMAGE_SUFFIXES
from agpis.data.catalog_tables import TABLE_SUFFIXES
from app.components.text import plain
from app.i18n import _, ngettext

UPLOAD, SERVER, SAMPLES = "upload", "server", "samples"
# Uploads are held in memory while they arrive; larger catalogues come from a folder on the server.
MAX_MEGABYTES = 500
_TYPES = sorted(suffix.lstrip(".") for suffix in (".zip", *TABLE_SUFFIXES, *IMAGE_SUFFIXES))


@dataclass(frozen=True, slots=True)
class Choice:
    """What the card holds.

    Attributes:
        take_in: makes it a catalogue that can be read; may raise CatalogError. None while nothing is chosen.
        run_pressed: whether this is the click on the button.
    """

    take_in: Callable[[Path], Source] | None
    run_pressed: bool


def source_card() -> Choice:
    """Draw the card and tell what it holds."""
    labels = {UPLOAD: _("Upload"), SERVER: _("On this server"), SAMPLES: _("Samples")}
    with st.container(border=True):
        st.subheader(_("New run"), anchor=False)
        kind = st.segmented_control(
            _("Catalogue from"),
            list(labels),
            default=UPLOAD,
            format_func=labels.__getitem__,
            required=True,
            key="catalogue_from",
        )
        take_in = {UPLOAD: _upload, SERVER: _on_server, SAMPLES: _samples}[kind]()
        pressed = st.button(
            _("Run the catalogue"),
            type="primary",
            icon=":material/play_arrow:",
            disabled=take_in is None,
            key="begin",
            help=_(
                "Every product goes through both stages with the settings of the sidebar. You can close the page "
                "meanwhile: the server goes on."
            ),
        )
    return Choice(take_in, pressed)


def _upload() -> Callable[[Path], Source] | None:
    files = st.file_uploader(
        _("A ZIP archive, or a table with its photos"),
        type=_TYPES,
        accept_multiple_files=True,
        max_upload_size=MAX_MEGABYTES,
        key="catalogue_files",
        help=_(
            "ZIP: a table and its photos, or one folder of photos for each product. Table: CSV, JSON lines or Parquet "
            "with product_id, title, category and images; in CSV the files of a product stand in one cell, apart by |."
        ),
    )
    _formats()
    if not files:
        return None
    table_only = len(files) == 1 and not files[0].name.lower().endswith(".zip")
    photos = ""
    if table_only:
        photos = st.text_input(
            _("Folder of the photos on this server"),
            key="catalogue_photos",
            help=_("The files in the table are relative to this folder. Leave it empty to upload the photos as well."),
        )
        if not photos:
            st.caption(_("This table came without photos: add them above, or name their folder here."))
            return None
    uploads = [Upload(file.name, file) for file in files]
    return lambda data_folder: uploaded_source(uploads, data_folder, photos)


def _on_server() -> Callable[[Path], Source] | None:
    roots = allowed_roots()
    allowed = _("Any folder that the server may read.")
    if roots:
        folders = ", ".join(plain(str(root)) for root in roots)
        allowed = ngettext("Allowed is {folders} alone.", "Allowed are {folders}.", len(roots)).format(folders=folders)
    path = st.text_input(
        _("Path of a folder, a table or a ZIP archive"),
        placeholder="/srv/catalogues/spring",
        key="catalogue_path",
        help=_(
            "A folder needs a table (products.jsonl, .csv, .tsv or .parquet), or one sub-folder of photos for each "
            "product. Photos are read from where they are."
        ),
    )
    st.caption(allowed)
    return (lambda data_folder: server_source(path, data_folder)) if path.strip() else None


def _samples() -> Callable[[Path], Source] | None:
    st.caption(_("The bundled sample products, to see what a run looks like."))
    return lambda data_folder: server_source(str(samples_folder()), data_folder)


def _formats() -> None:
    with st.popover(_("How should the files look?"), icon=":material/help:", type="tertiary"):
        st.markdown(_("**A ZIP with a table**: `products.csv` beside the photos that it names."))
        st.code("product_id,title,images\nmug-1,White mug,photos/a.jpg|photos/b.jpg|photos/c.jpg", language=None)
        st.markdown(_("**A ZIP of folders**: one folder a product; its name is the product's id."))
        st.code("mug-1/a.jpg\nmug-1/b.jpg\nmug-1/title.txt", language=None)
        st.markdown(_("`title.txt` may hold the title. Without a title the photos are judged by themselves."))
