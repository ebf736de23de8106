"""Register the nightly evaluation and the work sweeper with django-q2."""

from typing import Any

from django.core.management.base import BaseCommand

from alerts import tasks


class Command(BaseCommand):
    help = "Register the standing background tasks. Safe to run again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{tasks.schedule()} new, {len(tasks.SCHEDULES)} in all")
