"""manage.py notice --warning ID... --type rectification --out FILE: serve a notice on a company."""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import get_language

from alerts import notices
from alerts.models import Notice, Warning
from projects.models import Authority


class Command(BaseCommand):
    help = (
        "制作文书(如限期改正指令书)并保存 PDF。 / Issue a notice on one or several warnings of one "
        "company, number it, keep it and write the PDF to a file."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            *("--warning", "-w"), type=int, nargs="+", action="extend", required=True, metavar="ID"
        )
        parser.add_argument("--type", default="rectification", choices=sorted(notices.documents()))
        parser.add_argument("--out", type=Path, required=True, metavar="FILE")
        parser.add_argument("--due-on", type=dt.date.fromisoformat, metavar="DATE")
        parser.add_argument(
            "--issued-on",
            type=dt.date.fromisoformat,
            metavar="DATE",
            help="The notice's date; what it says is what was known on that day. Default: today. "
            "Give the day of the last evaluation when that was of an earlier or simulated day.",
        )
        parser.add_argument(
            "--authority",
            type=int,
            metavar="ID",
            help="Default: that of the projects' district, else the city's.",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if not out.parent.is_dir() or out.is_dir() or not os.access(out.parent, os.W_OK):
            raise CommandError(f"{out}: 不能写入 / cannot be written")
        try:
            notice = self._issue(options)
            pdf = notices.read(notice)
        except notices.NoticeError as error:
            english = (get_language() or "").startswith("en")
            text = error.message.en if english else f"{error.message.zh} / {error.message.en}"
            raise CommandError(text) from error
        out.write_bytes(pdf)
        self._say(notice, out, options["format"])

    def _issue(self, options: dict[str, Any]) -> Notice:
        wanted = set(options["warning"])
        warnings = list(
            Warning.objects.filter(pk__in=wanted).select_related("company", "project__region")
        )
        if missing := sorted(wanted - {warning.pk for warning in warnings}):
            raise CommandError(f"没有这些预警 / no such warning: {', '.join(map(str, missing))}")
        authority: Authority | None
        if options["authority"] is None:
            authority = notices.authority_for(warnings)
        else:
            authority = Authority.objects.filter(pk=options["authority"]).first()
        if authority is None:
            raise CommandError(f"没有这个机关 / no such authority: {options['authority']}")
        return notices.issue(
            options["type"],
            warnings,
            user=None,
            authority=authority,
            issued_on=options["issued_on"] or timezone.localdate(),
            due_on=options["due_on"],
        )

    def _say(self, notice: Notice, out: Path, format: str) -> None:
        said = {
            "document_number": notice.document_number,
            "sha256": notice.sha256,
            "out": str(out),
            "workers": notice.workers,
            "amount": f"{notice.amount:.2f}",
            "due_on": notice.due_on.isoformat(),
            "issued_on": notice.issued_on.isoformat(),
        }
        if format == "json":
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        for name, value in said.items():
            self.stdout.write(f"{name:16} {value}")
