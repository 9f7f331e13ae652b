"""With both of its loss switches on, MUIsC takes the loss that the published code takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from agpis.muisc.configuration_muisc import MuiscConfig
from agpis.muisc.convert_reference_checkpoint import convert_reference_checkpoint
from agpis.muisc.reference_sizes import read_reference_sizes

HERE = Path(__file__).parent
# A checkpoint with random weights in the published layout, and what the published code makes of it.
FOLDERS = (HERE / "golden" / "golden-tiny", HERE.parents[1] / "shared" / "golden" / "golden-tiny")
GOLDEN = next((folder for folder in FOLDERS if folder.is_dir()), None)

pytestmark = [pytest.mark.skipif(GOLDEN is None, reason="no golden-tiny")]
if FOLDERS[0] != GOLDEN:
    pytestmark.append(pytest.mark.shared)


@pytest.mark.parametrize("published", [True, False])
def test_loss_of_the_published_code(published: bool) -> None:
    assert GOLDEN is not None
    fields = read_reference_sizes(GOLDEN / "sizes.json").to_dict()
    switches = {"loss_at_separator": published, "loss_on_padding": published}
    model = convert_reference_checkpoint(GOLDEN / "muisc_golden.ckpt", MuiscConfig(**(fields | switches)))
    arrays = {name: torch.from_numpy(value) for name, value in np.load(GOLDEN / "io.npz").items()}
    with torch.no_grad():
        output = model(
            arrays["input_ids"],
            arrays["attention_mask"],
            pixel_values=arrays["pixel_values"],
            separator_positions=arrays["mc_token_ids"].flatten(),
            labels=arrays["mc_labels"].flatten(),
            feedback_labels=arrays["labels"].masked_fill(arrays["attention_mask"] == 0, -100),
        )
    torch.testing.assert_close(output.loss_mcc, arrays["expected_mc_loss"].squeeze(), atol=1e-5, rtol=0)
    difference = abs(output.loss_nlg.item() - arrays["expected_lm_loss"].item())
    assert difference < 1e-5 if published else difference > 1e-2
