from dataclasses import replace
from fractions import Fraction

from lartpc_zoo.models.catalogue import list_models
from lartpc_zoo.models.families import families, study, token_meanings
from lartpc_zoo.models.spec import parse_network


def test_blocks_per_stage():
    assert [row.blocks for row in parse_network("resnet50b").architecture.stages] == [3, 4, 6, 3]
    assert [row.blocks for row in parse_network("plainresnet20b").architecture.stages] == [2, 2, 3, 2]


def test_a_depth_may_change_rows_and_its_facts_come_first():
    b, c = (families()["vgg"].depths[depth] for depth in ("16b", "16c"))
    differing = [one.name for one, other in zip(b.rows, c.rows, strict=True) if one != other]
    assert differing == ["conv1_1", "pool5"]
    assert (c.rows[0].size, c.rows[0].stride) == (5, 2)
    assert "5x5 stride 2" in c.found[0]
    assert c.found[1:] == b.found[1:]


def test_width_scales_what_the_family_says():
    base = families()["googlenet"].depths[""]
    wide = base.with_axes(Fraction(2), None, None)
    assert [row.widths for row in wide.rows] == [tuple(2 * n for n in row.widths) for row in base.rows]
    assert replace(wide, stem=base.stem, stages=base.stages) == base
    assert base.indivisible(Fraction(1, 16)) == [24]
    assert base.indivisible(Fraction(1, 8)) == []


def test_another_stride_of_the_stem_and_another_head():
    base = families()["resnet"].depths["14b"]
    changed = base.with_axes(Fraction(1), 1, (512,))
    assert [row.stride for row in changed.stem] == [1, 2]
    assert changed.dense == (512,)
    assert changed.stages == base.stages


def test_the_study_lists_networks_that_there_are():
    assert sorted(study()) == sorted(list_models())
    assert [name for name, in_table in study().items() if in_table] == [
        "resnet14b",
        "resnet29b",
        "resnet29b_w4",
        "resnet50b",
    ]


def test_every_token_has_a_meaning():
    name = "resnet14b_w2_s1_fc64_t40"
    meanings = {**parse_network(f"{name}_p2_sub").meanings, **parse_network(f"{name}_towers").meanings}
    assert len(meanings) == len(token_meanings()) == 7
    assert [text for text in meanings.values() if "{" in text] == []
