"""What happens on a click, and what programs call."""

from __future__ import annotations

import base64
import binascii
import html
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import gradio as gr

from agpis.errors import AgpisError
from agpis.types import PipelineSettings
from app.components.text import problem
from app.demo import present
from app.demo.answer import answer_json
from app.demo.limits import UploadError, VisitorError
from app.demo.run import Answer, Runner, finished
from app.demo.words import language_of, say

Photos = list[tuple[str, str | None]] | None
Updates = dict[Any, Any]
F = TypeVar("F", bound=Callable[..., Any])
# The settings that a visitor or a program may choose, in the order in which they come.
CHOSEN = (
    "num_images", "submission_threshold", "primary_threshold", "noncompliance_threshold", "duplicate_threshold",
    "remove_variants", "seed",
)  # fmt: skip


def _no_tool(function: F) -> F:
    """Keep an endpoint from MCP clients: Gradio would list it, but checks no call that holds a list of files."""
    function._mcp_type = "endpoint"  # type: ignore[attr-defined]
    return function


@dataclass(frozen=True, slots=True, eq=False)
class Outputs:
    """The parts of the page that an answer fills.

    Attributes:
        verdict: how the run ended and why; before that, how far it is.
        details: everything below, hidden until there is an answer.
        submission: the figure of p^t against th^t.
        sequence: the pictures of I^t.
        feedback: what MUIsC wrote.
        candidates: the pictures of all photos.
        decisions: the reason for each of them.
        pairs: the pictures of the violating pairs.
        no_pairs: says that there are none.
        rules: the figure of the likeliest outcomes.
        not_scored: says that nothing was judged.
        json: the whole result.
    """

    verdict: gr.Markdown
    details: gr.Column
    submission: gr.Plot
    sequence: gr.Gallery
    feedback: gr.Markdown
    candidates: gr.Gallery
    decisions: gr.Markdown
    pairs: gr.Gallery
    no_pairs: gr.Markdown
    rules: gr.Plot
    not_scored: gr.Markdown
    json: gr.JSON


