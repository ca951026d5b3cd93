"""Names of dtype policies, without Keras: recipes and command lines know them before it is loaded."""

AUTO = "auto"
"""What the machine is fast at."""
HALF = "mixed_bfloat16"
MEASURED_IN = "float32"
"""The policy in which testA and testB are scored, whatever the policy of the training."""
DTYPES = (AUTO, "float32", HALF)
