"""What a training takes where nothing is named."""

RECIPE = "zoo"
SEED = 0
