"""`python -m lartpc_zoo` is `lartpc-zoo`."""

from lartpc_zoo.cli.main import main

main(prog_name="lartpc-zoo")
