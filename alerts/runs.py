"""What backtests and measures of the forecast share: whose projects they replay, and progress."""

import time
from collections.abc import Callable
from typing import Any

from alerts.models.run import Run
from projects.models import Project, Region

Progress = Callable[[int, int], None]
"""Told now and then as days are replayed: days done, days in all."""
_EVERY = 0.5
"""Seconds between two marks of progress in the run's row."""


def chosen(territory: Region, codes: Any = ()) -> frozenset[int] | None:
    """The projects of a territory (those of these codes, when any are named) by primary key; None
    for the whole city."""
    if not codes and territory.parent_id is None:
        return None
    return frozenset(inside(territory, codes).values_list("pk", flat=True))


def inside(territory: Region, codes: Any = ()) -> Any:
    """The projects of a territory; those of these codes, when any are named."""
    found = Project.objects.filter(region__code__startswith=territory.prefix)
    return found.filter(code__in=codes) if codes else found


def teller(made: Run, also: Progress) -> Progress:
    """Marks the progress in the run's row, not too often, and tells `also`."""
    rows, told = type(made)._default_manager.filter(pk=made.pk), time.perf_counter()

    def tell(done: int, total: int) -> None:
        nonlocal told
        if time.perf_counter() - told > _EVERY or done == total:
            told = time.perf_counter()
            rows.update(days_done=done)
        also(done, total)

    return tell
