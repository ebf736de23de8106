"""Judge the projects as of a day, or day by day up to it:
`manage.py evaluate [--from DATE] [--as-of DATE] [--project CODE]...`."""

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alerts import engine
from projects.models import Project
from wagewatch.calendars import DAY


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


class Command(BaseCommand):
    help = "Judge the projects as of a day, by what was received by then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=day, help="YYYY-MM-DD (default: today)")
        parser.add_argument(
            "--from",
            type=day,
            dest="first",
            help="judge every day from this one on",
        )
        parser.add_argument("--project", action="append", metavar="CODE", help="only this project")
        parser.add_argument("--format", choices=["json", "text"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        last = options["as_of"] or today
        first, chosen = options["first"] or last, _projects(options["project"])
        if first > last:
            raise CommandError(
                f"--from {first} is after {last}, the last day to judge: give an earlier day"
            )
        as_json = options["format"] == "json"

        def tell(done: engine.Summary) -> None:
            said = done.json()
            line = "  ".join(f"{name} {value}" for name, value in said.items())
            self.stdout.write(json.dumps(said) if as_json else line)

        if first == last:
            tell(engine.evaluate(last, chosen, shown_on=today))
        else:
            days = (first + number * DAY for number in range((last - first).days + 1))
            engine.evaluate_days(days, chosen, tell, shown_on=today)


def _projects(codes: list[str] | None) -> list[int] | None:
    if not codes:
        return None
    found = dict(Project.objects.filter(code__in=codes).values_list("code", "pk"))
    if missing := sorted(set(codes) - set(found)):
        raise CommandError(f"no such project: {', '.join(missing)}")
    return list(found.values())
