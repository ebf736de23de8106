"""List warnings: `manage.py warnings [--status open|cleared|all] [--rule CODE]`, as JSON lines."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from alerts.models import Level, Warning

_COLUMNS = ("id", "rule", "level", "status", "project", "company", "month", "workers", "amount")


class Command(BaseCommand):
    help = "Warnings as JSON lines, or as a table with --format text."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--status", choices=["open", "cleared", "dismissed", "all"], default="open"
        )
        parser.add_argument("--rule", metavar="CODE")
        parser.add_argument("--project", metavar="CODE")
        parser.add_argument("--format", choices=["json", "text"], default="json")

    def handle(self, *args: Any, **options: Any) -> None:
        warnings = Warning.objects.select_related("project", "company").order_by("pk")
        if options["status"] != "all":
            warnings = warnings.filter(status=options["status"])
        if options["rule"]:
            warnings = warnings.filter(rule=options["rule"])
        if options["project"]:
            warnings = warnings.filter(project__code=options["project"])
        text = options["format"] == "text"
        if text:
            self.stdout.write("\t".join(_COLUMNS))
        for warning in warnings.iterator(chunk_size=500):
            row = as_json(warning)
            self.stdout.write(
                "\t".join(str(row[name] or "") for name in _COLUMNS)
                if text
                else json.dumps(row, ensure_ascii=False)
            )


def as_json(warning: Warning) -> dict[str, Any]:
    """One warning for scripts; names and keys are a contract."""
    return {
        "id": warning.pk,
        "rule": warning.rule,
        "level": Level(warning.level).name.lower(),
        "status": warning.status,
        "project": warning.project.code,
        "company": warning.company.code,
        "month": str(warning.month) if warning.month else None,
        "subject": warning.subject,
        "workers": warning.workers,
        "amount": f"{warning.amount:.2f}",
        "opened_on": warning.opened_on.isoformat(),
        "cleared_on": warning.cleared_on.isoformat() if warning.cleared_on else None,
        "folded_under": warning.folded_under_id,
        "evidence": warning.evidence,
    }
