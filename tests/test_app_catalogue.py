"""The catalogue page: runs begun, watched, stopped, resumed, looked through, handed on and deleted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from catalogue_shop import ShopPipeline, png, shop, zipped
from streamlit.testing.v1 import AppTest

from agpis.catalogue.worker import CatalogueWorker
from agpis.errors import ModelError
from agpis.store import open_store
from agpis.store.catalogue_values import RunStatus
from app import loaders
from app.components.catalogue import server
from app.state import HANDED_OVER

APP = str(Path(__file__).parents[1] / "streamlit_app.py")
PAGE = "app/pages/catalogue.py"


@pytest.fixture
def pipeline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShopPipeline]:
    """The fake behind the app, a store of its own, and a model folder that has a version."""
    models = tmp_path / "models"
    models.mkdir()
    (models / "weights.safetensors").write_text("w")
    (models / "pipeline.json").write_text('{"format": 1, "settings": {}}')
    monkeypatch.setenv("AGPIS_MODEL_DIR", str(models))
    monkeypatch.setenv("AGPIS_SAMPLES_DIR", str(shop(tmp_path / "samples")))
    monkeypatch.setenv("AGPIS_DATABASE_URL", str(tmp_path / "data" / "agpis.db"))
    stand_in = ShopPipeline(p_by_product={"lamp": 0.1}, broken={"chair"})
    monkeypatch.setattr(loaders, "load_pipeline", lambda: stand_in)
    st.cache_data.clear()
    st.cache_resource.clear()
    yield stand_in
    worker().close()


def worker() -> CatalogueWorker:
    return server.load_worker()


def opened(run: str = "") -> AppTest:
    page = AppTest.from_file(APP, default_timeout=60).run()
    if run:
        page.query_params["run"] = run
    page.switch_page(PAGE).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    """All text of the main area, with the escapes of Markdown taken out."""
    kinds = ("markdown", "caption", "text", "subheader", "info", "warning", "error", "success", "title")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in page.main.get(kind)).replace(
        "\\", ""
    )


def begun(page: AppTest) -> AppTest:
    page.button(key="begin").click().run()
    assert not page.exception
    return page


def samples() -> AppTest:
    page = opened()
    page.segmented_control(key="catalogue_from").set_value("samples").run()
    return begun(page)


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end, "not met after 60 s"
        time.sleep(0.02)


def finished(run_id: int = 1) -> AppTest:
    until(lambda: worker().place_in_line(run_id) is None)
    return opened(str(run_id))


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def test_before_the_first_run_the_page_says_what_to_do(pipeline: ShopPipeline) -> None:
    page = opened()
    assert "No catalogue was run yet" in words(page)
    assert page.button(key="begin").disabled
    assert pipeline.seen == []


def test_a_finished_run_shows_numbers_sequences_and_reasons(pipeline: ShopPipeline) -> None:
    samples()
    page = finished()
    text = words(page)
    assert metrics(page)["With a result"] == "2"
    assert metrics(page)["Failed"] == "1"
    assert metrics(page)["Time left"] == "–"
    assert page.main.get("progress")[0].proto.text == "3 of 3 products"
    for part in ("**A mug**", "**A lamp**", "**A chair**", "chair is too much for this model", "$p^t$ **0.62**"):
        assert part in text
    pills = page.pills(key="group_1")
    assert pills.options == ["All (3)", "Ready to submit (1)", "Held back (1)", "Failed (1)"]
    elements = page.main.get("imgs") or page.main.get("image")
    alts = [image.alt for element in elements for image in element.proto.imgs]
    assert alts[0] == "front.png"
    assert len(alts) == 9
    assert [button.label for button in page.download_button] == [
        "Ordered images (ZIP)",
        "Summary (CSV)",
        "Everything (JSON lines)",
    ]


def test_products_are_filtered_and_searched(pipeline: ShopPipeline) -> None:
    samples()
    page = finished()
    page.pills(key="group_1").set_value("failed").run()
    assert "**A chair**" in words(page)
    assert "**A mug**" not in words(page)
    page.text_input(key="words_1").set_value("mug").run()
    assert "No product matches" in words(page)
    page.pills(key="group_1").set_value("all").run()
    assert "**A mug**" in words(page)
    assert "**A chair**" not in words(page)


def test_a_run_is_paused_cancelled_and_resumed_while_the_next_waits(pipeline: ShopPipeline) -> None:
    reached, on = threading.Event(), threading.Event()

    def hold(product_id: str) -> None:
        reached.set()
        assert on.wait(60)

    pipeline.before = hold
    page = samples()
    assert reached.wait(60)
    samples()
    line = opened("2")
    assert "One run computes at a time; 1 is before this one." in words(line)
    assert "Waiting in line" in words(line) or any("Waiting in line" in str(badge) for badge in line.main)
    line.button(key="cancel").click().run()
    assert worker().runs.run(2).status is RunStatus.CANCELLED
    page = opened("1")
    page.button(key="pause").click().run()
    assert "stops as soon as the product in work is finished" in words(page)
    assert page.button(key="pause").disabled
    on.set()
    page = finished(1)
    assert worker().runs.run(1).status is RunStatus.PAUSED
    assert metrics(page)["With a result"] == "1"
    page.button(key="resume").click().run()
    assert metrics(finished(1))["With a result"] == "2"
    assert pipeline.seen == ["mug", "lamp", "chair"]


def test_an_interrupted_run_offers_to_resume(pipeline: ShopPipeline) -> None:
    samples()
    finished()
    worker().runs.stop(1, RunStatus.INTERRUPTED)
    page = opened("1")
    assert "The server ended before the run did" in words(page)
    page.button(key="resume").click().run()
    finished()
    assert worker().runs.run(1).status is RunStatus.DONE


def test_uploaded_files_are_run_and_go_with_the_run(pipeline: ShopPipeline, tmp_path: Path) -> None:
    page = opened()
    page.file_uploader(key="catalogue_files").set_value(
        [("spring.zip", zipped(shop(tmp_path / "own", ("vase",))), "application/zip")]
    ).run()
    begun(page)
    page = finished()
    assert "**A vase**" in words(page)
    kept = worker().runs.run(1).kept
    assert kept is not None
    assert kept.is_dir()
    page.button(key="delete_for_good").click().run()
    assert "No catalogue was run yet" in words(page)
    assert not kept.exists()


def test_a_table_without_photos_asks_for_them(pipeline: ShopPipeline, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(1))
    page = opened()
    page.file_uploader(key="catalogue_files").set_value(
        [("t.csv", b"product_id,title,images\nv,V,a.png\n", "text/csv")]
    ).run()
    assert "This table came without photos" in words(page)
    assert page.button(key="begin").disabled
    page.text_input(key="catalogue_photos").set_value(str(tmp_path)).run()
    begun(page)
    assert "**V**" in words(finished())


@pytest.mark.parametrize(("name", "data"), [("a.zip", b"PK"), ("a.csv", b"sku\n1\n")])
def test_what_is_no_catalogue_is_refused_in_a_sentence(pipeline: ShopPipeline, name: str, data: bytes) -> None:
    page = opened()
    page.file_uploader(key="catalogue_files").set_value([(name, data, "x/y"), ("p.png", png(1), "image/png")][
        : 1 if name == "a.zip" else 2
    ]).run()  # fmt: skip
    begun(page)
    assert "This catalogue cannot be run." in page.error[0].value
    assert "No catalogue was run yet" in words(page)


def test_places_outside_the_allowed_folders_are_refused(
    pipeline: ShopPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGPIS_CATALOGUE_ROOTS", str(tmp_path / "samples"))
    page = opened()
    page.segmented_control(key="catalogue_from").set_value("server").run()
    assert f"Allowed is {tmp_path / 'samples'} alone." in words(page)
    page.text_input(key="catalogue_path").set_value(str(tmp_path)).run()
    begun(page)
    assert "lies outside the folders" in page.error[0].value.replace("\\", "")


def test_one_click_sends_what_reaches_the_threshold_to_review(pipeline: ShopPipeline, tmp_path: Path) -> None:
    samples()
    page = finished()
    assert page.button(key="send").label == "Send 1 sequence to review"
    page.button(key="send").click().run()
    assert not page.exception
    assert "1 sequence went to review." in words(page)
    assert page.button(key="send").disabled
    (item,) = open_store().items()
    assert (item.product_id, item.source) == ("mug", "catalogue run 1: samples")
    assert (worker().runs.run(1).created_by, item.submitted_by) == ("", "")


def test_a_run_and_what_it_sends_to_review_bear_the_address_of_who_signed_in(
    pipeline: ShopPipeline, tmp_path: Path
) -> None:
    auth = {"client_id": "x", "redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "0123456789abcdef"}
    page = AppTest.from_file(APP, default_timeout=60)
    page.secrets.update({"auth": auth, "roles": {"reviewer": ["*"]}})
    page.user = {"is_logged_in": True, "name": "Ann Lee", "email": "ann@example.com"}
    page.run().switch_page(PAGE).run()
    page.segmented_control(key="catalogue_from").set_value("samples").run()
    begun(page)
    until(lambda: worker().place_in_line(1) is None)
    page.run().button(key="send").click().run()
    assert not page.exception
    (item,) = open_store().items()
    assert (worker().runs.run(1).created_by, item.submitted_by) == ("ann@example.com", "ann@example.com")


def test_a_product_is_opened_on_the_page_of_the_image_sequence(
    pipeline: ShopPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched: list[tuple[str, dict[str, str]]] = []
    monkeypatch.setattr(st, "switch_page", lambda page, query_params: switched.append((page, query_params)))
    samples()
    page = finished()
    product = worker().runs.products(1)[0]
    page.button(key=f"product_{product.id}").click().run()
    handed = page.session_state[HANDED_OVER]
    assert (handed.product_id, handed.title) == ("mug", "A mug")
    assert [(name, path.is_file()) for name, path in handed.files] == [
        (f"mug/{photo}", True) for photo in ("front.png", "side.png", "back.png")
    ]
    ((target, address),) = switched
    assert target == "app/pages/sequence.py"
    assert (address["num_images"], address["remove_variants"]) == ("3", "true"), "it decides as the run did"


def test_models_that_are_missing_leave_the_runs(pipeline: ShopPipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    samples()
    finished()

    def refuse() -> None:
        raise ModelError("the model folder is gone")

    monkeypatch.setattr(loaders, "load_pipeline", refuse)
    page = opened()
    assert "The models could not be loaded.** The model folder is gone." in words(page)
    assert "**samples**" in words(page)


@pytest.mark.parametrize("run", ["77", "x", "-1"])
def test_an_address_of_no_run_is_no_trace(pipeline: ShopPipeline, run: str) -> None:
    page = opened(run)
    assert ("There is no catalogue run 77" in words(page)) == (run == "77")


def test_a_store_that_is_out_of_reach_is_a_sentence(
    pipeline: ShopPipeline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("AGPIS_DATABASE_URL", "mysql://somewhere/else")
        assert "The runs cannot be shown." in words(opened())
