"""Methods of the interface: one file per group; this module finds them.

To add a method: one new file that registers it.
"""

import importlib
import pkgutil
from functools import cache

from payroll.gateway.methods.base import METHODS, Method, Push, Query

__all__ = ["Method", "Push", "Query", "find", "methods", "pushes"]


@cache
def methods() -> dict[str, Method]:
    """By name."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(sorted(METHODS.items()))


@cache
def _by_lower_name() -> dict[str, Method]:
    return {name.lower(): method for name, method in methods().items()}


def find(name: str) -> Method | None:
    return _by_lower_name().get(name.lower())


def pushes() -> list[Push]:
    return [method for method in methods().values() if isinstance(method, Push)]
