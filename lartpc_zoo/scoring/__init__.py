"""From files to scores, batch by batch: constant memory, no data set in between."""
