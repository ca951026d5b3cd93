"""From a data set to a finished run: protocol, recipe, training loop, run directory, studies."""
