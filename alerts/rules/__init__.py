"""The rule catalogue: every module named like a rule (`E1_missed_cycle.py`) brings its class.

Adding a rule is adding a file; nothing else is edited.
"""

import importlib
import pkgutil
import re
from functools import cache

from alerts.rules.base import Rule

_NAME = re.compile(r"[A-I]\d_\w+\Z")


@cache
def catalogue() -> dict[str, Rule]:
    """The rules that open warnings, by code, in the order of the catalogue."""
    return {code: rule for code, rule in everything().items() if rule.live}


@cache
def everything() -> dict[str, Rule]:
    """The catalogue and the rules on trial (`live = False`), which only a backtest asks."""
    found: dict[str, Rule] = {}
    for module in sorted(info.name for info in pkgutil.iter_modules(__path__)):
        if not _NAME.match(module):
            continue
        for thing in vars(importlib.import_module(f"{__name__}.{module}")).values():
            if isinstance(thing, type) and issubclass(thing, Rule) and "code" in vars(thing):
                assert thing.code == module.split("_")[0], f"{module} holds rule {thing.code}"
                found[thing.code] = thing()
    return found
