"""From a trained network and a sample to scores, Table 1 and the confusion matrix."""
