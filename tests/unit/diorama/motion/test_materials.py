"""Materials by name, by label and by surface."""

from __future__ import annotations

import pytest

from stillmotion.diorama.motion import materials
from stillmotion.diorama.motion.props import catalogue
from stillmotion.diorama.scene.records import Surface


@pytest.mark.parametrize(
    ("label", "surface", "name"),
    [
        ("spoon", Surface.RIGID, "steel"),
        ("coffee cup", Surface.RIGID, "ceramic"),
        ("rubber duck", Surface.RIGID, "rubber"),
        ("glass marble", Surface.RIGID, "glass"),
        ("wooden table", Surface.SUPPORT, "wood"),
        ("sand dune", Surface.GROUND, "sand"),
        ("teddy bear", Surface.RIGID, "cloth"),
        ("Egyptian cat", Surface.ANIMAL, "fur"),
        ("thing", Surface.PERSON, "cloth"),
        ("lake", Surface.WATER, "water"),
    ],
)
def test_material_of_a_label(label: str, surface: Surface, name: str) -> None:
    """Words say what a thing is made of; its surface does when they do not."""
    assert materials.of(label, surface).name == name


def test_words_before_a_name_say_the_material() -> None:
    """Three steel balls are of steel; a name alone says nothing."""
    steel, none = materials.named("three steel balls"), materials.named("ball")
    assert steel is not None
    assert steel.name == "steel"
    assert none is None


def test_other_words_for_materials() -> None:
    """Everyday words find the same entry; an unknown one is wood."""
    assert materials.material("Metal").name == "steel"
    assert materials.material("porcelain").name == "ceramic"
    assert materials.material("unobtainium").name == "wood"
    assert materials.is_known("latex")
    assert not materials.is_known("unobtainium")


def test_every_entry_is_possible() -> None:
    """Restitution, friction and softness are shares that physics allows; every label leads to an entry."""
    for entry in materials.table().values():
        assert 0 <= entry.restitution < 1
        assert 0 <= entry.friction < 1.5
        assert 0 <= entry.softness <= 1
        assert 0 <= entry.squash <= 0.06
        assert entry.density > 0
    for surface in Surface:
        assert materials.of("something", surface).name in materials.table()


def test_props_are_made_of_something_known() -> None:
    """Every prop names a material of the table."""
    unknown = [prop.material for prop in catalogue.KNOWN.values() if not materials.is_known(prop.material)]
    assert unknown == []


def test_rubber_bounces_most_and_snow_swallows() -> None:
    """The order that everybody knows."""
    order = [materials.material(name).restitution for name in ("rubber", "glass", "wood", "cloth", "snow")]
    assert order == sorted(order, reverse=True)
    assert materials.material("snow").softness < materials.material("grass").softness < 1


def test_mass_follows_size() -> None:
    """Twice as large is eight times as heavy."""
    steel = materials.material("steel")
    assert materials.mass_kg(steel, 0.04) == pytest.approx(8 * materials.mass_kg(steel, 0.01))
