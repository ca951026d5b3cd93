import json
import re
import shutil
import time

import keras
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import lartpc_zoo
from data_tools.errors import BadOption
from lartpc_zoo.backend.memory import find_meter
from lartpc_zoo.cli.main import main
from lartpc_zoo.errors import BadProfile, UnknownNetwork, Unlabelled
from lartpc_zoo.models.catalogue import network_info
from lartpc_zoo.profiling import profile as procedure
from lartpc_zoo.profiling import reading, timing
from lartpc_zoo.profiling.fits import quantity
from lartpc_zoo.profiling.record import IO_QUANTITIES, NETWORK_QUANTITIES, load_profile
from lartpc_zoo.profiling.table import table2, table2_fixed

SMALL = "plainresnet10b_wd16"
SIZES = [1, 2, 4]


@pytest.fixture(scope="module")
def measured(small_data, tmp_path_factory):
    """(what profile returned, its directory) of one network on small_data."""
    output = tmp_path_factory.mktemp("profile")
    return lartpc_zoo.profile(SMALL, small_data, batch_sizes=(4, 1, 2), rounds=2, output=output), output


@pytest.fixture
def without_data(measured):
    """A profile as it is without a data set."""
    content = json.loads(json.dumps(measured[0]))
    content["data"], content["io"] = None, dict.fromkeys(IO_QUANTITIES)
    content["networks"][SMALL]["quantities"]["io_wait"] = None
    content["missing"] = dict.fromkeys(("io_wait", *IO_QUANTITIES), "measured without a data set")
    return content


def test_a_profile_holds_every_quantity_of_table_2(measured, small_data):
    content, _ = measured
    assert content["data"] == small_data.fingerprint
    assert (content["input_shape"], content["classes"]) == ([64, 64, 3], 5)
    assert (content["batch_sizes"], content["rounds"], content["missing"]) == (SIZES, 2, {})
    network = content["networks"][SMALL]
    info = network_info(SMALL, small_data.image_shape)
    assert all(network[cost] == info[cost] for cost in ("parameters", "macs", "activations_mb"))
    for quantities, units in ((network["quantities"], NETWORK_QUANTITIES), (content["io"], IO_QUANTITIES)):
        assert {name: found["unit"] for name, found in quantities.items()} == units
        for found in quantities.values():
            assert found["batch_sizes"] == SIZES
            assert np.shape(found["values"]) == (3, 2)
    for name in ("forward", "forward_backward", "io_wait"):
        assert np.min(network["quantities"][name]["values"]) > 0
    training, forward = (network["quantities"][name] for name in ("forward_backward", "forward"))
    assert np.median(training["values"]) > np.median(forward["values"])


def test_a_peak_is_that_of_the_work_and_is_forgotten():
    _, meter = find_meter()
    before = meter(lambda: None)
    peak = meter(lambda: keras.ops.ones(25_000_000))
    assert 90 < peak - before < 300  # 100 MB, and what making them may need
    assert meter(lambda: None) < peak - 80


def test_nothing_published_says_who_or_where(measured, small_data):
    text = (measured[1] / "profile.json").read_text()
    assert str(small_data.directory) not in text
    assert set(measured[0]["environment"]) == {
        *("versions", "keras_backend", "machine", "system", "cpus", "device", "dtype", "memory")
    }


def test_the_files(measured):
    content, output = measured
    names = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    assert names == {
        "profile.json",
        *(f"{name}.{kind}" for name in ("table2", "table2_fixed") for kind in ("csv", "md", "tex")),
        *("figures/table2_fits.png", "figures/table2_fits.pdf"),
    }
    assert load_profile(output) == load_profile(output / "profile.json") == content
    frame = pd.read_csv(output / "table2.csv")
    assert frame["Forward [ms]"][0] == pytest.approx(content["networks"][SMALL]["quantities"]["forward"]["slope"])


def test_the_table_prints_slopes_and_intercepts_with_errors(measured):
    content = json.loads(json.dumps(measured[0]))
    content["networks"][SMALL]["quantities"]["forward"] |= {
        "slope": 1.234,
        "slope_error": 0.012,
        "intercept": 3.4,
        "intercept_error": 0.56,
    }
    table = table2(content)
    printed = dict(zip(table.header(), table.rows()[0]))
    assert table.name == "table2"
    assert printed["Forward [ms]"] == "1.234 ± 0.012"
    fixed = table2_fixed(content)
    assert fixed.name == "table2_fixed"
    assert dict(zip(fixed.header(), fixed.rows()[0]))["Forward [ms]"] == "3.40 ± 0.56"
    for part in (
        "batches of 1, 2, 4",
        "64 x 64 x 3",
        content["data"][:12],
        content["environment"]["device"],
        "float32",
    ):
        assert part in table.caption


def test_what_was_not_measured_is_a_dash_with_its_reason(without_data, tmp_path):
    table = table2(without_data)
    for half in (table, table2_fixed(without_data)):
        printed = dict(zip(half.header(), half.rows()[0]))
        assert printed["IO wait [ms]"] == printed["IO thread copy [ms]"] == "–"
    assert "IO thread: measured without a data set." in table.caption
    (tmp_path / "profile.json").write_text(json.dumps(without_data))
    assert load_profile(tmp_path) == without_data


