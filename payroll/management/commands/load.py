"""manage.py load FILE... [--kind KIND] [--source SOURCE] [--received-on DATE]
[--format json|text]"""

import datetime as dt
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from payroll import ingest, matching
from payroll.ingest.pipeline import loader_for
from payroll.models import Feed
from projects.models import Source

Job = tuple[Path, str | None, dt.date, str]


class Command(BaseCommand):
    help = "Load feed files; a directory's files in the order and with the days of its manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
        parser.add_argument("--kind")
        parser.add_argument(
            "--source", choices=Source.values, default="", help="Whose registry data it is"
        )
        parser.add_argument("--received-on", type=dt.date.fromisoformat)
        parser.add_argument("--format", choices=["json", "text"], default="text")

    def handle(self, **options: Any) -> None:
        now = timezone.now()
        day = options["received_on"]
        jobs = [
            job
            for path in options["files"]
            for job in jobs_of(
                path, options["kind"], day, timezone.localdate(now), options["source"]
            )
        ]
        reports = []
        touched: set[int] = set()
        for path, kind, received_on, source in jobs:
            with path.open("rb") as file:
                feed = ingest.receive(
                    file,
                    path.name,
                    received_on=received_on,
                    received_at=now,
                    kind=kind,
                    source=source,
                )
            ingest.process(feed, evaluate=False, match=False)
            if feed.status == Feed.Status.ACCEPTED and loader_for(feed.kind).matches:
                touched |= set(feed.projects.values_list("pk", flat=True))
            reports.append(ingest.report(feed) | {"file": str(path)})
            if options["format"] == "text":
                self._say(reports[-1])
        matching.match(touched)
        if options["format"] == "json":
            self.stdout.write(json.dumps(reports, ensure_ascii=False, indent=1))
        if any(r["status"] not in ("accepted", "duplicate") for r in reports):
            raise SystemExit(1)

    def _say(self, report: dict[str, Any]) -> None:
        self.stdout.write(
            f"{report['file']}: {report['kind'] or '?'} {report['status']}, "
            f"{report['accepted']} of {report['rows']} rows"
        )
        for mark, key in (("!", "errors"), ("-", "hints")):
            for issue in report[key]:
                place = " ".join(str(issue[k]) for k in ("sheet", "row") if issue[k])
                self.stdout.write(f"  {mark} {place} [{issue['code']}] {issue['message']}")


def jobs_of(
    path: Path, kind: str | None, day: dt.date | None, today: dt.date, source: str = ""
) -> list[Job]:
    """The files that an argument stands for, each with its kind, day received and source."""
    if not path.exists():
        raise CommandError(f"no such file: {path}")
    if not path.is_dir():
        return [(path, kind, day or today, source)]
    manifest = path / "manifest.json"
    if not manifest.exists():
        files = sorted(p for p in path.iterdir() if p.is_file() and p.name != "truth.json")
        return [(file, kind, day or today, source) for file in files]
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    return [
        (
            path / item["file"],
            kind or item.get("kind"),
            day or dt.date.fromisoformat(item["received_on"]),
            source or item.get("source", ""),
        )
        for item in listed
    ]
