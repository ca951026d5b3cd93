"""The formats in which networks are exported."""

ONNX, SAVED_MODEL = "onnx", "saved_model"
FORMATS = (ONNX, SAVED_MODEL)
