"""Where the queue stands, the reviewer's own pace, and how well reviewers agree."""

from __future__ import annotations

import streamlit as st

from agpis.store import Agreement, QueueCounts, Store
from analysis.reviewing.progress import ReviewProgress
from app.components.text import plain, sentence
from app.i18n import _, ngettext

# The same draw every time: asking again adds only what was decided since.
SEED = 0


def progress_line(counts: QueueCounts, progress: ReviewProgress | None) -> None:
    """The queue and the reviewer in one calm line; `progress` is None before anybody gave a name."""
    with st.container(horizontal=True, gap="medium", key="review_progress"):
        st.caption(
            _(":material/inbox: **{count}** waiting").format(count=counts.waiting), width="content",
            help=_("Sequences that wait for a person, whoever that is."),
        )  # fmt: skip
        st.caption(
            _(":material/person_search: **{count}** being reviewed").format(count=counts.claimed), width="content",
            help=_("Sequences that somebody looks at now. Nobody else gets them; without an answer they wait again."),
        )  # fmt: skip
        st.caption(
            _(":material/task_alt: **{count}** decided").format(count=counts.decided), width="content",
            help=_("Sequences with every verdict that was wanted of them."),
        )  # fmt: skip
        if progress is None:
            return
        st.caption(
            _(":material/today: **{count}** yours today").format(count=progress.num_today), width="content",
            help=_("Your decisions since midnight (UTC), without those you took back."),
        )  # fmt: skip
        if progress.seconds_per_item is not None:
            st.caption(
                _(":material/timer: **{seconds} s** an item").format(seconds=f"{progress.seconds_per_item:.0f}"),
                width="content",
                help=_("Mean time between two of your decisions today; gaps of more than ten minutes are left out."),
            )  # fmt: skip


def agreement_view(store: Store) -> None:
    """How well reviewers agree, measured when it is opened, and the way to ask for second opinions.

    Raises:
        StoreError: when the store does not answer.
    """
    opened = st.expander(
        _("Agreement between reviewers"), icon=":material/group:", key="review_agreement", on_change="rerun"
    )
    if opened.open:
        with opened:
            _agreement(store.agreement())
            _second_opinions(store)


def _second_opinions(store: Store) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        percent = st.number_input(
            _("Share for a second opinion (%)"), 1, 100, 10, key="review_second_share", width=230,
            help=_("This share of the decided sequences, drawn at random, waits again for somebody else."),
        )  # fmt: skip
        if st.button(_("Ask for second opinions"), icon=":material/group_add:", key="review_second"):
            added = store.ask_second_opinions(percent / 100, SEED)
            st.toast(
                ngettext("{count} sequence waits again.", "{count} sequences wait again.", added).format(count=added)
            )


def _agreement(agreement: Agreement) -> None:
    """Cohen's kappa over all pairs of verdicts and by two reviewers, or why there is none."""
    overall = agreement.overall
    if not overall.num_items:
        st.caption(
            _(
                "Nothing to compare yet. Ask for second opinions: another reviewer then judges some of the decided "
                "sequences, and the two verdicts are compared here."
            )
        )
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            _("Judged twice"), overall.num_items, width="content", help=_("Pairs of verdicts on the same sequence.")
        )
        st.metric(
            _("Agree"), f"{overall.observed:.0%}", width="content",
            help=_("Share of those pairs in which both accepted or both rejected."),
        )  # fmt: skip
        st.metric(
            _("Same rule"), f"{overall.num_same_rule} / {overall.num_both_rejected}", width="content",
            help=_("Of the pairs that both rejected, those that name the same rule."),
        )  # fmt: skip
        if overall.kappa is not None:
            st.metric(
                _("Cohen's kappa"), f"{overall.kappa:.2f}", width="content",
                delta=f"{overall.low:.2f} … {overall.high:.2f}", delta_color="off", delta_arrow="off",
                help=_("Agreement beyond chance, with its 95% interval: 1 is full agreement, 0 is what chance gives."),
            )  # fmt: skip
    if overall.reason:
        st.caption(sentence(f"{overall.reason[:1].upper()}{overall.reason[1:]}."))
    for pair in agreement.pairs:
        counted = ngettext("{count} sequence", "{count} sequences", pair.kappa.num_items)
        kappa = "" if pair.kappa.kappa is None else f" · κ **{pair.kappa.kappa:.2f}**"
        st.markdown(
            f"{plain(pair.first)} · {plain(pair.second)}: {counted.format(count=pair.kappa.num_items)}, "
            + _("**{share}** agree").format(share=f"{pair.kappa.observed:.0%}")
            + kappa
        )
