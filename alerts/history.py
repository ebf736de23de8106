"""The history of warnings: undoing the engine's steps after a day, and dismissals on a day."""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from alerts.models import Notice, Warning, WarningEvent
from alerts.rules.base import Scope
from projects.models import Project
from wagewatch import bulk

Act = WarningEvent.Act
Status = Warning.Status

ENGINE_ACTS = (Act.OPENED, Act.RAISED, Act.LOWERED, Act.CLEARED, Act.REOPENED)
PEOPLE_ACTS = tuple(act for act in Act if act not in ENGINE_ACTS)


def lock(project_ids: Collection[int] | None) -> None:
    """Two evaluations of the same projects never run at once (SQLite has one writer anyway).

    On PostgreSQL a transaction-level advisory lock stands for the whole city: an evaluation of
    all takes it alone, one of a few shares it and locks its own projects' rows.
    """
    if connection.vendor != "postgresql":
        return
    function = "pg_advisory_xact_lock" + ("" if project_ids is None else "_shared")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [0x57414745])
    if project_ids is not None:
        list(
            Project.objects.select_for_update(no_key=True)  # rows that point to it may be written
            .filter(pk__in=project_ids)
            .order_by("pk")
            .values_list("pk", flat=True)
        )


def lock_after() -> None:
    """What is judged for the whole city, from warnings, is judged by one evaluation at a time."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [0x57414746])


def rewind(as_of: dt.date, scope: Scope, rules: Collection[str] | None = None) -> int:
    """Undo the engine's steps dated after `as_of` (of these rules, where given); gives the number
    of warnings touched.

    A warning that only those steps had made is removed, unless a person has acted on it or a
    notice names it: then it stays, cleared. The others go back to their last step left.
    """
    steps = WarningEvent.objects.filter(act__in=ENGINE_ACTS)
    undone = steps.filter(scope.q("warning__project"), on__gt=as_of)
    mine_only = Q() if rules is None else Q(rule__in=rules)
    if rules is not None:
        undone = undone.filter(warning__rule__in=rules)
    touched = set(undone.values_list("warning", flat=True))
    if not touched:
        return 0
    mine = steps.filter(warning=OuterRef("pk"))
    acted = WarningEvent.objects.filter(warning=OuterRef("pk"), act__in=PEOPLE_ACTS)
    noticed = Notice.warnings.through.objects.filter(warning=OuterRef("pk"))
    orphans = Warning.objects.filter(
        Exists(mine.filter(on__gt=as_of)), ~Exists(mine.filter(on__lte=as_of)), scope.q(), mine_only
    )
    orphans.filter(~Exists(acted), ~Exists(noticed)).delete()
    orphans.update(status=Status.CLEARED, cleared_on=as_of, folded_under=None, fingerprint="")
    undone.delete()
    _restore(touched, scope)
    return len(touched)


def _restore(touched: set[int], scope: Scope) -> None:
    """Put the touched warnings back to the last engine step that is left of them."""
    last: dict[int, tuple[str, int, dt.date]] = {}
    steps = WarningEvent.objects.filter(scope.q("warning__project"), act__in=ENGINE_ACTS)
    for pk, act, level, on in steps.order_by("warning", "on", "pk").values_list(
        "warning", "act", "level", "on"
    ):
        if pk in touched:
            last[pk] = (act, level, on)
    restored = list(Warning.objects.filter(scope.q()).defer("evidence"))
    restored = [warning for warning in restored if warning.pk in last]
    for warning in restored:
        act, warning.level, on = last[warning.pk]
        cleared = act == Act.CLEARED
        warning.status = Status.CLEARED if cleared else Status.OPEN
        warning.cleared_on = on if cleared else None
        warning.fingerprint = ""
    bulk.update_each(restored, ["level", "status", "cleared_on", "fingerprint"])


def apply_dismissals(as_of: dt.date, warnings: Iterable[Warning]) -> set[int]:
    """Give each warning that a person has dismissed the standing it has on `as_of`; gives those
    whose dismissal has run out, which the engine reopens or clears.

    Dismissed from the day of the act to `dismissed_until`, unless restored by then.
    """
    concerned = {warning.pk: warning for warning in warnings if warning.dismissed_until}
    if not concerned:
        return set()
    last: dict[int, str] = {}
    acts = WarningEvent.objects.filter(
        warning__dismissed_until__isnull=False,
        on__lte=as_of,
        act__in=(Act.DISMISSED, Act.RESTORED),
    )
    for pk, act in acts.order_by("on", "pk").values_list("warning", "act"):
        last[pk] = act
    moved, lapsed = [], set()
    for pk, warning in concerned.items():
        until = warning.dismissed_until
        dismissed = last.get(pk) == Act.DISMISSED and until is not None and as_of <= until
        if dismissed == (warning.status == Status.DISMISSED):
            continue
        if dismissed:
            warning.status, warning.cleared_on = Status.DISMISSED, None
            warning.folded_under_id = None
        elif pk in last:
            warning.status, warning.cleared_on = Status.CLEARED, as_of
            lapsed.add(pk)
        else:  # judged on a day before the act
            warning.status = Status.OPEN
        warning.fingerprint = ""
        moved.append(warning)
    bulk.update_each(moved, ["status", "cleared_on", "folded_under", "fingerprint"])
    return lapsed
