"""The coming paydays, and how near the forecasts of past ones came:

manage.py forecast [--as-of DATE] [--days 10] [--project CODE]... [--format json]
manage.py forecast --accuracy [--from DATE --to DATE] [--format json]
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from alerts import forecast
from alerts.forecast import accuracy
from alerts.management.commands.evaluate import _projects, day
from payroll import past, paydays
from projects.models import Project, Region
from wagewatch.calendars import DAY


class Command(BaseCommand):
    help = "Shortfalls at the coming paydays, by what was known on a day; or their accuracy."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=day, help="YYYY-MM-DD (default: today)")
        parser.add_argument("--days", type=int, default=forecast.AHEAD, help="days ahead")
        parser.add_argument("--project", action="append", metavar="CODE", help="only this project")
        parser.add_argument("--accuracy", action="store_true", help="measure over past paydays")
        parser.add_argument("--from", dest="first", type=day, help="first payday measured")
        parser.add_argument("--to", dest="last", type=day, help="last payday measured")
        parser.add_argument("--format", choices=["json", "text"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accuracy"]:
            self._accuracy(options)
            return
        as_of = options["as_of"] or timezone.localdate()
        projects = _projects(options["project"])
        paydays.fill(None)
        with past.known_on(as_of, projects):
            made = forecast.coming(as_of, projects)
        made = [one for one in made if one.payday <= as_of + options["days"] * DAY]
        made.sort(key=lambda one: (-(one.shortfall or 0), one.payday, one.project))
        codes = dict(
            Project.objects.filter(pk__in=[one.project for one in made]).values_list("pk", "code")
        )
        rows = [_row(codes[one.project], one) for one in made]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, cls=DjangoJSONEncoder))
            return
        for row in rows:
            self.stdout.write("  ".join(f"{v}" for v in row.values() if not isinstance(v, list)))

    def _accuracy(self, options: dict[str, Any]) -> None:
        first, last = accuracy.span(timezone.localdate())
        city = Region.objects.filter(parent=None).order_by("code").first()
        if city is None:
            raise CommandError("no region is known")
        try:
            made = accuracy.make(options["first"] or first, options["last"] or last, territory=city)
        except ValueError as error:
            raise CommandError(str(error)) from error
        made = accuracy.run(made.pk)
        if options["format"] == "json":
            self.stdout.write(json.dumps(made.answer, cls=DjangoJSONEncoder))
            return
        result = made.answer
        self.stdout.write(
            f"{made.first} - {made.last}: {result['paydays']} paydays of projects, "
            f"{result['short']} short of money, {result['late']} late though it was there "
            f"({made.seconds:.1f} s)"
        )
        for lead, tally in result["leads"].items():
            late = tally.pop("late")
            for name, told in (("days before", tally), ("by its record of lateness", late)):
                shown = "  ".join(f"{key} {value}" for key, value in told.items())
                self.stdout.write(f"{lead:>3} {name}: {shown}")


def _row(code: str, one: forecast.Outlook) -> dict[str, Any]:
    return {
        "project": code,
        "payday": one.payday,
        "month": str(one.month),
        "needed": one.needed,
        "balance": one.balance,
        "expected": one.expected.amount,
        "shortfall": one.shortfall,
        "least": one.least,
        "most": one.most,
        "confidence": one.confidence.name.lower(),
        "sheets_missing": one.sheets_missing,
        "reasons": one.reasons,
    }
