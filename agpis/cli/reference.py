"""`agpis convert-reference`: a checkpoint of the paper's published code becomes a MUIsC folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agpis.cli.output import print_json
from agpis.errors import ModelError, SettingsError

if TYPE_CHECKING:  # loads torch
    from agpis.muisc.modeling_muisc import MuiscModel


@dataclass(frozen=True, slots=True)
class Conversion:
    """What was converted.

    Attributes:
        folder: where the model lies.
        parameters: of the converted model; parts of the checkpoint that compute nothing are not in it.
        num_labels: K^g, classes of the McC head.
        sizes: the chief sizes of the model by their names in its configuration.
        files: everything that was written.
    """

    folder: Path
    parameters: int
    num_labels: int
    sizes: dict[str, int | tuple[int, ...]]
    files: tuple[Path, ...]


def convert_reference(
    checkpoint: Annotated[
        Path, typer.Argument(metavar="CKPT", help="Checkpoint with `lang_model.*` and `img_model.*` tensors.")
    ],
    sizes: Annotated[Path, typer.Option(help="JSON file with the sizes of its networks.")],
    out: Annotated[Path, typer.Option(help="Folder of the converted model; must be new or empty.")],
    inputs: Annotated[
        Path | None,
        typer.Option(help=".npz file to run it on: pixel_values, input_ids, attention_mask and mc_token_ids."),
    ] = None,
    outputs: Annotated[
        Path | None,
        typer.Option(help=".npz file for what it gives: encoder_features, mc_logits, lm_logits; must not exist."),
    ] = None,
    cross_attention_layers: Annotated[
        str | None,
        typer.Option(
            help="Blocks that attend to the images, counted from 0, such as 0,2; '' is none. Default: the cross_ids of "
            "the sizes."
        ),
    ] = None,
) -> None:
    """Turn a checkpoint of the paper's published code into a model folder, and run it on given inputs."""
    if (inputs is None) != (outputs is None):
        given, absent = ("--inputs", "--outputs") if outputs is None else ("--outputs", "--inputs")
        raise SettingsError(f"{given} was given without {absent}; give both to run the model, or neither")
    layers = None if cross_attention_layers is None else _block_numbers(cross_attention_layers)
    _check_new(out, outputs)

    from agpis.muisc.convert_reference_checkpoint import convert_reference_checkpoint
    from agpis.muisc.reference_run import read_reference_inputs, run_reference
    from agpis.muisc.reference_sizes import read_reference_sizes

    # Everything that can be wrong is found before anything is written.
    config = read_reference_sizes(sizes, cross_attention_layers=layers)
    batch = None if inputs is None else read_reference_inputs(inputs, config)
    model = convert_reference_checkpoint(checkpoint, config)
    result = None if batch is None else run_reference(model, batch)
    try:
        model.save_pretrained(out)
        files = tuple(sorted(out.iterdir()))
        if result is not None and outputs is not None:
            result.save(outputs)
            files = (*files, outputs)
    except OSError as error:
        raise SettingsError(f"the result cannot be written: {error}") from error
    print_json(_summary(model, out, files))


def _block_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",")) if text.strip() else ()
    except ValueError as error:
        raise SettingsError(
            f"--cross-attention-layers must be block numbers with commas between, such as 0,2, got {text!r}"
        ) from error


def _check_new(out: Path, outputs: Path | None) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ModelError(f"{out} is not an empty folder; remove it or choose another name")
    if outputs is not None and outputs.exists():
        raise SettingsError(f"--outputs {outputs} exists already; remove it or choose another name")


def _summary(model: MuiscModel, folder: Path, files: tuple[Path, ...]) -> Conversion:
    config = model.config
    names = (
        *("image_size", "num_images", "hidden_size", "num_attention_heads", "num_sequence_layers"),
        *("num_decoder_layers", "cross_attention_layers", "vocab_size", "max_text_positions"),
    )
    sizes = {name: getattr(config, name) for name in names}
    return Conversion(folder, model.num_parameters(), config.num_labels, sizes, files)
