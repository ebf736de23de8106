"""Complaints and company indicators, row by row, for tests."""

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from payroll import complaints
from payroll.models import Complaint, ComplaintStep, Indicator
from projects.models import Company, Project
from tests import factories
from wagewatch import vault
from wagewatch.months import Month

_serial = itertools.count(1)


def complaint(
    project: Project | None,
    received: str,
    known: str | None = None,
    id_number: str = "",
    phone: str = "",
    **fields: Any,
) -> Complaint:
    """A complaint that a feed brought on the day of receipt unless told otherwise."""
    day = dt.date.fromisoformat(known or received)
    source = factories.feed(day, "complaints")
    made = Complaint.objects.create(
        mark=vault.blind(f"test complaint {next(_serial)}"),
        received_on=dt.date.fromisoformat(received),
        known_from=day,
        feed_id=source.pk,
        id_number=id_number,
        id_hash=vault.blind(id_number) if id_number else None,
        phone=phone,
        phone_hash=vault.blind(phone) if phone else None,
        **{"channel": "12345", "text": "三个月没有发工资"} | fields,
    )
    if project:
        match(made, project, str(day))
    return made


def match(made: Complaint, project: Project, known: str) -> None:
    day = dt.date.fromisoformat(known)
    ComplaintStep.objects.create(
        complaint=made, act="matched", project=project, on=day, known_from=day
    )
    complaints.refresh([made.pk])
    made.refresh_from_db()


def step(made: Complaint, act: str, on: str, known: str | None = None, **fields: Any) -> None:
    """A person's or a feed's step on a day, known on that day unless told otherwise."""
    ComplaintStep.objects.create(
        complaint=made,
        act=act,
        on=dt.date.fromisoformat(on),
        known_from=dt.date.fromisoformat(known or on),
        **fields,
    )
    complaints.refresh([made.pk])
    made.refresh_from_db()


def indicators(
    company: Company, kind: str, first: str, values: list[Any], known: str | None = None
) -> None:
    """Values from the month `first` on; None for a month without a value. Each is known on the
    fifth of the month after unless told otherwise."""
    for place, value in enumerate(values):
        month = Month.parse(first) + place
        if value is None:
            continue
        day = dt.date.fromisoformat(known) if known else (month + 1).first.replace(day=5)
        Indicator.objects.create(
            company=company,
            kind=kind,
            month=month,
            value=Decimal(str(value)),
            known_from=day,
            feed_id=factories.feed(day, "indicators").pk,
        )
