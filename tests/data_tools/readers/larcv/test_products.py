import numpy as np
import pytest

from data_tools.errors import ProducerNotFound
from data_tools.readers.larcv import hdf5, root
from data_tools.readers.larcv.products import IDS, ImageProduct, ParticleProduct, choose
from data_tools.readers.larcv.stored import StoredEntry


@pytest.fixture(params=["larcv1_10.root", "larcv2_256.root", "larcv2_sparse_unsplit_10.root", "larcv3_256.h5"])
def products(request, fixture_file):
    """(images, particles) of a file of each generation."""
    path = fixture_file(request.param)
    found = (hdf5 if path.suffix == ".h5" else root).products(path)
    images = next(opened() for (name, _), opened in found.items() if name not in root.PARTICLE_PRODUCTS)
    particles = next(opened() for (name, _), opened in found.items() if name in root.PARTICLE_PRODUCTS)
    return images, particles


def test_every_generation_has_the_same_products(products):
    images, particles = products
    assert isinstance(images, ImageProduct) and isinstance(particles, ParticleProduct)
    assert images.entries == particles.entries >= 10
    numbers = [product.ids(2, 6) for product in products]
    for name in IDS:
        assert numbers[0].values[name].dtype == np.int64
        assert np.array_equal(numbers[0].values[name], numbers[1].values[name])
    assert set(images.planes(0, 4)) == {0, 1, 2}


def test_images_have_the_numbers_of_their_entries(products):
    images, _ = products
    ids = images.ids(2, 4)
    for position, (entry, found) in enumerate(images.read(2, 4)):
        assert isinstance(found, StoredEntry) and entry == position + 2
        assert found.ids == tuple(ids.values[name][position] for name in IDS)


def test_only_the_wanted_columns_are_read(products):
    _, particles = products
    assert set(particles.read(0, 2, wanted=("pdg",)).values) == {"pdg"}
    assert {"pdg", "px", "vertex_z", "energy_init"} <= set(particles.read(0, 2).values)


def test_choosing_a_product():
    there = {("image2d", "a"): lambda: 1, ("image2d", "b"): lambda: 2, ("sparse2d", "b"): lambda: 3}
    wanted = ("image2d", "sparse2d")
    assert choose("f.root", there, wanted, "a", "image_producer")() == 1
    assert choose("f.root", there, wanted, "sparse2d_b", "image_producer")() == 3
    with pytest.raises(
        ProducerNotFound, match="several products .*: image2d_a, image2d_b, sparse2d_b. Name one as"
    ) as e:
        choose("f.root", there, wanted, None, "image_producer")
    assert e.value.option == "image_producer" and e.value.choices == ("image2d_a", "image2d_b", "sparse2d_b")
    with pytest.raises(ProducerNotFound, match='2 products fit image_producer="b"'):
        choose("f.root", there, wanted, "b", "image_producer")
    with pytest.raises(ProducerNotFound, match="no particle in the file, which has image2d_a, image2d_b, sparse2d_b"):
        choose("f.root", there, ("particle",), None, "particle_producer")
