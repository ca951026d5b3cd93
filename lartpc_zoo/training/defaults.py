"""What a training takes where nothing is named."""

RECIPE = "augmented"
SEED = 0
