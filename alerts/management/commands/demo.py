"""manage.py demo: the made-up city in this database, through the same pipeline that users use."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from alerts.models import Evaluation, Level, Warning
from alerts.rules import catalogue
from alerts.simulation import demo
from payroll.models import Feed


class Command(BaseCommand):
    help = "Load a made-up city through the real feeds, evaluate it, and make a login per role."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--projects", type=int, default=40)
        parser.add_argument("--workers", type=int, help="default: 75 a project")
        parser.add_argument("--months", type=int, default=6)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        if Feed.objects.exclude(channel__in=("demo", "web")).exists():
            raise CommandError("this database holds feeds of its own; the demo needs an empty one")
        size = {name: options[name] for name in ("projects", "months", "seed")}
        workers = options["workers"] or 75 * options["projects"]
        with override("zh-hans"):
            logins = demo.build(settings.DATA_DIR, workers=workers, say=self._say, **size)
            self._found()
            self._say("\n登录 logins (密码 password: " + demo.password(settings.DATA_DIR) + ")")
            for name, what in logins:
                self._say(f"  {name:<11} {what}")

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def _found(self) -> None:
        """What the engine sees on the last day judged: by rule and level, and the worst three."""
        as_of = Evaluation.objects.latest("as_of").as_of
        opened = list(Warning.objects.open().select_related("project", "company"))
        folded = sum(w.folded_under_id is not None for w in opened)
        self._say(f"\n{as_of}: {len(opened)} warnings open, {folded} of them folded under another")
        levels = Counter((w.rule, w.level) for w in opened)
        for (rule, level), count in sorted(levels.items()):
            label = Level(level).name.lower()
            self._say(f"  {rule}  {label:<7} {count:>3}  {catalogue()[rule].title}")
        for warning in [w for w in opened if w.folded_under_id is None][:3]:
            self._say(
                f"  e.g. {warning.rule} {warning.project.name} {warning.company.name} "
                f"{warning.month or ''}: {warning.workers} workers, CNY {warning.amount}"
            )
