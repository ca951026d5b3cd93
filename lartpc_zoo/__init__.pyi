from lartpc_zoo.models.catalogue import network_info as network_info
from lartpc_zoo.models.execution import Executed as Executed
from lartpc_zoo.models.execution import executed as executed
from lartpc_zoo.models.input_spec import InputSpec as InputSpec
from lartpc_zoo.models.spec import NetworkSpec as NetworkSpec
from lartpc_zoo.models.spec import parse_network as parse_network
from lartpc_zoo.pretrained.archiving import archive as archive
from lartpc_zoo.pretrained.catalogue import card as card
from lartpc_zoo.pretrained.loading import load_pretrained as load_pretrained
from lartpc_zoo.pretrained.publishing import publish as publish
from lartpc_zoo.profiling.profile import profile as profile
from lartpc_zoo.reporting.report import report as report
from lartpc_zoo.training.jobs import run_study as run_study
from lartpc_zoo.training.recipe import load_recipe as load_recipe
from lartpc_zoo.training.run import open_run as open_run
from lartpc_zoo.training.study import load_study as load_study
from lartpc_zoo.training.train import train as train
from lartpc_zoo.zoo import classify as classify
from lartpc_zoo.zoo import create_model as create_model
from lartpc_zoo.zoo import evaluate as evaluate
from lartpc_zoo.zoo import export as export
from lartpc_zoo.zoo import list_models as list_models
from lartpc_zoo.zoo import robustness as robustness
from lartpc_zoo.zoo import score as score
from lartpc_zoo.zoo import score_files as score_files

__version__: str
