"""The classes of MUIsC: the file that ships, other people's files, and files that are wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from agpis.errors import RulesError
from agpis.rules import Rule, RuleCategory, RuleTaxonomy, load_taxonomy

DEFAULT = load_taxonomy()

# The list of the 43 rules, in class order.
NAMES = """
    watermark overlaid_logo promo_banner badge_claim overlay_text border_frame collage_inset contact_qr_url placeholder
    not_a_photo low_resolution blurry_pixelated bad_exposure distorted_upscaled busy_background cutout_artifact bad_fill
    cropped_product extra_props multiple_items offensive bad_presentation
    exact_duplicate near_duplicate partial_duplicate mirrored_rotated same_view variant_mismatch different_product
    style_clash
    bad_primary too_few missing_view wrong_order no_diversity no_detail not_product_focused mixed_products
    inconsistent_set title_category_mismatch title_variant_mismatch title_quantity_mismatch title_brand_mismatch
""".split()  # noqa: SIM905  # 43 lines otherwise


def small_file() -> dict[str, Any]:
    """A shop's own five classes, two of whose titles begin alike."""
    rows = [
        ("ok", "ok", "qualified", "yes"),
        ("A1", "text_on_image", "single", "Text"),
        ("A2", "text_and_price", "single", "Text with price"),
        ("B1", "twins", "pair", "Twins"),
        ("rest", "rest", "other", "Something else"),
    ]
    keys = ("id", "name", "category", "title")
    return {"version": 7, "classes": [dict(zip(keys, row, strict=True)) | {"description": "Why."} for row in rows]}


def write(folder: Path, content: object) -> Path:
    path = folder / "rules.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


# -- the 45 classes -----------------------------------------------------------------------------------------------


def test_the_default_file_holds_the_45_classes_in_order() -> None:
    assert len(DEFAULT) == 45
    assert [rule.name for rule in DEFAULT.classes] == ["qualified", *NAMES, "other"]
    ids = [f"S{i:02}" for i in range(1, 23)] + [f"P{i:02}" for i in range(1, 9)] + [f"M{i:02}" for i in range(1, 14)]
    assert list(DEFAULT.ids) == ["qualified", *ids, "other"]


def test_categories_follow_from_the_first_letter_of_the_id() -> None:
    letters = {"S": RuleCategory.SINGLE, "P": RuleCategory.PAIR, "M": RuleCategory.MULTI}
    assert {rule.id: rule.category for rule in DEFAULT.rules} == {
        rule.id: letters[rule.id[0]] for rule in DEFAULT.rules
    }


def test_classes_are_found_by_id() -> None:
    assert (DEFAULT.index("qualified"), DEFAULT.index("S01"), DEFAULT.index("other")) == (0, 1, 44)
    assert DEFAULT["S03"].name == "promo_banner"
    assert (DEFAULT.qualified.id, DEFAULT.other.id, len(DEFAULT.rules)) == ("qualified", "other", 43)


def test_an_unknown_id_lists_the_known_ones() -> None:
    with pytest.raises(RulesError, match="no rule 'S99' among qualified, S01, S02"):
        DEFAULT["S99"]


@pytest.mark.shared
def test_names_and_sources_are_those_of_the_list_of_rules() -> None:
    page = Path(__file__).parents[2] / "shared" / "RULES.md"
    if not page.exists():
        pytest.skip("the list of rules is not here")
    rows = [line.strip("| ").split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    listed = [(row[0], row[1]) for row in rows if len(row) == 4 and row[0][1:].isdigit()]
    assert listed == [(rule.id, rule.name) for rule in DEFAULT.rules]


# -- feedback to class --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feedback", "expected"),
    [
        ("yes", "qualified"),
        ("  Yes ", "qualified"),
        ("Promotional banner: the 2nd image carries a banner 'SALE -30%' at the bottom.", "S03"),
        ("promotional BANNER on the first image", "S03"),
        ("The watermark and the overlaid logo must go.", "S01"),
        ("The overlaid logo and the watermark must go.", "S02"),
        ("yes, but there is a watermark", "S01"),
        ("The picture hurts my eyes.", "other"),
        ("watermarked all over", "other"),
        ("no", "other"),
    ],
)
def test_the_rule_named_first_is_the_class(feedback: str, expected: str) -> None:
    assert DEFAULT.classify_feedback(feedback).id == expected


