import pickle

import pytest

from data_tools.errors import Argument, BadEntry, BadOption, CorruptFile, UnknownSample, did_you_mean


@pytest.mark.parametrize(
    ("argument", "text"),
    [
        (Argument("output"), "output"),
        (Argument("down_sample", 0), "down_sample=0"),
        (Argument("select", 'a > "b"'), 'select="a > \\"b\\""'),
        (Argument("threshold", None), "threshold=None"),
        (Argument("on", "skip", "zero", key="bad-pixels"), 'on={"bad-pixels": "skip"} or {"bad-pixels": "zero"}'),
    ],
)
def test_an_argument_reads_as_python(argument, text):
    assert str(argument) == text


def test_an_error_has_fields():
    error = BadOption(Argument("value_dtype", "int8"), ": expected float32 or float16.", choices=["float32", "float16"])
    assert str(error) == 'value_dtype="int8": expected float32 or float16.'
    assert (error.option, error.found, error.choices) == ("value_dtype", "int8", ("float32", "float16"))
    assert error.told(lambda argument: "--value-dtype") == "--value-dtype: expected float32 or float16."
    assert isinstance(error, ValueError)


def test_an_error_without_arguments_has_none():
    error = BadEntry("a.root, entry 1: no hits.")
    assert (error.option, error.found, error.arguments) == (None, None, ())


@pytest.mark.parametrize("kind", [CorruptFile, UnknownSample, BadOption])
def test_errors_come_back_whole_from_another_process(kind):
    error = pickle.loads(pickle.dumps(kind("a.root: ", Argument("on", "skip", key="corrupt"), ".", choices="ab")))
    assert type(error) is kind
    assert str(error) == 'a.root: on={"corrupt": "skip"}.'
    assert [argument.key for argument in error.arguments] == ["corrupt"]
    assert error.choices == ("a", "b")


def test_did_you_mean():
    assert did_you_mean("trian", ["train", "testA"]) == " Did you mean train?"
    assert did_you_mean("xyz", ["train"]) == ""
