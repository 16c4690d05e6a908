"""Boxes packed into integers meet as boxes do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from tactful.engine.search.packing import Packing
from tactful.engine.space.boxes import Box, meet

from tests.space.drawing import Draw, law

Sizes = dict[str, int]


@st.composite
def packed_boxes(draw: Draw) -> tuple[Sizes, list[Box]]:
    """The sizes of some dimensions, and boxes that limit some of them."""
    sizes = draw(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5), max_size=5))
    limits = {name: st.integers(1, (1 << size) - 1) for name, size in sizes.items()}
    return sizes, draw(st.lists(st.fixed_dictionaries({}, optional=limits), min_size=2, max_size=4))


def packed(packing: Packing, box: Box) -> int:
    return packing.pack(box, box)


@law
@given(packed_boxes())
def test_a_packed_box_has_its_cells_and_all_of_what_it_leaves_free(drawn: tuple[Sizes, list[Box]]) -> None:
    sizes, boxes = drawn
    packing = Packing(sizes)
    for box in boxes:
        one = packed(packing, box)
        assert not packing.empty(one)
        for name, size in sizes.items():
            assert packing.field(one, name) == box.get(name, (1 << size) - 1)


@law
@given(packed_boxes())
def test_packed_boxes_meet_as_boxes_do(drawn: tuple[Sizes, list[Box]]) -> None:
    sizes, boxes = drawn
    packing = Packing(sizes)
    joint: Box | None = {}
    one = packing.everything
    for box in boxes:
        joint = None if joint is None else meet(joint, box)
        one &= packed(packing, box)
        assert packing.empty(one) == (joint is None)
        if joint is not None:
            assert all(packing.field(one, name) == mask for name, mask in joint.items())


@law
@given(packed_boxes())
def test_only_what_is_named_is_packed(drawn: tuple[Sizes, list[Box]]) -> None:
    sizes, boxes = drawn
    packing = Packing(sizes)
    for box in boxes:
        for name in box:
            assert packing.pack(box, [name]) == packed(packing, {name: box[name]})
        assert packing.pack(box, []) == packing.everything


@law
@given(packed_boxes())
def test_one_empty_field_makes_it_empty(drawn: tuple[Sizes, list[Box]]) -> None:
    sizes, _ = drawn
    packing = Packing(sizes)
    assert not packing.empty(packing.everything)
    for name in sizes:
        assert packing.empty(packing.pack({name: 0}, [name]))
