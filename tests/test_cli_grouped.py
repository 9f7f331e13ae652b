"""Groups of options: one option a field, in the place of the group, with the field's default."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from agpis.cli.grouped import grouped


@dataclass(frozen=True, slots=True)
class Size:
    """What the commands below share."""

    width: Annotated[int, typer.Option(min=1)]
    height: Annotated[int, typer.Option(min=1)] = 2


def ran(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()

    @app.command()
    @grouped
    def draw(
        name: Annotated[str, typer.Argument()], *, size: Size, dark: Annotated[bool, typer.Option()] = False
    ) -> None:
        """Draw it."""
        typer.echo(f"{name} {size} {dark}")

    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.output


def test_the_fields_of_a_group_are_options() -> None:
    assert ran("box", "--width", "3", "--dark") == (0, "box Size(width=3, height=2) True\n")
    assert ran("box", "--width", "3", "--height", "4") == (0, "box Size(width=3, height=4) False\n")


def test_a_field_without_a_default_must_be_given_and_limits_hold() -> None:
    for arguments in (("box",), ("box", "--width", "0")):
        code, told = ran(*arguments)
        assert code == 2
        assert "--width" in told


def test_the_options_stand_where_the_group_does() -> None:
    told = ran("--help")[1]
    places = [told.index(option) for option in ("--width", "--height", "--dark")]
    assert places == sorted(places)
    assert "--size" not in told
    assert "Draw it." in told
