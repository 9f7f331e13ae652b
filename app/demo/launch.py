"""How the demo is opened to others: who may come in, what is served, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from agpis.errors import SettingsError
from app.demo.interface import build
from app.demo.run import Runner
from app.demo.theme import CSS, theme
from app.demo.words import say

# Nothing of the checkout is ever served, whatever Gradio takes for its cache.
_CHECKOUT = Path(__file__).resolve().parents[2]
_WAITING = 20


@dataclass(frozen=True, slots=True)
class Opening:
    """Where and to whom the demo is open.

    Attributes:
        host: address to listen on.
        port: to listen on; None takes the first free one from 7860.
        share: whether to ask for a public link.
        accounts: (user, password) of those who may come in; everybody when empty.
        mcp: whether the endpoint is also a tool for MCP clients.
        concurrency: how many products are computed at once.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    share: bool = False
    accounts: tuple[tuple[str, str], ...] = ()
    mcp: bool = False
    concurrency: int = 1

    def __post_init__(self) -> None:
        if self.mcp and self.accounts:
            raise SettingsError(
                "--mcp does not go with --auth: Gradio's MCP server cannot sign in, so every call would be refused; "
                "start one demo with --auth for people and another with --mcp for programs of this machine"
            )

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the person who starts the demo should know before others come."""
        if self.accounts:
            return ()
        if self.share:
            return (
                "--share without --auth: everybody who has the link can use this machine to run products. "
                "Add --auth user:password to let in only those you choose.",
            )
        if self.host not in ("127.0.0.1", "localhost", "::1"):
            return (
                f"--host {self.host} without --auth: everybody who reaches this machine can use the demo. "
                "Add --auth user:password to let in only those you choose.",
            )
        return ()


def accounts(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The accounts of `--auth user:password`, which may be repeated; a password may hold colons.

    Raises:
        SettingsError: when a user or a password is missing, or a user is named twice. Passwords are not repeated in
            the message.
    """
    found: dict[str, str] = {}
    for number, entry in enumerate(given, start=1):
        user, colon, password = entry.partition(":")
        if not colon or not user.strip() or not password:
            raise SettingsError(f"--auth number {number} must be user:password, with neither of them empty")
        if user in found:
            raise SettingsError(f"--auth names the user {user!r} twice; give every user one password")
        found[user] = password
    return tuple(found.items())


def launch(runner: Runner, opening: Opening, *, block: bool = True) -> tuple[gr.Blocks, str]:
    """Serve the demo.

    Args:
        runner: the pipeline with its limits.
        opening: where and to whom.
        block: whether to go on until the process is interrupted.

    Returns:
        The page and its local address.

    Raises:
        VisitorError: when the threshold in force cannot be read.
    """
    page, texts = build(runner, opening.concurrency, mcp=opening.mcp)
    page.queue(max_size=_WAITING, default_concurrency_limit=opening.concurrency)
    _, address, _ = page.launch(
        server_name=opening.host,
        server_port=opening.port,
        share=opening.share,
        auth=list(opening.accounts) or None,
        auth_message=say("en", "agpis_sign_in") + " " + say("zh", "agpis_sign_in"),
        mcp_server=opening.mcp,
        max_file_size=runner.limits.each_mb * 1_000_000,
        allowed_paths=[],
        blocked_paths=[str(_CHECKOUT)],
        show_error=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        footer_links=["api"],
        i18n=texts,
        theme=theme(),
        css=CSS,
        prevent_thread_lock=not block,
    )
    return page, str(address)
