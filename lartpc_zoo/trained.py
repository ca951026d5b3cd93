"""A trained network wherever it comes from: a Run or a Pretrained, by directory, name or the path of a card.

Both have name, network, trained_on, batch_size, evaluations, weights_sha256, load_model and log_scoring.
"""

from pathlib import Path

from lartpc_zoo.errors import NotARun, NoWeights
from lartpc_zoo.pretrained.loading import Pretrained, open_pretrained
from lartpc_zoo.runs import Run, open_run


def open_trained(what, source=None):
    """The Run or Pretrained of a directory, of the name of a pretrained network or of the path of a card.

    source: place of a pretrained network's weights. Raises NotARun where it is none of them.
    """
    if isinstance(what, Run | Pretrained):
        return what
    if Path(what).is_dir():
        return open_run(what)
    try:
        return open_pretrained(what, source)
    except NoWeights as error:
        raise NotARun(f"{what}: no such directory, so it is not that of a run. {error}") from error
