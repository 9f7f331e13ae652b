"""The parts of the Gradio demo, by themselves: words, limits, accounts, runs, and what is said about a result."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from fake_pipeline import FakePipeline
from PIL import Image as PilImage
from typer.testing import CliRunner

from agpis.errors import ModelError, SettingsError
from agpis.pipeline import AgpisPipeline
from agpis.types import (
    Box,
    DuplicatePair,
    Finding,
    ImageReport,
    ImageStatus,
    Outcome,
    PairMatch,
    PairRelation,
    PipelineSettings,
    SequenceResult,
    to_json,
)
from app import gradio_demo
from app.components.drawing import BLANK, ORANGE, RED
from app.demo import present
from app.demo.answer import FindingAnswer, ImageAnswer, PairAnswer, SequenceAnswer, answer_json
from app.demo.launch import Opening, accounts
from app.demo.limits import UploadError, UploadLimits
from app.demo.run import Answer, Runner, finished
from app.demo.words import WORDS, labels, language_of, say

FILES = ("front.png", "side.png", "twin.png", "banner.png", "back.png")
STAGES = ["read", "assess", "evidence", "match", "select", "score", "feedback"]


def fake() -> FakePipeline:
    """`front.png` is the primary, `banner.png` not compliant, `twin.png` a copy of `side.png`."""
    boxes = ((Box(5, 5, 20, 20), Box(8, 8, 20, 20)),)
    return FakePipeline(
        p_primary={"front.png": 0.91, "side.png": 0.33},
        p_noncompliant={"banner.png": 0.97, "twin.png": 0.2},
        findings={"banner.png": (Finding("banner", "A banner says SALE.", 0.9, Box(2, 2, 30, 12), "S03"),)},
        pairs=(PairMatch("side.png", "twin.png", PairRelation.DUPLICATE, 0.88, boxes),),
    )


def runner(pipeline: FakePipeline, limits: UploadLimits | None = None) -> Runner:
    return Runner(cast(AgpisPipeline, pipeline), limits or UploadLimits())


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Five pictures of their own and a file that is none."""
    for number, name in enumerate(FILES):
        noise = np.random.default_rng(number).integers(0, 255, (48, 48, 3), dtype=np.uint8)
        PilImage.fromarray(noise).save(tmp_path / name)
    (tmp_path / "broken.png").write_bytes((tmp_path / "front.png").read_bytes()[:60])
    return [tmp_path / name for name in (*FILES, "broken.png")]


def nothing(stage: str, share: float) -> None:
    """Who does not listen."""


def answered(pipeline: FakePipeline, photos: list[Path], settings: PipelineSettings | None = None) -> Answer:
    return finished(runner(pipeline).run(photos, "Shoe", settings or PipelineSettings()), nothing)


# -- words --------------------------------------------------------------------------------------------------------


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    def values(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)", text))

    english, chinese = WORDS["en"], WORDS["zh"]
    assert set(english) == set(chinese)
    assert {key: values(text) for key, text in english.items()} == {key: values(text) for key, text in chinese.items()}
    assert [key for key, text in chinese.items() if key != "agpis_json" and text == english[key]] == []


def test_everything_a_result_can_hold_has_words() -> None:
    wanted = [f"outcome_{one.value}" for one in Outcome] + [f"status_{one.value}" for one in ImageStatus]
    wanted += [f"relation_{one.value}" for one in PairRelation] + [f"stage_{one}" for one in STAGES]
    assert set(wanted) <= set(WORDS["en"])


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE, zh-TW;q=0.8, en;q=0.5", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_the_language_is_the_first_that_the_browser_prefers(accepted: str | None, language: str) -> None:
    assert language_of(accepted) == language


def test_the_browser_gets_the_limits_in_every_language() -> None:
    texts = labels(count=7, each=8, total=9).translations_dict
    assert set(texts) == {"en", "zh", "zh-CN", "zh-TW"}
    assert all(re.findall(r"\d", text["agpis_photos_hint"]) == ["7", "8", "9"] for text in texts.values())


# -- limits -------------------------------------------------------------------------------------------------------


