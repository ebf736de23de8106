"""Try a rule on the history:

manage.py backtest --rule E1 --set orange=3 --from 2026-01-01 --to 2026-06-30 [--region CODE]
                   [--step day|week] [--project CODE]... [--format json]
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from alerts import backtest
from alerts.management.commands.evaluate import day
from alerts.models import Backtest
from projects.models import Region


class Command(BaseCommand):
    help = "What a rule would have given on the history with other values; live data stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rule", required=True)
        parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
        parser.add_argument("--from", dest="first", type=day, required=True, help="YYYY-MM-DD")
        parser.add_argument("--to", dest="last", type=day, required=True, help="YYYY-MM-DD")
        parser.add_argument("--region", help="set the values for this region (default: everywhere)")
        parser.add_argument("--step", choices=Backtest.Step.values, default="day")
        parser.add_argument("--project", action="append", default=[], metavar="CODE")
        parser.add_argument("--format", choices=["json", "text"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        city = Region.objects.filter(parent=None).order_by("code").first()
        region = None
        if options["region"]:
            region = Region.objects.filter(code=options["region"]).first()
        if city is None or (options["region"] and region is None):
            raise CommandError(f"no such region: {options['region']}")
        try:
            made = backtest.make(
                options["rule"],
                _values(options["set"]),
                options["first"],
                options["last"],
                territory=city,
                region=region,
                step=options["step"],
                projects=options["project"],
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        made = backtest.run(made.pk, self._progress)
        if options["format"] == "json":
            told = {
                "id": made.pk,
                "rule": made.rule,
                "values": made.values,
                "seconds": made.seconds,
            }
            self.stdout.write(json.dumps(told | made.answer, cls=DjangoJSONEncoder))
            return
        self._tell(made)

    def _progress(self, done: int, total: int) -> None:
        if done == total or done % 30 == 0:
            self.stderr.write(f"  {done} of {total} days")

    def _tell(self, made: Backtest) -> None:
        result = made.answer
        self.stdout.write(f"{made} ({made.days_total} days, {made.seconds:.1f} s, #{made.pk})")
        for name in ("now", "tried"):
            shown = {k: v for k, v in result[name].items() if v or k == "opened"}
            self.stdout.write(f"{name:<6}" + "  ".join(f"{k} {_said(v)}" for k, v in shown.items()))
        if result["kept_as_now"]:
            self.stdout.write(f"note  {result['kept_as_now']['en']}")
        kinds = "  ".join(f"{kind} {count}" for kind, count in result["kinds"].items())
        self.stdout.write(f"same {result['same']}  {kinds}")
        for row in result["differences"][:50]:
            first = [row[v]["first"] if row[v] else "-" for v in ("now", "tried")]
            what = f"{row['project']} {row['company_name']} {row['month']}"
            self.stdout.write(f"  {row['kind']:<10} {what}: {first[0]} -> {first[1]}")


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{k} {v}" for k, v in value.items() if v) + ")"
    return str(value)


def _values(pairs: list[str]) -> dict[str, int]:
    """["orange=3"] -> {"orange": 3}. Raises ValueError."""
    found = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        if not value.lstrip("-").isdigit():
            raise CommandError(f"--set wants NAME=VALUE with a whole number, not {pair!r}")
        found[name.strip()] = int(value)
    return found
