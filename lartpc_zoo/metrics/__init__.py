"""Numbers from scores: accuracies with their errors, comparisons, separations, and the tables that show them."""
