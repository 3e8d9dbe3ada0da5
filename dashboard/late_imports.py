"""pandas and the functions of pyarrow, each loaded when it is first used: most commands make no frame."""

from __future__ import annotations

from functools import cache
from importlib import import_module, metadata
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow.compute as pc


class LateModule(ModuleType):
    """Stands for a module, which it imports when an attribute is first asked for."""

    def __getattr__(self, name: str) -> Any:
        value = getattr(import_module(self.__name__), name)
        setattr(self, name, value)
        return value


@cache
def pandas_version() -> str:
    """The version of pandas, as it is installed; pandas itself says the same once it is loaded."""
    try:
        return metadata.version("pandas")
    except metadata.PackageNotFoundError:
        return pd.__version__


if not TYPE_CHECKING:
    pd, pc = LateModule("pandas"), LateModule("pyarrow.compute")
