"""Names of the ways to run a network, without Keras: recipes and command lines know them before it is loaded."""

AUTO = "auto"
"""Sites for a submanifold network on a CPU, images elsewhere."""
IMAGES = "images"
SITES = "sites"
EXECUTIONS = (AUTO, IMAGES, SITES)
