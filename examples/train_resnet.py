"""From a LArCV file to Table 1: convert, build a network by name, train it under the study's protocol, report.

python examples/train_resnet.py                       # the bundled demo sample, a minute and a half on two cores
python examples/train_resnet.py --data my_file.root --network resnet29b_w2 --recipe my_recipe.yaml
"""

from dataclasses import asdict
from pathlib import Path

import click

import data_tools
import lartpc_zoo
from data_tools.cli.command import clean_errors

DEMO = Path(__file__).parent / "data" / "singles_demo_288.root"


@click.command(context_settings={"show_default": True})
@click.option(
    "--data", default=DEMO, show_default="the bundled demo sample", type=Path, help="LArCV files or a data set."
)
@click.option("--network", default="plainresnet10b_wd4_sub", help="A name of the zoo: lartpc-zoo list.")
@click.option("--recipe", default="quickstart", help="A name in zoo_configs/recipes, or a YAML file.")
@click.option("--output", default="runs", type=Path, help="Folder for the converted data and the run.")
@click.option("--seed", default=1, help="Seed of the training.")
@clean_errors
def main(data, network, recipe, output, seed):
    """Train a network on LArCV files and print the paper's Table 1."""
    network, recipe = lartpc_zoo.parse_network(network), lartpc_zoo.load_recipe(recipe)
    if (data / "manifest.json").is_file():
        dataset = data_tools.open_dataset(data)
    else:
        dataset = data_tools.convert(data, output / f"data-{data.stem}-{recipe.name}", **asdict(recipe.convert))
    print(dataset)

    run = lartpc_zoo.train(network, dataset, output / f"{network}-{recipe.name}-seed{seed}", recipe=recipe, seed=seed)
    print(f"\n{run.table1_markdown()}")
    print(f"Tables, figures, predictions and weights: {run.directory}")


if __name__ == "__main__":
    main()
