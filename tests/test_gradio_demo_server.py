"""The Gradio demo as programs meet it: a running server, its endpoint, its MCP tool, and what it refuses to serve."""

from __future__ import annotations

import asyncio
import base64
import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from fake_pipeline import FakePipeline
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent, Tool
from PIL import Image as PilImage

from agpis.data.threshold_file import StoredThreshold
from agpis.data.threshold_log import append_to_log
from agpis.pipeline import AgpisPipeline
from app.demo.answer import SequenceAnswer
from app.demo.launch import Opening, launch
from app.demo.limits import UploadLimits, VisitorError
from app.demo.run import Runner

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "assets" / "samples" / "images"
SECONDS = 120


class Broken(FakePipeline):
    """Fails in a way that nobody expected."""

    def assess(self, product: Any) -> Any:
        raise RuntimeError("secret detail of the machine")


@contextmanager
def serving(pipeline: FakePipeline, opening: Opening) -> Iterator[str]:
    """The address of a running demo that takes 3 MB a photo and 8 photos."""
    runner = Runner(cast(AgpisPipeline, pipeline), UploadLimits(photos=8, each_mb=3, total_mb=10))
    page, address = launch(runner, opening, block=False)
    try:
        yield address.rstrip("/")
    finally:
        page.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A demo that takes the first mug for the primary image, open to MCP clients."""
    with serving(FakePipeline(p_primary={"mug-1.jpg": 0.9, "photo-1": 0.9}), Opening(mcp=True)) as url:
        yield url


def mugs(count: int = 4) -> list[Any]:
    return [handle_file(str(SAMPLES / f"mug-{number}.jpg")) for number in range(1, count + 1)]


def connected(address: str, **options: Any) -> Client:
    return Client(address, verbose=False, httpx_kwargs={"timeout": SECONDS}, **options)


# -- the endpoint -------------------------------------------------------------------------------------------------


def test_the_documented_call_runs(address: str) -> None:
    text = (ROOT / "docs" / "gradio.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "http://127.0.0.1:7860" in example
    code = example.replace("http://127.0.0.1:7860", address)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=3 * SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.startswith("submit mug-1.jpg ")
    assert [line.split()[0] for line in lines] == [f"mug-{number}.jpg" for number in range(1, 8)]


def test_the_answer_is_typed(address: str) -> None:
    client = connected(address)
    answer = client.predict(photos=mugs(), title="Mug", num_images=2, submission_threshold=0.7, api_name="/sequence")
    checked = SequenceAnswer.model_validate(answer)
    assert checked.outcome.value == "below_threshold"
    assert (checked.p_qualified, checked.threshold, len(checked.sequence)) == (0.62, 0.7, 2)
    described = client.view_api(return_format="dict")
    assert isinstance(described, dict)
    endpoint = described["named_endpoints"]["/sequence"]
    assert "p_qualified: float | None" in endpoint["returns"][0]["python_type"]["type"]
    optional = {one["parameter_name"] for one in endpoint["parameters"] if one["parameter_has_default"]}
    assert {one["parameter_name"] for one in endpoint["parameters"]} - optional == {"photos"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"photos": []}, "No photo was given"),
        ({"num_images": 6}, "greater than maximum value 5"),
        ({"submission_threshold": 1.5}, "1.5"),
        ({"photos": mugs(7) + mugs(2)}, "9 photos were given, at most 8 are taken"),
    ],
)
def test_a_wrong_call_gets_a_sentence(address: str, given: dict[str, Any], message: str) -> None:
    with pytest.raises(AppError, match=message) as refused:
        connected(address).predict(**({"photos": mugs()} | given), api_name="/sequence")
    assert "Traceback" not in str(refused.value)


def test_what_nobody_expected_is_not_told() -> None:
    with serving(Broken(), Opening()) as url, pytest.raises(AppError) as refused:
        connected(url).predict(photos=mugs(), api_name="/sequence")
    assert "secret" not in str(refused.value)


# -- the threshold in force ---------------------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the thresholds of this test are put in force; no file yet."""
    monkeypatch.setenv("AGPIS_THRESHOLD_LOG", str(tmp_path / "log.jsonl"))
    return tmp_path / "log.jsonl"


def put_in_force(log: Path, threshold: float | None) -> None:
    """What the page Thresholds does; None undoes it."""
    chosen = {"criterion": "by hand", "split": "val", "n": 10, "date": date(2026, 1, 5)}
    stored = None if threshold is None else StoredThreshold.model_validate({"threshold": threshold, **chosen})
    append_to_log(log, stored, "Ann", datetime(2026, 1, 5, tzinfo=UTC))


def test_a_call_takes_the_threshold_in_force_unless_it_names_one(address: str, log: Path) -> None:
    client = connected(address)

    def asked(**given: float) -> tuple[str, float]:
        answer = client.predict(photos=mugs(), api_name="/sequence", **given)
        return answer["outcome"], answer["threshold"]

    assert asked() == ("submit", 0.3)
    put_in_force(log, 0.7125)
    assert asked() == ("below_threshold", 0.7125), "the demo goes on, the threshold is another"
    assert asked(submission_threshold=0.6) == ("submit", 0.6)
    _, tool = asyncio.run(called_tool(address, [data_url(number) for number in (1, 2, 3)]))
    assert SequenceAnswer.model_validate_json(text_of(tool)).threshold == 0.7125
    put_in_force(log, None)
    assert asked() == ("submit", 0.3)


