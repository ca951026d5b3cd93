import pytest

from lartpc_zoo.models.blocks import BLOCKS, LOGITS, Block, Part, auxiliary_head, head
from lartpc_zoo.models.counting import Counting, Sizes
from lartpc_zoo.models.families import Row, families
from lartpc_zoo.models.levels import Level

IMAGE = Sizes(8, Level((32, 32)))


def made(row, stride=1, batch_normalization=True, image=IMAGE):
    """The output of one block, and its layers {name: costs}."""
    counting = Counting()
    output = BLOCKS[row.block].make(Part(counting, batch_normalization), image, row, stride, row.name)
    return output, {layer.name: layer for layer in counting.layers}


def test_every_row_of_the_tables_has_a_block_with_as_many_widths():
    rows = [row for family in families().values() for one in family.depths.values() for row in one.rows]
    assert {row.block for row in rows} == set(BLOCKS)
    assert [row.name for row in rows if len(row.widths) != len(BLOCKS[row.block].widths)] == []


def test_every_width_that_a_family_makes_wider_is_one_of_its_blocks():
    for family in families().values():
        for one in family.depths.values():
            kinds = {kind for row in one.rows for kind in BLOCKS[row.block].widths}
            assert set(one.widened) & kinds
            assert set(one.widened) <= {kind for block in BLOCKS.values() for kind in block.widths}


@pytest.mark.parametrize(
    ("row", "stride", "shape", "names"),
    [
        (Row("a", "conv", (4,), size=3), 2, (16, 16, 4), ["a_conv", "a_norm", "a_relu"]),
        (Row("a", "pool", size=3, padding="valid"), 2, (15, 15, 8), ["a"]),
        (Row("a", "inception", (1, 2, 3, 4, 5, 6)), 1, (32, 32, 1 + 3 + 5 + 6), ["a", "a_pool", "a_5x5_conv"]),
        (Row("a", "bottleneck", (2, 6)), 2, (16, 16, 6), ["a_subsample", "a_projection_conv", "a_add", "a_out"]),
        (Row("a", "basic", (2, 6)), 2, (16, 16, 6), ["a_projection_subsample", "a_projection_conv", "a_add", "a_out"]),
    ],
)
def test_what_blocks_give(row, stride, shape, names):
    output, layers = made(row, stride)
    assert output.shape == shape
    assert set(names) <= set(layers)


@pytest.mark.parametrize("block", ["bottleneck", "basic"])
def test_a_shortcut_is_projected_only_where_stride_or_width_change(block):
    assert "a_projection_conv" not in made(Row("a", block, (2, 8)))[1]
    assert "a_projection_conv" in made(Row("a", block, (2, 16)))[1]
    assert ("a_projection_conv" in made(Row("a", block, (2, 8)), stride=2)[1]) == (block == "basic")


def test_without_normalisation_convolutions_have_a_bias():
    with_it, without = (made(Row("a", "conv", (4,), size=3), batch_normalization=yes)[1] for yes in (True, False))
    assert "a_norm" not in without
    assert without["a_conv"].parameters == with_it["a_conv"].parameters + 4


def test_a_new_block_is_one_entry(monkeypatch):
    monkeypatch.setitem(
        BLOCKS,
        "twice",
        Block(
            ("filters",),
            lambda part, x, row, stride, name: part.convolution(
                part.convolution(x, *row.widths, 3, stride, f"{name}_1"), *row.widths, 3, 1, f"{name}_2"
            ),
        ),
    )
    assert made(Row("a", "twice", (4,)), stride=2)[0].shape == (16, 16, 4)


def head_of(counting, architecture):
    flatten = architecture.head == "flatten"
    return head(
        counting, IMAGE, 7, flatten, architecture.dense, architecture.dropout, pool_dropout=architecture.pool_dropout
    )


def test_the_heads():
    architectures = {name: family.depths for name, family in families().items()}
    counting = Counting()
    assert head_of(counting, architectures["vgg"]["16a"]).shape == (7,)
    names = [layer.name for layer in counting.layers]
    assert names == ["flatten", "fc1", "fc1_dropout", "fc2", "fc2_dropout", LOGITS]
    counting = Counting()
    head_of(counting, architectures["googlenet"][""])
    assert [layer.name for layer in counting.layers] == ["pool", "pool_dropout", LOGITS]
    counting = Counting()
    assert auxiliary_head(counting, IMAGE, "auxiliary_a", 7).shape == (7,)
    assert [layer.output[-1] for layer in counting.layers] == [128, 128, 128, 1024, 1024, 7]
    assert all(layer.name.startswith("auxiliary_a_") for layer in counting.layers)