def sized(folder: Path, *megabytes: float) -> list[Path]:
    files = [folder / f"{number}.jpg" for number in range(len(megabytes))]
    for file, size in zip(files, megabytes, strict=True):
        with file.open("wb") as empty:
            empty.truncate(int(size * 1_000_000))
    return files


def test_what_lies_within_the_limits_is_taken(tmp_path: Path) -> None:
    UploadLimits(photos=3, each_mb=2, total_mb=5).check(sized(tmp_path, 2, 2, 1))


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((), "No photo was given"),
        ((1, 1, 1, 1), "4 photos were given, at most 3 are taken"),
        ((1, 2.5), r"1\.jpg has 2\.5 MB, at most 2 MB are taken"),
        ((2, 2, 1.5), r"The photos have 5\.5 MB together, at most 5 MB"),
    ],
)
def test_what_goes_beyond_a_limit_is_refused_with_value_and_limit(
    tmp_path: Path, sizes: tuple[float, ...], message: str
) -> None:
    with pytest.raises(UploadError, match=message) as refused:
        UploadLimits(photos=3, each_mb=2, total_mb=5).check(sized(tmp_path, *sizes))
    assert refused.value.said("zh") != str(refused.value)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="gone.jpg is no longer here"):
        UploadLimits().check([tmp_path / "gone.jpg"])


def test_limits_are_positive() -> None:
    with pytest.raises(SettingsError, match="each_mb must be at least 1, got 0"):
        UploadLimits(each_mb=0)


# -- who may come in ----------------------------------------------------------------------------------------------


def test_accounts_are_taken_apart_at_the_first_colon() -> None:
    assert accounts(["ann:s3cret", "bob:a:b"]) == (("ann", "s3cret"), ("bob", "a:b"))
    assert accounts([]) == ()


@pytest.mark.parametrize("bad", ["ann", "ann:", ":s3cret", " :s3cret", ""])
def test_an_account_needs_user_and_password(bad: str) -> None:
    with pytest.raises(SettingsError, match="--auth number 2 must be user:password") as refused:
        accounts(["ok:ok", bad])
    assert "s3cret" not in str(refused.value)


def test_a_user_has_one_password() -> None:
    with pytest.raises(SettingsError, match="names the user 'ann' twice"):
        accounts(["ann:1", "ann:2"])


@pytest.mark.parametrize(
    ("opening", "warning"),
    [
        (Opening(), ""),
        (Opening(share=True), "--share without --auth"),
        (Opening(share=True, accounts=(("ann", "1"),)), ""),
        (Opening(host="0.0.0.0"), "--host 0.0.0.0 without --auth"),
        (Opening(host="localhost"), ""),
    ],
)
def test_an_open_door_is_warned_of(opening: Opening, warning: str) -> None:
    assert "\n".join(opening.warnings)[: len(warning) or None] == warning


def test_mcp_clients_cannot_sign_in() -> None:
    with pytest.raises(SettingsError, match="--mcp does not go with --auth"):
        Opening(mcp=True, accounts=(("ann", "1"),))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Runner, Opening]]:
    """What the command would have served."""
    served: list[tuple[Runner, Opening]] = []
    monkeypatch.setattr(gradio_demo, "load_pipeline", lambda models: fake())
    monkeypatch.setattr(gradio_demo, "launch", lambda runner, opening: served.append((runner, opening)))
    return served


def test_the_command_warns_on_standard_error_and_goes_on(opened: list[tuple[Runner, Opening]]) -> None:
    done = CliRunner().invoke(gradio_demo.app, ["--share", "--max-upload-mb", "3", "--port", "8000", "--mcp"])
    assert done.exit_code == 0
    assert "Warning: --share without --auth" in done.stderr
    assert done.stdout == ""
    ((runner, opening),) = opened
    assert runner.limits.each_mb == 3
    assert opening == Opening(share=True, port=8000, mcp=True)


