"""A list of complaints as XLSX: what they are about and what was done, never who complained."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from alerts import complaints
from alerts.rules.base import Values
from wagewatch.xlsx import MOST, table

_BATCH = 2000


def columns() -> list[tuple[str, int]]:
    """Headings in the reader's language, with their widths in characters."""
    return [
        (_("Complaint number"), 12), (_("Received on"), 12), (_("Channel"), 14),
        (_("Number given by the channel"), 18), (_("Status"), 14), (_("In time until"), 12),
        (_("Project"), 34), (_("Project code"), 20), (_("Region"), 14),
        (_("Building site"), 30), (_("Company complained about"), 30),
        (_("General contractor"), 32), (_("People"), 8), (_("Amount (CNY)"), 14),
        (_("Authority in charge"), 30),
    ]  # fmt: skip


def complaints_xlsx(rows: Any, values: Values) -> bytes:
    """`rows` with project, its region and contractor, region and authority selected."""
    return table(_("Complaints"), columns(), _rows(rows, values), money=(13,))


def _rows(rows: Any, values: Values) -> Iterator[list[Any]]:
    rows = rows.defer("text", "name", "phone", "id_number")
    for start in range(0, MOST, _BATCH):
        part = list(rows[start : start + _BATCH])
        for one, due_on in complaints.with_limits(part, values):
            yield _row(one, due_on)
        if len(part) < _BATCH:
            break


def _row(one: Any, due_on: Any) -> list[Any]:
    project = one.project
    return [
        one.number, one.received_on, str(one.get_channel_display()), one.reference,
        str(one.get_standing_display()), due_on, project.name if project else "",
        project.code if project else "", one.region.name if one.region else "",
        one.site_name, one.company_name, project.contractor.name if project else "",
        one.people, one.amount, one.authority.name if one.authority else "",
    ]  # fmt: skip