class Handlers:
    """The callbacks of one page."""

    def __init__(self, runner: Runner, outputs: Outputs) -> None:
        self._runner = runner
        self._outputs = outputs

    def show(
        self,
        request: gr.Request,
        photos: Photos,
        title: str,
        *chosen: float | bool,
    ) -> Iterator[Updates]:
        """Run the product of the page: the stages as they begin, then every part of the answer.

        Args:
            request: tells the language.
            photos: as the gallery holds them.
            title: W^t.
            chosen: the settings in the order of `CHOSEN`.
        """
        language = language_of(request.headers.get("accept-language"))
        try:
            files = [Path(path) for path, _ in photos or []]
            answer = yield from self._told(files, title, self._settings(*chosen), language)
        except AgpisError as error:
            said = error.said(language) if isinstance(error, VisitorError) else str(error)
            gr.Warning(html.escape(said), title=say(language, "error"))
            yield self._message(f"## {say(language, 'error')}\n\n{problem(AgpisError(said))}")
        else:
            yield self._filled(answer, language)

    def threshold_in_force(self, request: gr.Request) -> tuple[Any, Any]:
        """For a page that opens: th^t in [0, 1] as it is in force now, or a verdict that it cannot be read."""
        try:
            return self._runner.settings.submission_threshold, gr.skip()
        except VisitorError as error:
            return gr.skip(), error.said(language_of(request.headers.get("accept-language")))

    def stopped(self, request: gr.Request) -> Updates:
        """Say that the run was stopped."""
        return self._message(say(language_of(request.headers.get("accept-language")), "agpis_stopped"))

    @_no_tool
    def sequence(
        self,
        photos: list[str] | None,
        title: str = "",
        num_images: int | None = None,
        submission_threshold: float | None = None,
        primary_threshold: float | None = None,
        noncompliance_threshold: float | None = None,
        duplicate_threshold: float | None = None,
        remove_variants: bool | None = None,
        seed: int | None = None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 (Gradio finds its progress by this default)
    ) -> dict[str, Any]:
        """Make the image sequence of one product and explain every decision.

        The answer names the photos to show in order, the primary image first, says why every other photo was left
        out, and holds p^t, the probability that a human reviewer accepts the sequence, with that of every rule.

        Args:
            photos: Photos of one product, in the shop's order.
            title: Product title; may be empty.
            num_images: Images in the sequence, the primary image included.
            submission_threshold: The sequence is submitted when p^t is at least this; null takes the one in force.
            primary_threshold: The first image needs a larger p^primary than this.
            noncompliance_threshold: Images with a larger p^nc than this are removed.
            duplicate_threshold: Two images at least this similar show the same thing; one of them is removed.
            remove_variants: Remove images in other colours than the primary image.
            seed: Of the random draw of the images after the primary.
            progress: Told of every stage.
        """
        chosen = (
            num_images, submission_threshold, primary_threshold, noncompliance_threshold, duplicate_threshold,
            remove_variants, seed,
        )  # fmt: skip
        try:
            work = self._runner.run([Path(path) for path in photos or []], title.strip(), self._settings(*chosen))
            answer = finished(work, lambda stage, share: progress(share, desc=say("en", f"stage_{stage}")))
        except AgpisError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error
        return answer_json(answer.result)

    def image_sequence(
        self,
        photos: list[str],
        title: str = "",
        num_images: int | None = None,
        submission_threshold: float | None = None,
    ) -> str:
        """Make the image sequence of one product and explain every decision.

        The answer is JSON: the photos to show in order, the primary image first, why every other photo was left out,
        p^t, the probability that a human reviewer accepts the sequence, and the probability of every rule.

        Args:
            photos: Photos of one product as data URLs, data:image/jpeg;base64,...; the answer calls them photo-1, ...
            title: Product title; may be empty.
            num_images: Images in the sequence, the primary image included.
            submission_threshold: The sequence is submitted when p^t is at least this; null takes the one in force.
        """
        try:
            settings = self._settings(num_images, submission_threshold)
            with TemporaryDirectory() as folder:
                work = self._runner.run(_decoded(photos, Path(folder)), title.strip(), settings)
                answer = finished(work, lambda stage, share: None)
        except AgpisError as error:
            raise gr.Error(html.escape(str(error)), print_exception=False) from error
        return json.dumps(answer_json(answer.result), ensure_ascii=False)

    def _settings(self, *chosen: float | bool | None) -> PipelineSettings:
        """The settings in force with those that were chosen, in the order of `CHOSEN`; None leaves the one in force."""
        given: dict[str, Any] = {name: one for name, one in zip(CHOSEN, chosen, strict=False) if one is not None}
        # Gradio's slider and number field may hand over 3.0.
        given |= {name: int(given[name]) for name in ("num_images", "seed") if name in given}
        return replace(self._runner.settings, **given)

    def _told(
        self, files: list[Path], title: str, settings: PipelineSettings, language: str
    ) -> Generator[Updates, None, Answer]:
        """Yield a list of the stages so far as each one begins, and return the answer."""
        work = self._runner.run(files, title.strip(), settings)
        done: list[str] = []
        while True:
            try:
                stage, share = next(work)
            except StopIteration as end:
                answer: Answer = end.value
                return answer
            now = say(language, f"stage_{stage}")
            yield self._message("  \n".join([*(f"✓ {one}" for one in done), f"**{now} … {share:.0%}**"]))
            done.append(now)

    def _message(self, text: str) -> Updates:
        return {self._outputs.verdict: text, self._outputs.details: gr.update(visible=False)}

    def _filled(self, answer: Answer, language: str) -> Updates:
        out, result = self._outputs, answer.result
        figures = present.figures(result, self._runner.pipeline.taxonomy)
        submission, rules = figures or (None, None)
        pairs = present.pair_captions(answer, language)
        return {
            out.verdict: present.verdict(result, language),
            out.details: gr.update(visible=True),
            out.submission: gr.update(value=submission, visible=figures is not None),
            out.sequence: gr.update(value=present.sequence_captions(answer, language), visible=bool(result.sequence)),
            out.feedback: gr.update(value=present.feedback(result, language), visible=figures is not None),
            out.candidates: present.candidate_captions(answer, language),
            out.decisions: present.decisions(result, language),
            out.pairs: gr.update(value=pairs, visible=bool(pairs)),
            out.no_pairs: gr.update(visible=not pairs),
            out.rules: gr.update(value=rules, visible=figures is not None),
            out.not_scored: gr.update(visible=figures is None),
            out.json: answer_json(result),
        }


def _decoded(photos: Sequence[str], folder: Path) -> list[Path]:
    """Write photos that came as data URLs into `folder`.

    Raises:
        UploadError: when one is no such URL.
    """
    files = []
    for number, photo in enumerate(photos, start=1):
        head, comma, data = photo.partition(",")
        try:
            if not (comma and head.startswith("data:") and head.endswith(";base64")):
                raise ValueError(head)
            content = base64.b64decode(data, validate=True)
        except (ValueError, binascii.Error) as error:
            raise UploadError("no_data_url", number=number) from error
        file = folder / f"photo-{number}"
        file.write_bytes(content)
        files.append(file)
    return files
