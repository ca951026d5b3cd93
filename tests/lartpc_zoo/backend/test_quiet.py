import os
import subprocess
import sys

import pytest

from lartpc_zoo.backend.quiet import is_remark, without_remarks

REMARKS = [
    "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR",
    "I0000 00:00:1795874013.889108   20753 port.cc:153] oneDNN custom operations are on. You may see",
    "I0000 00:00:1795874013.889478   20753 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU",
    "2026-01-02 03:04:05.678901: I tensorflow/core/util/port.cc:153] oneDNN custom operations are on.",
    "To enable the following instructions: AVX2 AVX512F FMA, in other operations, rebuild TensorFlow with the",
    "E0000 00:00:1795874016.671376   20753 cuda_platform.cc:52] failed call to cuInit: INTERNAL: UNKNOWN ERROR (303)",
    "E0000 00:00:1795874016.671376   20753 cuda_dnn.cc:8579] Unable to register cuDNN factory: Attempting to register",
]
WORTH_KNOWING = [
    "E0000 00:00:1795874016.671376   20753 cuda_platform.cc:52] failed call to cuInit: CUDA_ERROR_SYSTEM_NOT_READY",
    "W0000 00:00:1795874016.671376   20753 gpu_device.cc:2342] Cannot dlopen some GPU libraries. Please make sure the",
    "2026-01-02 03:04:05.678901: F tensorflow/core/platform/cpu_feature_guard.cc:37] The TensorFlow library was",
    "UserWarning: this is of another package",
    "Traceback (most recent call last):",
]


@pytest.mark.parametrize("line", REMARKS)
def test_remarks_of_tensorflow_are_known(line):
    assert is_remark(line)


@pytest.mark.parametrize("line", WORTH_KNOWING)
def test_what_is_worth_knowing_is_no_remark(line):
    assert not is_remark(line)


def test_everything_but_remarks_is_passed_on_in_its_order(capfd):
    with without_remarks():
        os.write(2, f"{REMARKS[1]}\n{WORTH_KNOWING[0]}\n".encode())
        os.write(2, f"{WORTH_KNOWING[3]}\n{REMARKS[0]}".encode())
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == f"{WORTH_KNOWING[0]}\n{WORTH_KNOWING[3]}\n"


def test_nothing_is_lost_where_an_import_fails(capfd):
    with pytest.raises(ImportError, match="broken"), without_remarks():
        os.write(2, f"{WORTH_KNOWING[1]}\n".encode())
        raise ImportError("broken")
    assert capfd.readouterr().err == f"{WORTH_KNOWING[1]}\n"


@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_process_that_loads_the_backend_says_nothing(backend):
    code = "from lartpc_zoo.backend.quiet import load_backend\nload_backend('lartpc_zoo.zoo')\n"
    code += "import keras; keras.ops.sum(keras.ops.ones((3, 3)))"
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"}
    environment["KERAS_BACKEND"] = backend
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert (result.stdout, result.stderr) == ("", "")


def test_a_process_without_standard_error_loads_it_too():
    code = "import os; os.close(2)\nfrom lartpc_zoo.backend.quiet import without_remarks\n"
    code += "with without_remarks(): print('done')"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "done\n"