def test_a_damaged_log_of_thresholds_is_a_sentence_without_its_path(address: str, log: Path) -> None:
    log.write_text("{\n")
    with pytest.raises(AppError, match="threshold in force cannot be read") as refused:
        connected(address).predict(photos=mugs(), api_name="/sequence")
    assert str(log) not in str(refused.value)
    with pytest.raises(VisitorError, match="cannot be read"), serving(FakePipeline(), Opening()):
        pytest.fail("the demo opened with a threshold that nobody chose")


# -- files --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        str(ROOT / "README.md"),
        str(ROOT / "app" / "gradio_demo.py"),
        str(SAMPLES / "mug-1.jpg"),
        "README.md",
        "assets/samples/products.jsonl",
        "..%2F..%2F..%2F..%2Fetc%2Fpasswd",
        "file:///etc/passwd",
    ],
)
def test_files_of_the_machine_are_not_served(address: str, path: str) -> None:
    answer = httpx.get(f"{address}/gradio_api/file={path}", timeout=SECONDS)
    assert answer.status_code in (403, 404)
    assert "root:" not in answer.text


def test_an_uploaded_photo_is_served_to_its_page(address: str) -> None:
    (stored,) = upload(address, "mug.jpg", (SAMPLES / "mug-1.jpg").read_bytes()).json()
    answer = httpx.get(f"{address}/gradio_api/file={stored}", timeout=SECONDS)
    assert answer.content == (SAMPLES / "mug-1.jpg").read_bytes()


@pytest.mark.parametrize("path", ["/etc/passwd", str(ROOT / "README.md"), str(SAMPLES / "mug-1.jpg")])
def test_the_endpoint_reads_no_file_that_was_not_uploaded(address: str, path: str) -> None:
    photo = {"path": path, "meta": {"_type": "gradio.FileData"}}
    body = {"data": [[photo], "", 3, 0.3, 0.5, 0.5, 0.5, True, 0]}
    begun = httpx.post(f"{address}/gradio_api/call/sequence", json=body, timeout=SECONDS)
    assert begun.status_code == 200
    said = httpx.get(f"{address}/gradio_api/call/sequence/{begun.json()['event_id']}", timeout=SECONDS).text
    assert "event: error" in said
    assert "outcome" not in said


def upload(address: str, name: str, data: bytes) -> httpx.Response:
    return httpx.post(f"{address}/gradio_api/upload", files={"files": (name, data)}, timeout=SECONDS)


def test_a_file_beyond_the_limit_is_not_stored(address: str) -> None:
    assert upload(address, "fits.jpg", bytes(2_900_000)).status_code == 200
    refused = upload(address, "heavy.jpg", bytes(3_200_000))
    assert refused.status_code == 413
    assert "maximum allowed size" in refused.text


# -- accounts -----------------------------------------------------------------------------------------------------


def test_accounts_keep_others_out() -> None:
    with serving(FakePipeline(p_primary={"mug-1.jpg": 0.9}), Opening(accounts=(("ann", "s3:cret"),))) as url:
        for path in ("gradio_api/info", "config"):
            assert httpx.get(f"{url}/{path}", timeout=SECONDS).status_code == 401
        assert upload(url, "mug.jpg", b"x").status_code == 401
        client = connected(url, auth=("ann", "s3:cret"))
        assert client.predict(photos=mugs(), api_name="/sequence")["outcome"] == "submit"


# -- MCP ----------------------------------------------------------------------------------------------------------


def data_url(number: int) -> str:
    buffer = io.BytesIO()
    PilImage.open(SAMPLES / f"mug-{number}.jpg").resize((64, 64)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


async def called_tool(address: str, photos: list[str]) -> tuple[list[Tool], CallToolResult]:
    """The tools that the server lists, and what a call of the first one gives."""
    async with (
        streamable_http_client(f"{address}/gradio_api/mcp/") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        listed = (await session.list_tools()).tools
        return listed, await session.call_tool("image_sequence", {"photos": photos, "title": "Mug", "num_images": 2})


def text_of(answer: CallToolResult) -> str:
    (content,) = answer.content
    assert isinstance(content, TextContent)
    return content.text


def test_an_mcp_client_finds_the_tool_and_calls_it(address: str) -> None:
    (tool,), answer = asyncio.run(called_tool(address, [data_url(number) for number in (1, 2, 3)]))
    assert tool.name == "image_sequence"
    assert "explain every decision" in (tool.description or "")
    assert tool.inputSchema["required"] == ["photos"]
    assert tool.inputSchema["properties"]["photos"]["description"].startswith("Photos of one product as data URLs")
    assert not answer.isError
    checked = SequenceAnswer.model_validate_json(text_of(answer))
    assert [image.file for image in checked.images] == ["photo-1", "photo-2", "photo-3"]
    assert (checked.outcome.value, checked.sequence[0], len(checked.sequence)) == ("submit", "photo-1", 2)


@pytest.mark.parametrize("photo", ["/etc/passwd", "file:///etc/passwd", "data:image/png;base64,?", "data:,x"])
def test_an_mcp_client_cannot_name_a_file(address: str, photo: str) -> None:
    _, answer = asyncio.run(called_tool(address, [data_url(1), photo]))
    assert answer.isError
    assert "Photo 2 is no data URL" in text_of(answer)


def test_without_being_asked_there_is_no_mcp() -> None:
    with serving(FakePipeline(), Opening()) as url:
        assert httpx.post(f"{url}/gradio_api/mcp/", json={}, timeout=SECONDS).status_code in (404, 405)


def test_nothing_is_reported_to_others() -> None:
    asked = "import os, app.gradio_demo, gradio.analytics as a; print(a.analytics_enabled())"
    environment = {name: value for name, value in os.environ.items() if name != "GRADIO_ANALYTICS_ENABLED"}
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=5 * SECONDS
    )
    assert done.stdout.split()[-1:] == ["False"], done.stderr
