"""Events as sharded TFRecords, and back as batches."""
