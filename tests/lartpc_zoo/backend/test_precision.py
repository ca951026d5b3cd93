import keras
import pytest

from lartpc_zoo.backend import precision, processor
from lartpc_zoo.backend.precision import resolve
from lartpc_zoo.errors import BadInput
from lartpc_zoo.models.registry import create_model


@pytest.fixture
def cpu(monkeypatch, tmp_path):
    def has(flags):
        monkeypatch.setattr(precision, "gpu_capabilities", list)
        monkeypatch.setattr(processor, "_CPU_INFO", tmp_path / "cpuinfo")
        (tmp_path / "cpuinfo").write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n")

    return has


@pytest.mark.parametrize(
    ("flags", "policy"),
    [
        ("fpu sse avx512f avx512_bf16 vme", "mixed_bfloat16"),
        ("fpu amx_bf16", "mixed_bfloat16"),
        ("fpu avx512f avx512_vnni", "float32"),
    ],
)
def test_auto_on_a_processor(flags, policy, cpu):
    cpu(flags)
    assert resolve("auto") == policy


@pytest.mark.parametrize(
    ("capabilities", "policy"), [([(9, 0)], "mixed_bfloat16"), ([(8, 0), (7, 5)], "float32"), ([(0, 0)], "float32")]
)
def test_auto_on_gpus_is_what_all_of_them_have(capabilities, policy, cpu, monkeypatch):
    cpu("fpu amx_bf16")
    monkeypatch.setattr(precision, "gpu_capabilities", lambda: capabilities)
    assert resolve("auto") == policy


def test_auto_where_the_system_does_not_tell_is_float32(cpu, monkeypatch, tmp_path):
    cpu("fpu")
    monkeypatch.setattr(processor, "_CPU_INFO", tmp_path / "nothing")
    assert resolve("auto") == "float32"


def test_a_policy_is_itself_and_none_is_that_of_keras():
    assert resolve("mixed_bfloat16") == "mixed_bfloat16"
    assert resolve(None) == keras.config.dtype_policy().name


def test_a_policy_that_keras_does_not_know():
    with pytest.raises(BadInput, match="dtype 'bf16': expected auto, float32, mixed_bfloat16"):
        create_model("resnet14b", (64, 64, 3), dtype="bf16")


def test_a_network_takes_auto(cpu):
    cpu("amx_bf16")
    model = create_model("plainresnet10b_wd16", (64, 64, 3), dtype="auto")
    assert model.get_layer("stem_conv").compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().name == "float32"