@pytest.mark.parametrize("rule", DEFAULT.rules, ids=lambda rule: rule.id)
def test_every_title_leads_back_to_its_rule(rule: Rule) -> None:
    assert DEFAULT.classify_feedback(f"{rule.title}: look at the 1st image.") == rule
    assert DEFAULT.classify_feedback(f"Please look again. {rule.title.lower()}!") == rule


def test_feedback_says_something() -> None:
    for empty in ("", "  \n"):
        with pytest.raises(RulesError, match="feedback is empty; write 'yes' for a qualified sequence"):
            DEFAULT.classify_feedback(empty)


def test_of_two_titles_that_begin_alike_the_longer_wins() -> None:
    taxonomy = RuleTaxonomy.model_validate(small_file())
    assert taxonomy.classify_feedback("Text with price on image 1").id == "A2"
    assert taxonomy.classify_feedback("Text with prices on image 1").id == "A1"
    assert taxonomy.classify_feedback("Text, then twins").id == "A1"


def test_titles_with_signs_are_taken_literally() -> None:
    content = small_file()
    content["classes"][1]["title"] = "Text (any) + logo?"
    taxonomy = RuleTaxonomy.model_validate(content)
    assert taxonomy.classify_feedback("text (any) + logo? here").id == "A1"
    assert taxonomy.classify_feedback("text any logo").id == "rest"


# -- other files --------------------------------------------------------------------------------------------------


def test_a_users_own_file_with_five_classes(tmp_path: Path) -> None:
    taxonomy = load_taxonomy(write(tmp_path, small_file()))
    assert (taxonomy.version, len(taxonomy), taxonomy.ids) == (7, 5, ("ok", "A1", "A2", "B1", "rest"))
    assert [rule.id for rule in taxonomy.rules] == ["A1", "A2", "B1"]
    assert taxonomy["B1"].category is RuleCategory.PAIR
    assert taxonomy.classify_feedback("YES") is taxonomy.qualified


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    for taxonomy in (DEFAULT, RuleTaxonomy.model_validate(small_file())):
        assert load_taxonomy(write(tmp_path, taxonomy.to_yaml())) == taxonomy


def changed(place: int, **values: object) -> dict[str, Any]:
    content = small_file()
    content["classes"][place] |= values
    return content


def without(place: int) -> dict[str, Any]:
    content = small_file()
    del content["classes"][place]
    return content


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("classes: [", "is not valid YAML"),
        ("", "Input should be"),
        ([1, 2], "Input should be"),
        ({"classes": []}, "version: Field required"),
        ({"version": 1}, "classes: Field required"),
        ({"version": 1, "classes": []}, "needs at least qualified, one rule and other"),
        (small_file() | {"colour": "red"}, "colour: Extra inputs are not permitted"),
        (without(0), "exactly one class of category qualified must exist and come first"),
        (without(4), "exactly one class of category other must exist and come last"),
        (changed(2, category="qualified"), "exactly one class of category qualified"),
        (changed(2, category="other"), "exactly one class of category other"),
        (changed(2, category="triple"), r"classes\.2\.category: Input should be"),
        (changed(2, id="A1"), "id must be unique, these occur more than once: a1"),
        (changed(2, name="twins"), "name must be unique, these occur more than once: twins"),
        (changed(2, title="TEXT"), "title must be unique, these occur more than once: text"),
        (changed(2, id="A 2"), r"classes\.2\.id: String should match"),
        (changed(2, name="Text"), r"classes\.2\.name: String should match"),
        (changed(2, title=""), r"classes\.2\.title: String should have at least 1 character"),
        (changed(2, description=""), r"classes\.2\.description: String should have at least 1 character"),
        (changed(2, severity=3), r"classes\.2\.severity: Extra inputs are not permitted"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, content: object, match: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(RulesError, match=match) as caught:
        load_taxonomy(path)
    assert str(path) in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"gone\.yaml cannot be read"):
        load_taxonomy(tmp_path / "gone.yaml")
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(RulesError, match=r"binary\.yaml cannot be read"):
        load_taxonomy(binary)


def test_classes_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        DEFAULT["S01"].title = "x"  # type: ignore[misc]