def test_nothing_is_shared_unless_asked_for(opened: list[tuple[Runner, Opening]]) -> None:
    assert CliRunner().invoke(gradio_demo.app, ["--auth", "ann:1", "--auth", "bob:2"]).stderr == ""
    ((_, opening),) = opened
    assert (opening.share, opening.mcp, opening.host) == (False, False, "127.0.0.1")
    assert opening.accounts == (("ann", "1"), ("bob", "2"))


@pytest.mark.parametrize("arguments", [["--auth", "ann"], []])
def test_an_expected_error_is_one_line(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(models: Path | None) -> None:
        raise ModelError("no model folder at models; give one")

    monkeypatch.setattr(gradio_demo, "load_pipeline", missing)
    monkeypatch.setattr("sys.argv", ["demo", *arguments])
    with pytest.raises(SystemExit) as ended:
        gradio_demo.main()
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("demo: ")


# -- runs ---------------------------------------------------------------------------------------------------------


def test_a_run_tells_of_its_stages_and_explains_every_photo(photos: list[Path]) -> None:
    told: list[tuple[str, float]] = []
    pipeline = fake()
    work = runner(pipeline).run(photos, "Shoe", PipelineSettings())
    answer = finished(work, lambda stage, share: told.append((stage, share)))
    assert [stage for stage, _ in told] == STAGES
    assert [share for _, share in told] == sorted(share for _, share in told)
    result = answer.result
    assert result.outcome is Outcome.SUBMIT
    assert result.sequence[0] == "front.png"
    assert {
        report.file: report.status.value for report in result.images if report.status.value[:2] in ("re", "un")
    } == {
        "twin.png": "removed",
        "banner.png": "removed",
        "broken.png": "unreadable",
    }
    assert result.feedback == pipeline.feedback
    assert set(result.timings) == set(STAGES[1:])


def test_the_same_run_is_computed_once(photos: list[Path]) -> None:
    pipeline = fake()
    demo = runner(pipeline)
    first = finished(demo.run(photos, "Shoe", PipelineSettings()), nothing)
    told: list[str] = []
    again = finished(demo.run(photos, "Shoe", PipelineSettings()), lambda stage, share: told.append(stage))
    assert again is first
    assert told == []
    assert pipeline.calls["assess"] == 1
    finished(demo.run(photos, "Boot", PipelineSettings()), nothing)
    finished(demo.run(photos, "Shoe", PipelineSettings(seed=1)), nothing)
    finished(demo.run(photos[:-1], "Shoe", PipelineSettings()), nothing)
    assert pipeline.calls["assess"] == 4


def test_a_run_that_is_stopped_does_no_further_stage(photos: list[Path]) -> None:
    pipeline = fake()
    work = runner(pipeline).run(photos, "Shoe", PipelineSettings())
    while next(work)[0] != "match":
        pass
    work.close()
    assert dict(pipeline.calls) == {"assess": 1, "evidence": 1}


def test_a_model_that_writes_nothing_is_asked_for_nothing(photos: list[Path]) -> None:
    pipeline = fake()
    pipeline.writes_feedback = False
    assert answered(pipeline, photos).result.feedback is None


def test_more_images_than_the_model_takes_are_refused(photos: list[Path]) -> None:
    with pytest.raises(SettingsError, match="is 6, the model takes at most 5"):
        answered(fake(), photos, PipelineSettings(num_images=6))


def test_a_photo_heavier_than_the_limit_is_not_decoded(tmp_path: Path) -> None:
    demo = runner(fake(), UploadLimits(each_mb=1))
    with pytest.raises(UploadError, match=r"0\.jpg has 1\.2 MB"):
        finished(demo.run(sized(tmp_path, 1.2), "", PipelineSettings()), nothing)


# -- what is said and drawn ---------------------------------------------------------------------------------------


def test_decisions_are_drawn_into_the_pictures(photos: list[Path]) -> None:
    answer = answered(fake(), photos)
    pictures = dict(zip([report.file for report in answer.result.images], answer.candidates, strict=True))
    assert {picture.shape for picture in (*answer.sequence, *answer.candidates, *answer.pairs)} == {(480, 480, 3)}
    assert tuple(pictures["front.png"][0, 0]) == RED
    assert tuple(answer.sequence[0][0, 0]) == RED
    assert tuple(answer.sequence[1][0, 0]) != RED
    # The box at x 2, y 2 of a picture of 48 pixels, ten times as large.
    assert tuple(pictures["banner.png"][25, 150]) == ORANGE
    assert tuple(pictures["broken.png"][5, 5]) == BLANK
    assert len(answer.pairs) == 2


def test_captions_number_the_sequence_and_name_what_became_of_each_photo(photos: list[Path]) -> None:
    answer = answered(fake(), photos)
    assert present.sequence_captions(answer, "en")[0][1] == "1 · Primary · front.png"
    said = [caption for _, caption in present.candidate_captions(answer, "zh")]
    assert {"已移除 · banner.png", "无法读取 · broken.png", "已选用 · front.png"} <= set(said)
    assert [caption for _, caption in present.pair_captions(answer, "en")] == [
        "Kept · side.png",
        "Removed · twin.png · same thing twice, similarity 0.88",
    ]


def test_the_verdict_says_how_it_ended_and_why(photos: list[Path]) -> None:
    result = answered(fake(), photos).result
    english = present.verdict(result, "en")
    assert english.startswith("## Ready to submit")
    assert "is 0.62, which reaches the threshold" in english
    assert "0.62" in present.verdict(result, "zh")
    assert "可以提交" in present.verdict(result, "zh")
    held = answered(fake(), photos, PipelineSettings(submission_threshold=0.9)).result
    assert "is 0.62, which is below the threshold" in present.verdict(held, "en")
    none = answered(fake(), photos, PipelineSettings(primary_threshold=0.95)).result
    assert present.verdict(none, "en").startswith("## No sequence: no photo can open it")
    assert say("en", "remedy_no_primary") in present.verdict(none, "en")
    assert present.figures(none, fake().taxonomy) is None
    assert present.feedback(none, "en") == ""


def test_reasons_name_every_photo_once_and_its_evidence(photos: list[Path]) -> None:
    text = present.decisions(answered(fake(), photos).result, "en")
    for name in (*FILES, "broken.png"):
        assert text.count(f"**{name.replace('.', chr(92) + '.')}**") == 1
    assert "A banner says SALE\\. Rule S03." in text
    assert text.index("front") < text.index("banner") < text.index("broken")


@pytest.mark.parametrize("name", ["*bold*.png", "<b>.png", "a|b.png", "[x](y).png", "$x$.png", ":smile:.png"])
def test_a_file_name_is_shown_as_it_is(name: str) -> None:
    report = ImageReport(name, ImageStatus.REMOVED, f"Shows the same content as {name}.", 0.1, 0.2)
    result = SequenceResult("upload", Outcome.NO_PRIMARY, "None.", (), None, 0.3, {}, None, None, (report,), ())
    text = present.decisions(result, "en")
    assert name not in text
    assert "<b>" not in text


def test_the_figures_lie_on_white(photos: list[Path]) -> None:
    both = present.figures(answered(fake(), photos).result, fake().taxonomy)
    assert both is not None
    assert all(figure.layout.template.layout.plot_bgcolor == "white" for figure in both)


# -- typed JSON ---------------------------------------------------------------------------------------------------


def test_the_answer_is_the_json_form_of_the_result(photos: list[Path]) -> None:
    for settings in (PipelineSettings(), PipelineSettings(primary_threshold=0.95)):
        result = answered(fake(), photos, settings).result
        assert answer_json(result) == to_json(result)


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (SequenceAnswer, SequenceResult),
        (ImageAnswer, ImageReport),
        (FindingAnswer, Finding),
        (PairAnswer, DuplicatePair),
    ],
)
def test_the_schema_has_every_field_of_the_result(model: type[SequenceAnswer], value: type[SequenceResult]) -> None:
    assert list(model.model_fields) == [field.name for field in fields(value)]


def test_every_field_of_the_answer_is_documented() -> None:
    text = (Path(__file__).parents[1] / "docs" / "gradio.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)
    assert documented == list(SequenceAnswer.model_fields)
    for model in (ImageAnswer, PairAnswer):
        assert all(f"`{name}`" in text for name in model.model_fields)
