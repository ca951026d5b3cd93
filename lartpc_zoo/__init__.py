"""A Keras zoo of networks that tell particles apart in LArTPC wire-plane images."""

from data_tools import lazy

__getattr__, __dir__, __all__ = lazy.attach(
    __name__,
    {
        "InputSpec": "lartpc_zoo.models.inputs",
        "NetworkSpec": "lartpc_zoo.models.spec",
        "archive": "lartpc_zoo.pretrained.archiving",
        "card": "lartpc_zoo.pretrained.catalogue",
        "classify": "lartpc_zoo.zoo",
        "create_model": "lartpc_zoo.zoo",
        "evaluate": "lartpc_zoo.zoo",
        "export": "lartpc_zoo.zoo",
        "list_models": "lartpc_zoo.zoo",
        "load_pretrained": "lartpc_zoo.pretrained.loading",
        "load_recipe": "lartpc_zoo.training.recipe",
        "load_study": "lartpc_zoo.training.study",
        "network_info": "lartpc_zoo.models.registry",
        "open_run": "lartpc_zoo.training.run",
        "parse_network": "lartpc_zoo.models.spec",
        "profile": "lartpc_zoo.profiling.profile",
        "publish": "lartpc_zoo.pretrained.publishing",
        "report": "lartpc_zoo.reporting.report",
        "run_study": "lartpc_zoo.training.study",
        "train": "lartpc_zoo.training.train",
    },
)
