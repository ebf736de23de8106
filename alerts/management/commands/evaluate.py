"""Judge the projects as of a day: `manage.py evaluate --as-of DATE [--project CODE]...`."""

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from alerts import engine
from projects.models import Project


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


class Command(BaseCommand):
    help = "Judge the projects as of a day, by what was received by then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--as-of", type=day, help="YYYY-MM-DD (default: today)")
        parser.add_argument("--project", action="append", metavar="CODE", help="only this project")
        parser.add_argument("--format", choices=["json", "text"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        as_of = options["as_of"] or timezone.localdate()
        summary = engine.evaluate(as_of, _projects(options["project"])).json()
        if options["format"] == "json":
            self.stdout.write(json.dumps(summary))
            return
        self.stdout.write("  ".join(f"{name} {value}" for name, value in summary.items()))


def _projects(codes: list[str] | None) -> list[int] | None:
    if not codes:
        return None
    found = dict(Project.objects.filter(code__in=codes).values_list("code", "pk"))
    if missing := sorted(set(codes) - set(found)):
        raise CommandError(f"no such project: {', '.join(missing)}")
    return list(found.values())
