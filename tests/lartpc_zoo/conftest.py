"""Two devices on a machine without GPUs, for tests of the zoo."""

import tensorflow as tf

# Before TensorFlow starts its runtime, and so before any test runs.
_CPU = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(_CPU, [tf.config.LogicalDeviceConfiguration()] * 2)