def test_without_data_and_in_bfloat16_by_the_command(tmp_path):
    options = ["--input-shape", "32,48,1", "--classes", "3", "--batch-sizes", "1,2,3", "--rounds", "1"]
    arguments = ["profile", SMALL, "--dtype", "mixed_bfloat16", "--output", str(tmp_path / "new"), *options]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert f"| {SMALL} |" in result.stdout
    content = load_profile(tmp_path / "new")
    assert content["images"] == "random, 1 % of the pixels hit"
    assert content["environment"]["dtype"] == "mixed_bfloat16"
    assert (content["input_shape"], content["classes"], content["data"]) == ([32, 48, 1], 3, None)
    assert content["networks"][SMALL]["quantities"]["io_wait"] is None
    assert content["io"] == {"io_thread": None, "io_thread_copy": None}


def test_five_milliseconds_per_image_are_five_milliseconds_of_the_input_thread(small_data):
    fast = reading.reader_of(small_data, "train")

    def slow(batch_size, dense):
        for batch in fast(batch_size, dense):
            # Once per batch: a busy machine wakes up late, and that shall not count once per image.
            time.sleep(0.005 * batch_size)
            yield batch

    before, after = (
        {name: quantity("ms", values) for name, values in reading.measure_reading(reader, [1, 4, 8, 12], 5).items()}
        for reader in (fast, slow)
    )
    assert after["io_thread"]["slope"] - before["io_thread"]["slope"] == pytest.approx(5, abs=1)
    assert after["io_thread_copy"]["slope"] - before["io_thread_copy"]["slope"] == pytest.approx(0, abs=1)


def test_the_input_thread_reads_the_events_of_the_shards(small_data):
    reader = reading.reader_of(small_data, "train")
    images, labels = next(iter(reader(7, True)))
    expected_images, expected_labels = next(iter(small_data.tf_dataset("train", 7)))
    np.testing.assert_array_equal(images, expected_images)
    np.testing.assert_array_equal(labels, expected_labels)
    hits, index, value, labels = next(iter(reader(7, False)))
    np.testing.assert_array_equal(labels, expected_labels)
    assert int(sum(hits)) == len(index) == len(value) == np.count_nonzero(images)
    batches = iter(reader(15, False))
    assert [len(next(batches)[0]) for _ in range(4)] == [15] * 4  # endless


def test_why_the_input_thread_is_not_measured(monkeypatch):
    assert reading.why_not() is None
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    assert "only Keras on TensorFlow" in reading.why_not()


def test_a_line_is_found_with_its_errors():
    found = quantity("ms", {size: [2.0 * size + 3.0, 2.0 * size + 3.0, 1000.0] for size in (4, 1, 2)})
    assert (found["slope"], found["intercept"]) == (pytest.approx(2), pytest.approx(3))
    assert found["slope_error"] == pytest.approx(0, abs=1e-9)
    assert (found["batch_sizes"], found["values"][0]) == ([1, 2, 4], [5.0, 5.0, 1000.0])
    # By hand: variance of the residuals 6 / (3 - 2), so errors sqrt(6 / 2) and sqrt(6 * (1 / 3 + 2**2 / 2)).
    bent = quantity("ms", {1: [1.0], 2: [-2.0], 3: [1.0]})
    assert bent["slope"] == pytest.approx(0, abs=1e-9)
    assert (bent["slope_error"], bent["intercept_error"]) == (pytest.approx(3**0.5), pytest.approx(14**0.5))


def test_a_machine_that_gets_slower_makes_no_slope():
    clock = iter(range(10_000))
    values = timing.rounds_of(lambda size: {"t": 100 + 0.1 * next(clock)}, SIZES, 51)
    assert quantity("ms", values["t"])["slope"] == pytest.approx(0, abs=0.3)
    assert {size: len(found) for size, found in values["t"].items()} == dict.fromkeys(SIZES, 51)


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


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content.pop("io"), "io is missing"),
        (lambda content: content["environment"].pop("device"), "environment: device missing"),
        (lambda content: content.update(networks={}), "it has no networks"),
        (lambda content: content["networks"][SMALL].update(macs="many"), f"network {SMALL}: expected numbers"),
        (
            lambda content: content["networks"][SMALL]["quantities"].pop("forward"),
            "expected the quantities peak_memory",
        ),
        (lambda content: content["io"]["io_thread"].update(slope=None), "io: io_thread is damaged"),
        (lambda content: content["io"]["io_thread"]["values"].pop(), "io: io_thread is damaged"),
    ],
)
def test_a_damaged_profile(damage, message, measured, tmp_path):
    content = json.loads(json.dumps(measured[0]))
    damage(content)
    (tmp_path / "profile.json").write_text(json.dumps(content))
    with pytest.raises(BadProfile, match=re.escape(message)) as caught:
        load_profile(tmp_path)
    assert str(tmp_path / "profile.json") in str(caught.value)


def test_no_profile(measured, tmp_path):
    with pytest.raises(BadProfile, match="no such file"):
        load_profile(tmp_path)
    cut = shutil.copy(measured[1] / "profile.json", tmp_path / "cut.json")
    (tmp_path / "cut.json").write_text((tmp_path / "cut.json").read_text()[:-10])
    with pytest.raises(BadProfile, match="cannot be read"):
        load_profile(cut)
