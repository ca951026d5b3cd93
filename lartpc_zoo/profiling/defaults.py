"""What a profile measures where nothing is named."""

BATCH_SIZES = (1, 2, 3, 4, 5, 6, 8, 12, 16)
ROUNDS = 5
DTYPE = "float32"
OUTPUT = "profile"
