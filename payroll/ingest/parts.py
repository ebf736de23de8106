"""A pay sheet that is one team's part of its month: the lines of the others stay.

The interface sends pay sheets team by team, while a sheet here is project x employer x month and a
new one takes the place of the last. So the new version takes over, from the last one, the lines of
workers of other teams that are not in the push.
"""

from django.db.models import Count, Sum

from payroll.models import Sheet, SheetLine
from payroll.sql import run, table
from projects.models import Engagement

_LINE = table(SheetLine)
_TAKEN = [
    f'"{field.column}"'
    for field in SheetLine._meta.concrete_fields
    if field.name not in ("id", "sheet")
]


def carry(sheet_id: int, team: str) -> None:
    """Fill the new version `sheet_id` up from the version before it."""
    sheet = Sheet.objects.get(pk=sheet_id)
    before = Sheet.objects.filter(
        project=sheet.project_id,
        employer=sheet.employer_id,
        month=sheet.month,
        version__lt=sheet.version,
    ).order_by("-version")
    last = before.values_list("pk", flat=True).first()
    if last is None:
        return
    columns = ", ".join(f"l.{name}" for name in _TAKEN)
    run(
        f"""
        INSERT INTO {_LINE} (sheet_id, {", ".join(_TAKEN)})
        SELECT %s, {columns} FROM {_LINE} l
        JOIN {table(Engagement)} e ON e.id = l.engagement_id
        WHERE l.sheet_id = %s AND e.team <> %s AND NOT EXISTS (
            SELECT 1 FROM {_LINE} n WHERE n.sheet_id = %s
            AND n.engagement_id = l.engagement_id AND n.worked_month = l.worked_month)""",
        [sheet_id, last, team, sheet_id],
    )
    sums = SheetLine.objects.filter(sheet=sheet_id).aggregate(
        people=Count("engagement", distinct=True),
        gross=Sum("gross"),
        deductions=Sum("deductions"),
        net=Sum("net"),
    )
    Sheet.objects.filter(pk=sheet_id).update(**sums)
