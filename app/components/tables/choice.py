"""Which table of predictions is looked at: the review set in use, or one's own; the same on every page of a session."""

from __future__ import annotations

import streamlit as st

from agpis.data.predictions import TEXT_COLUMNS
from agpis.errors import AgpisError
from analysis.predictions import Exclusion
from app.components.tables.loading import LoadedTable, review_set, uploaded_table
from app.components.text import plain, problem, sentence
from app.i18n import _, ngettext

SUFFIXES = ["parquet", "csv", "csv.gz"]
MOST_MEGABYTES = 500
_TABLE = "own_table"
_UPLOAD = "own_table_file"


def table_choice() -> LoadedTable | None:
    """Draw the choice and return the table in use, or None after an error that is shown.

    The table of an upload stays in use on all pages until it is taken away, or the session ends.
    """
    with st.spinner(_("Reading the table")):
        table, error = _table_in_use()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_described(table), width="stretch")
        if table is not None and table.is_upload:
            st.button(_("Back to the sample reviews"), icon=":material/undo:", key="own_table_back", on_click=_forget)
        with st.popover(_("Use your own table"), icon=":material/upload_file:", key="own_table_popover"):
            failure = _upload_form()
    for found in (error, failure):
        if found is not None:
            st.error(f"**{_('This table cannot be used.')}** {problem(found)}", icon=":material/error:")
    if failure is not None and table is not None:
        st.caption(_("Below you still see the table named above."))
    if table is not None:
        exclusions_note(table.predictions.exclusions)
    return table


def upload_of(slot: str, label: str, help_text: str) -> tuple[LoadedTable | None, AgpisError | None]:
    """An upload of one more table, with its switch for wrong rows: the table, or why it cannot be used, or neither.

    Args:
        slot: of the widgets' keys.
        label: of the upload, translated.
        help_text: of the upload, translated.
    """
    file = st.file_uploader(label, type=SUFFIXES, key=slot, help=help_text, max_upload_size=MOST_MEGABYTES)
    exclude = st.toggle(
        _("Leave wrong rows out"),
        key=f"{slot}_exclude",
        help=_("Otherwise one wrong row refuses the table. Rows that are left out are counted, with the reason."),
    )
    if file is None:
        return None, None
    try:
        return uploaded_table(file.name, file.getvalue(), exclude), None
    except AgpisError as error:
        return None, error


def exclusions_note(exclusions: tuple[Exclusion, ...]) -> None:
    """What was left out of a table, if anything was."""
    if not exclusions:
        return
    lines = []
    for one in exclusions:
        told = ngettext("{count} row, row {row}: {reason}", "{count} rows, the first is row {row}: {reason}", one.count)
        lines.append(told.format(count=f"{one.count:,}", row=f"{one.first_row:,}", reason=sentence(one.reason)))
    st.warning(
        "\n".join([f"**{_('Left out of all figures')}**", "", *(f"- {line}" for line in lines)]),
        icon=":material/filter_alt:",
    )


def _table_in_use() -> tuple[LoadedTable | None, AgpisError | None]:
    own: LoadedTable | None = st.session_state.get(_TABLE)
    if own is not None:
        return own, None
    try:
        return review_set(), None
    except AgpisError as error:
        return None, error


def _upload_form() -> AgpisError | None:
    """The upload in the popover; a table that can be used is in use from then on."""
    st.markdown(
        _(
            "One scored sequence a row, as `python -m agpis predict` writes it. It needs the columns {columns} and one "
            "probability column `p_<class>` for each class. It stays in this session."
        ).format(columns=", ".join(f"`{name}`" for name in TEXT_COLUMNS))
    )
    table, error = upload_of(
        _UPLOAD + str(st.session_state.get("own_table_turn", 0)),
        _("Table of predictions"),
        _("Parquet or CSV, up to {n} MB.").format(n=MOST_MEGABYTES),
    )
    if table is not None and table is not st.session_state.get(_TABLE):
        st.session_state[_TABLE] = table
        st.rerun()
    return error


def _forget() -> None:
    """Back to the review set; to be called from a button's callback."""
    st.session_state.pop(_TABLE, None)
    # A new key empties the upload, which would bring the table back.
    st.session_state["own_table_turn"] = int(st.session_state.get("own_table_turn", 0)) + 1


def _described(table: LoadedTable | None) -> str:
    if table is None:
        return _("No table is open.")
    predictions = table.predictions
    reviewed = int(predictions.is_reviewed.sum())
    told = _("{reviewed} reviewed of {rows} scored sequences").format(
        reviewed=f"{reviewed:,}", rows=f"{len(predictions):,}"
    )
    if table.is_upload:
        return f":material/table: **{plain(table.name)}** · {told}"
    return f":material/science: **{_('Sample reviews (simulated)')}** · {told}"
