"""manage.py reconcile: does the ledger of arrears agree with sheets and payments, to the cent?"""

import datetime as dt
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import Max
from django.utils import timezone

from payroll import reconciliation
from payroll.models import Cycle, Difference, Reconciliation


class Command(BaseCommand):
    help = (
        "Compare cycles and ledger with the raw rows. Exits 1 when a figure differs: each is "
        "printed, stored, and shown to the authorities until a later check finds none."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of",
            type=dt.date.fromisoformat,
            help="YYYY-MM-DD (default: the day the facts speak of)",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        held = Cycle.objects.aggregate(day=Max("as_of"))["day"]
        as_of = options["as_of"] or held or timezone.localdate()
        made = reconciliation.check(as_of, recompute=as_of != held)
        found = [_as_json(difference) for difference in _differences(made)]
        if options["format"] == "json":
            self.stdout.write(json.dumps(_summary(made) | {"differences": found}))
        else:
            self._say(made, found)
        if found:
            sys.exit(1)

    def _say(self, made: Reconciliation, found: list[dict[str, Any]]) -> None:
        summary = "  ".join(f"{name} {value}" for name, value in _summary(made).items())
        self.stdout.write(summary)
        for one in found:
            where = "  ".join(str(value) for value in one.values() if value)
            self.stderr.write(self.style.ERROR(where))
        self.stdout.write(f"{len(found)} differences" if found else "agrees to the cent")


def _differences(made: Reconciliation) -> Any:
    return made.differences.select_related("project", "employer", "account")


def _summary(made: Reconciliation) -> dict[str, Any]:
    return {
        "as_of": made.as_of.isoformat(),
        "cycles": made.cycles,
        "entries": made.entries,
        "workers": made.workers,
        "owed": f"{made.owed:.2f}",
    }


def _as_json(difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind,
        "project": difference.project.code,
        "employer": difference.employer.code if difference.employer else None,
        "month": str(difference.month) if difference.month else None,
        "account": difference.account.number if difference.account else None,
        "held": f"{difference.held:.2f}",
        "raw": f"{difference.raw:.2f}",
    }
