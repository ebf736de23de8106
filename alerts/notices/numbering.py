"""Document numbers: one series per authority, type and year, without gaps or doubles.

The number is taken inside the transaction that writes the notice, under the lock of the series'
row (PostgreSQL) or of the database (SQLite, whose transactions begin IMMEDIATE): a notice that
fails gives its number back, and the next one waits until this one is written or gone.
"""

from django.conf import settings

from alerts.models import NoticeSeries
from projects.models import Authority


def peek(authority: Authority, type: str, year: int) -> int:
    """The number that would be next: a guess, good for preparing the document before the lock."""
    series = NoticeSeries.objects.filter(authority=authority, type=type, year=year)
    return (series.values_list("last", flat=True).first() or 0) + 1


def take(authority: Authority, type: str, year: int) -> int:
    """The next number. Holds the lock of the series until the transaction ends."""
    NoticeSeries.objects.bulk_create(
        [NoticeSeries(authority=authority, type=type, year=year)], ignore_conflicts=True
    )
    series = NoticeSeries.objects.select_for_update().get(authority=authority, type=type, year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return series.last


def document_number(authority: Authority, year: int, number: int) -> str:
    """`舟人社监令字〔2026〕第001号`: settings.NOTICE_NUMBER."""
    return settings.NOTICE_NUMBER.format(mark=authority.document_mark, year=year, number=number)
