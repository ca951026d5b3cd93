"""A Keras zoo of networks that tell particles apart in LArTPC wire-plane images."""

from data_tools import lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    {
        "list_models": "lartpc_zoo.models.registry",
        "create_model": "lartpc_zoo.models.registry",
        "network_info": "lartpc_zoo.models.registry",
        "InputSpec": "lartpc_zoo.models.inputs",
        "card": "lartpc_zoo.pretrained.loading",
        "load_pretrained": "lartpc_zoo.pretrained.loading",
        "classify": "lartpc_zoo.scoring",
        "NetworkSpec": "lartpc_zoo.models.spec",
        "parse": "lartpc_zoo.models.spec",
        "load_recipe": "lartpc_zoo.training.recipe",
        "train": "lartpc_zoo.procedure",
        "evaluate": "lartpc_zoo.scoring",
        "export": "lartpc_zoo.exporting",
        "open_run": "lartpc_zoo.runs",
        "profile": "lartpc_zoo.profiling.procedure",
        "archive": "lartpc_zoo.archiving",
        "publish": "lartpc_zoo.pretrained.publishing",
        "report": "lartpc_zoo.reporting.procedure",
        "load_study": "lartpc_zoo.study",
        "run_study": "lartpc_zoo.study",
    },
)
