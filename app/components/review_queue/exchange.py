"""Decisions out, for the next training run; items to Label Studio and its annotations back in."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import streamlit as st

from agpis.errors import AgpisError
from agpis.store import Store
from agpis.store.label_studio import export_tasks, import_annotations
from agpis.store.review_export import export_reviews
from app import loaders
from app.components.text import plain, problem
from app.i18n import _, ngettext


@dataclass(frozen=True, slots=True)
class Archive:
    """A ZIP file ready to be downloaded.

    Attributes:
        data: its bytes.
        summary: what it holds, Markdown.
    """

    data: bytes
    summary: str


def exchange_view(store: Store) -> None:
    """Three ways in and out, in an expander that does nothing while it is closed."""
    opened = st.expander(_("Export and import"), icon=":material/swap_horiz:", key="review_exchange", on_change="rerun")
    if not opened.open:
        return
    with opened:
        left, middle, right = st.columns(3, gap="large")
        with left:
            st.markdown(_("**Reviews as AGPIS-data**"))
            st.caption(_("Titles, photos and feedback of all decided sequences: what the next model learns from."))
            _export("agpis-data", lambda folder: _write_reviews(store, folder))
        with middle:
            st.markdown(_("**Tasks for Label Studio**"))
            st.caption(_("Sequences that want a verdict, with the form to judge them; they stay in the queue."))
            _export("label-studio-tasks", lambda folder: _write_tasks(store, folder))
        with right:
            st.markdown(_("**Annotations from Label Studio**"))
            st.caption(_("An export in its format JSON. All annotations are taken in, or none."))
            _import(store)


def _export(name: str, write: Callable[[Path], str]) -> None:
    """A button that prepares an archive, then one that downloads it."""
    key = f"review_export_{name}"
    if st.button(_("Prepare the file"), icon=":material/folder_zip:", key=f"{key}_prepare"):
        st.session_state.pop(key, None)
        try:
            with st.spinner(_("Collecting")):
                st.session_state[key] = _archive(write)
        except AgpisError as error:
            st.error(problem(error), icon=":material/error:")
    archive: Archive | None = st.session_state.get(key)
    if archive is None:
        return
    st.markdown(f":green[:material/check_circle:] {archive.summary}")
    st.download_button(
        _("Download {file}").format(file=f"{name}.zip"), archive.data, file_name=f"{name}.zip", mime="application/zip",
        icon=":material/download:", on_click="ignore", key=f"{key}_download",
    )  # fmt: skip


def _archive(write: Callable[[Path], str]) -> Archive:
    with TemporaryDirectory() as folder:
        content = Path(folder) / "content"
        summary = write(content)
        file = shutil.make_archive(str(Path(folder) / "archive"), "zip", content)
        return Archive(Path(file).read_bytes(), summary)


def _write_reviews(store: Store, folder: Path) -> str:
    done = export_reviews(store, folder, loaders.load_rules())
    reviews = ngettext("{count} review", "{count} reviews", done.num_reviews).format(count=done.num_reviews)
    photos = ngettext("{count} photo", "{count} photos", done.num_photos).format(count=done.num_photos)
    splits = " · ".join(f"{name} {count}" for name, count in done.splits.items())
    summary = f"{reviews}, {photos} ({splits})"
    if not done.shortened:
        return summary
    left_out = ngettext(
        "{count} comment names another rule than its verdict and is left out.",
        "{count} comments name another rule than their verdict and are left out.",
        len(done.shortened),
    )
    return f"{summary}. {left_out.format(count=len(done.shortened))}"


def _write_tasks(store: Store, folder: Path) -> str:
    done = export_tasks(store, folder, loaders.load_rules())
    tasks = ngettext("{count} task", "{count} tasks", done.num_tasks).format(count=done.num_tasks)
    return _("{tasks}; make a project with {config} and import {file} into it.").format(
        tasks=tasks, config=f"`{done.config.name}`", file=f"`{done.tasks.name}`"
    )


def _import(store: Store) -> None:
    file = st.file_uploader(_("Export of Label Studio"), type="json", key="review_import_file")
    with st.popover(_("Names of annotators"), icon=":material/badge:"):
        st.caption(_("Only for exports that give annotators as numbers."))
        names = st.data_editor(
            pd.DataFrame({"number": pd.Series(dtype="Int64"), "name": pd.Series(dtype="str")}),
            column_config={
                "number": st.column_config.NumberColumn(_("Number"), min_value=0, step=1, required=True),
                "name": st.column_config.TextColumn(_("Name or e-mail"), required=True),
            },
            num_rows="dynamic",
            hide_index=True,
            key="review_import_names",
        )
    if not st.button(_("Take in the annotations"), icon=":material/upload:", key="review_import", disabled=not file):
        return
    annotators = dict(zip(names["number"].dropna().astype(int), names["name"].astype(str), strict=False))
    if file is not None:
        _take_in(store, file.name, file.getvalue(), annotators)


def _take_in(store: Store, name: str, data: bytes, annotators: dict[int, str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "annotations.json"
        path.write_bytes(data)
        try:
            done = import_annotations(store, path, annotators)
        except AgpisError as error:
            # A person knows the file by the name it was uploaded under.
            st.error(plain(str(error).replace(str(path), name)), icon=":material/error:")
            return
    added = ngettext("{count} new decision", "{count} new decisions", len(done.added)).format(count=len(done.added))
    rest = _("{known} known already, {skipped} skipped, {open} tasks without annotation").format(
        known=done.num_known, skipped=done.num_skipped, open=done.num_open
    )
    st.success(f"{plain(name)}: {added}; {rest}.", icon=":material/check_circle:")
