"""How large everything is: three presets over the same rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agpis.training.muisc_design import Preset as Parts
from benchmarks.tables.rows import Backbone


@dataclass(frozen=True, slots=True)
class Network:
    """What stands for one of the paper's backbones.

    Attributes:
        model: timm's name of it.
        kwargs: further arguments of `timm.create_model`, for smaller networks.
        heads: attention heads of the blocks behind the tower; must divide the tower's width.
    """

    model: str
    kwargs: dict[str, Any] = field(default_factory=dict)
    heads: int = 8


@dataclass(frozen=True, slots=True)
class Preset:
    """Sizes of data, models and training; the same for all rows.

    Attributes:
        name: of the preset.
        purpose: one sentence for the page.
        networks: what stands for each backbone.
        image_size: side of the towers' square input, and longest side of simulated images.
        parts: `small` starts everything at random, `base` from published weights.
        sizes: fields of MuiscConfig that differ from those of `parts`.
        products: simulated products where no data is given.
        sequences_per_product: their reviewed sequences, at most.
        data_seed: of the simulation.
        training: fields of TrainingConfig.
        seeds: trainings of every row.
        gpt2: published decoder of `base`.
    """

    name: str
    purpose: str
    networks: dict[Backbone, Network]
    image_size: int
    parts: Parts
    sizes: dict[str, Any]
    products: int
    sequences_per_product: int
    data_seed: int
    training: dict[str, Any]
    seeds: int
    gpt2: str | None = None


SMOKE = Preset(
    name="smoke",
    purpose="shows that every row trains and is scored; its networks are far too small for the numbers to mean much",
    networks={
        Backbone.RESNET18: Network("test_resnet", {"channels": (16, 16, 32, 32)}),
        Backbone.RESNET50: Network("test_resnet"),
        Backbone.RESNETV2: Network("resnetv2_18", {"channels": (16, 16, 32, 32)}),
        Backbone.VIT: Network("test_vit", {"img_size": 64}, heads=4),
    },
    image_size=64,
    parts=Parts.SMALL,
    sizes={"num_decoder_layers": 1, "cross_attention_layers": (0,)},
    products=24,
    sequences_per_product=8,
    # With it, as many of so few products as one could wish for lie in validation and test.
    data_seed=26,
    training={"epochs": 1, "batch_size": 32, "learning_rate": 2e-3, "evaluations": 1, "average_decay": 0.0},
    seeds=1,
)
# The paper's networks at a quarter of their width, and fewer layers where 101 or 12 would take too long. Group norms
# need 32 channels, so BiT's bottlenecks are half as wide as its stages. Nothing is pretrained.
CPU = Preset(
    name="cpu",
    purpose="small networks that start at random, sized to train all rows on two CPU cores within three hours",
    networks={
        Backbone.RESNET18: Network("resnet18", {"channels": (16, 32, 64, 128)}),
        Backbone.RESNET50: Network("resnet50", {"channels": (16, 32, 64, 128)}),
        Backbone.RESNETV2: Network("resnetv2_50x1_bit", {"channels": (64, 128, 256, 512), "bottle_ratio": 0.5}),
        Backbone.VIT: Network(
            "vit_tiny_patch16_224", {"img_size": 64, "patch_size": 8, "embed_dim": 96, "depth": 6}, heads=3
        ),
    },
    image_size=64,
    parts=Parts.SMALL,
    sizes={},
    # Many products for narrow intervals in the test split; of each one two sequences are trained on, as further ones
    # teach little.
    products=1500,
    sequences_per_product=6,
    data_seed=0,
    training={
        "epochs": 5,
        "max_per_product": 2,
        "max_eval_samples": 400,
        "batch_size": 32,
        "learning_rate": 1e-3,
        "evaluations": 5,
        "average_decay": 0.98,
        "num_workers": 1,
    },
    seeds=2,
)
GPU = Preset(
    name="gpu",
    purpose="the paper's backbones with their published weights and its settings (section 4.2), for one GPU",
    networks={
        Backbone.RESNET18: Network("resnet18.tv_in1k"),
        Backbone.RESNET50: Network("resnet50.tv_in1k"),
        Backbone.RESNETV2: Network("resnetv2_101x1_bit.goog_in21k_ft_in1k"),
        Backbone.VIT: Network("vit_base_patch16_224.augreg2_in21k_ft_in1k", heads=12),
    },
    image_size=224,
    parts=Parts.BASE,
    sizes={},
    products=4000,
    sequences_per_product=6,
    data_seed=0,
    training={
        "epochs": 10,
        "batch_size": 64,
        "learning_rate": 1.5e-4,
        "evaluations": 10,
        "average_decay": 0.99,
        "num_workers": 8,
        "bf16": True,
    },
    seeds=3,
    # The simulated marketplace writes English; the paper's GPT2 reads Chinese.
    gpt2="gpt2",
)
PRESETS = {preset.name: preset for preset in (SMOKE, CPU, GPU)}
