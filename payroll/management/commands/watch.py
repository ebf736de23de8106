"""manage.py watch: take the files that are put into a folder (payroll/folder.py)."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payroll import folder


class Command(BaseCommand):
    help = "Load files as they are put into a folder, by SFTP say; each gets a report beside it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path)
        parser.add_argument("--once", action="store_true", help="take what is there and end")
        parser.add_argument("--interval", type=float, default=5, help="seconds between two looks")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["directory"]
        if not root.is_dir():
            raise CommandError(f"no such directory: {root}")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        for report in folder.watch(root, options["interval"], options["once"]):
            if options["format"] == "json":
                self.stdout.write(json.dumps(report, ensure_ascii=False))
            else:
                self.stdout.write(f"{report['kept']}: {report['status']}")
            self.stdout.flush()
