"""The rule catalogue as a Markdown page, from the rules themselves: `manage.py rules`."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import override

from alerts.law import article
from alerts.rules import catalogue
from alerts.rules.base import STAGES, Rule

HEAD = """# The rules

Written by `manage.py rules` from the rules themselves; a test keeps it so. A warning carries its
evidence, clears itself when later data show the duty met, and reopens as the same warning. Where
the catalogue leaves room, [decision 0005](decisions/0005-readings-of-the-rules.md) says how it is
read.
"""


class Command(BaseCommand):
    help = "Print the rule catalogue as a Markdown page (docs/rules.md)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")


def page() -> str:
    with override("en"):
        parts = [HEAD]
        for stage in STAGES:
            rules = [rule for rule in catalogue().values() if rule.stage == stage]
            if rules:
                parts.append(f"## {stage.en} {stage.zh}\n")
                parts += [_section(rule) for rule in rules]
        return "\n".join(parts)


def _section(rule: Rule) -> str:
    law = "; ".join(f"{key} {article(key).title.zh}" for key in rule.law)
    lines = [
        f"### {rule.code} {rule.title.en} {rule.title.zh}\n",
        f"{rule.why.en}\n",
        f"- **Levels:** {rule.levels.en}",
        f"- **Clears:** {rule.clears.en}",
        f"- **Law:** {law}",
        f"- **Responsible, in order:** {', '.join(rule.responsible)}",
        f"- **Feeds it needs:** {', '.join(rule.needs) or 'none; it rests on acts on record'}",
    ]
    for param in rule.params:
        lines.append(
            f"- **Parameter** `{param.name}`: {param.label.en}, {param.default} {param.unit} "
            f"({param.minimum} to {param.maximum})"
        )
    hidden = sorted({code for fold in rule.hides for code in fold.rules})
    if hidden:
        lines.append(f"- **Folds under it:** {', '.join(hidden)}")
    return "\n".join(lines) + "\n"
