"""manage.py simulate DIR: a made-up city as feed files, and the truth about it."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alerts.simulation import DEFAULT_END, simulate
from wagewatch.months import Month


class Command(BaseCommand):
    help = "Write a made-up city as feed files in the real formats, with truth.json."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="Made new; what is there is removed")
        parser.add_argument("--projects", type=int, default=40)
        parser.add_argument("--workers", type=int, help="Default: 75 a project")
        parser.add_argument("--months", type=int, default=6)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--end", type=Month.parse, default=DEFAULT_END, help="YYYY-MM")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        directory: Path = options["directory"]
        if (
            directory.exists()
            and any(directory.iterdir())
            and not (directory / "manifest.json").exists()
        ):
            raise CommandError(f"{directory} holds other files; name an empty directory")
        try:
            made = simulate(
                directory,
                projects=options["projects"],
                workers=options["workers"] or 75 * options["projects"],
                months=options["months"],
                seed=options["seed"],
                end=options["end"],
            )
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["format"] == "json":
            self.stdout.write(json.dumps(made, ensure_ascii=False))
        else:
            self.stdout.write(
                f"{made['projects']} projects, {made['workers']} workers, "
                f"{made['months'][0]} to {made['months'][-1]}: {made['files']} files in "
                f"{directory}, {made['planted']} planted facts in truth.json"
            )
