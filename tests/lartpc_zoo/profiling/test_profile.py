import json
import re

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import lartpc_zoo
from data_tools.errors import BadOption
from lartpc_zoo.cli.main import main
from lartpc_zoo.errors import UnknownNetwork, Unlabelled
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.profiling import profile as procedure
from lartpc_zoo.profiling.record import InputQuantities, load_profile

SMALL = "plainresnet10b_wd16"
SIZES = (1, 2, 4)


def test_a_profile_holds_every_quantity_of_table_2(measured, small_data):
    profile, _ = measured
    assert profile.data == small_data.fingerprint
    assert (profile.input_shape, profile.classes) == ((64, 64, 3), 5)
    assert (profile.batch_sizes, profile.rounds, profile.missing) == (SIZES, 2, {})
    network = profile.networks[SMALL]
    info = network_info(SMALL, small_data.image_shape)
    assert (network.parameters, network.macs) == (info.parameters, info.macs)
    assert network.activations_mb == info.activations_mb
    for quantities in (network.quantities, profile.io):
        assert {name: found.unit for name, found in quantities.by_name().items()} == quantities.UNITS
        for found in quantities.by_name().values():
            assert found.batch_sizes == SIZES
            assert np.shape(found.values) == (3, 2)
    for name in ("forward", "forward_backward", "io_wait"):
        assert np.min(network.quantities.by_name()[name].values) > 0
    assert np.median(network.quantities.forward_backward.values) > np.median(network.quantities.forward.values)


def test_nothing_published_says_who_or_where(measured, small_data):
    text = (measured[1] / "profile.json").read_text()
    assert str(small_data.directory) not in text
    assert set(json.loads(text)["environment"]) == {
        *("versions", "keras_backend", "machine", "system", "cpus", "device", "dtype", "memory")
    }


def test_the_files(measured):
    profile, output = measured
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert names == {
        "profile.json",
        *(f"{name}.{kind}" for name in ("table2", "table2_fixed") for kind in ("csv", "md", "tex")),
        *("figures/table2_fits.png", "figures/table2_fits.pdf"),
    }
    assert load_profile(output) == load_profile(output / "profile.json") == profile
    frame = pd.read_csv(output / "table2.csv")
    assert frame["Forward [ms]"][0] == pytest.approx(profile.networks[SMALL].quantities.forward.slope)


def test_without_data_and_in_bfloat16_by_the_command(tmp_path):
    options = ["--input-shape", "32,48,1", "--classes", "3", "--batch-sizes", "1,2,3", "--rounds", "1"]
    arguments = ["profile", SMALL, "--dtype", "mixed_bfloat16", "--output", str(tmp_path / "new"), *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert f"| {SMALL} |" in result.stdout
    profile = load_profile(tmp_path / "new")
    assert profile.images == "random, 1 % of the pixels hit"
    assert profile.environment.dtype == "mixed_bfloat16"
    assert (profile.input_shape, profile.classes, profile.data) == ((32, 48, 1), 3, None)
    assert profile.networks[SMALL].quantities.io_wait is None
    assert set(profile.missing) == {"io_wait", "io_thread", "io_thread_copy"}
    assert profile.io == InputQuantities()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"networks": ["resnet15b"]}, UnknownNetwork, "No network 'resnet15b'"),
        ({"networks": []}, BadOption, "No network to measure"),
        ({"batch_sizes": (2, 2, 4)}, BadOption, "Batch sizes 2, 2, 4: expected 3 or more different ones"),
        ({"batch_sizes": (0, 1, 2)}, BadOption, "each 1 or more"),
        ({"rounds": 0}, BadOption, "0 rounds"),
    ],
)
def test_what_cannot_be_measured(arguments, error, message, tmp_path):
    with pytest.raises(error, match=re.escape(message)):
        procedure.profile(**{"networks": SMALL, "input_shape": (64, 64, 3), **arguments}, output=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_data_set_has_its_own_shape(small_data, tmp_path):
    with pytest.raises(BadOption, match=r"has images of \(64, 64, 3\) and 5 classes, but \(64, 64, 3\) and 4"):
        lartpc_zoo.profile(SMALL, small_data, classes=4, output=tmp_path)


def test_a_data_set_without_truth(copy_of_small_data, edit_manifest, tmp_path):
    def without_truth(content):
        for sample in content["samples"].values():
            sample["labelled"] = False

    edit_manifest(copy_of_small_data, without_truth)
    with pytest.raises(Unlabelled, match="no sample has truth"):
        lartpc_zoo.profile(SMALL, copy_of_small_data, output=tmp_path)


def test_batch_sizes_of_the_command_are_numbers():
    result = CliRunner().invoke(main, ["profile", SMALL, "--batch-sizes", "1,two"])
    assert result.exit_code == 1
    assert "--batch-sizes '1,two': expected whole numbers with commas" in result.stderr


def test_a_submanifold_network_is_measured_on_sites_with_the_events_of_a_data_set(small_data, tmp_path):
    name = f"{SMALL}_sub"
    profile = lartpc_zoo.profile(name, small_data, batch_sizes=SIZES, rounds=1, output=tmp_path / "profile")
    network = profile.networks[name]
    info = network_info(name, data=small_data)
    assert network.execution == "sites"
    assert (network.macs, network.activations_mb) == (info.macs, info.activations_mb)
    assert np.min(network.quantities.forward_backward.values) > 0
    assert f"run on sites: {name}." in (tmp_path / "profile" / "table2.md").read_text()
    assert load_profile(tmp_path / "profile") == profile


def test_without_data_a_submanifold_network_cannot_be_measured(tmp_path):
    with pytest.raises(BadOption, match=f"{SMALL}_sub: what a submanifold network costs depends on its events"):
        lartpc_zoo.profile([SMALL, f"{SMALL}_sub"], input_shape=(64, 64, 3), output=tmp_path / "profile")
    assert not (tmp_path / "profile").exists()
