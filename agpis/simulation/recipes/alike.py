"""Words that one picture may pass for, which are never set against each other."""

from __future__ import annotations

from collections.abc import Sequence

# Colours that a person may call by either word are never set against each other.
ALIKE = (
    {"white", "beige", "grey"},
    {"black", "grey"},
    {"black", "brown"},
    {"orange", "brown", "red", "yellow"},
    {"brown", "beige"},
    {"yellow", "beige"},
    {"red", "pink"},
    {"pink", "purple"},
    {"blue", "teal", "purple"},
    {"green", "teal"},
)
# Kinds of item that one picture may pass for.
ALIKE_ITEMS = (
    {"longsleeve", "shirt", "t-shirt", "outwear", "polo shirt", "sweatshirt", "hoodie", "jacket", "tee", "tank top"},
    {"pants", "shorts", "leggings", "jeans", "trousers"},
    {"dress", "skirt"},
    {"bottle", "vase"},
    {"mug", "bowl"},
    {"dumbbell", "kettlebell"},
    {"tote bag", "bag", "backpack"},
    {"carton", "cereal box"},
    {"tub", "can", "jar"},
)

# Materials that differ little in a picture.
ALIKE_MATERIALS = (
    {"ceramic", "plastic", "paper", "rubber", "glass"},
    {"steel", "iron"},
    {"iron", "rubber", "concrete"},
    {"cotton", "linen", "canvas"},
    {"cotton", "fleece", "velvet"},
    {"cotton", "nylon", "plastic"},
    {"cotton", "denim", "canvas"},
    {"knit", "corduroy"},
    {"leather", "nylon", "plastic", "rubber"},
    {"rattan", "canvas", "knit"},
)
ALIKE_PATTERNS = ({"striped", "checked"},)


def clearly_differ(first: str, second: str, alike: Sequence[set[str]] = ALIKE) -> bool:
    """Whether two words are known and no person would use one for the other."""
    return bool(first and second) and first != second and not any({first, second} <= group for group in alike)
