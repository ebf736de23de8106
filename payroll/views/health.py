"""The pages of feed health, by project and by sender, and their exports."""

import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from payroll import health
from payroll import senders as by_sender
from payroll.labels import KIND, SENDER
from payroll.statements import StatementGap, gaps_of
from projects import scope
from projects.access import SENDERS, members_only
from projects.models import Account, Conflict, Project
from wagewatch import audit, xlsx
from wagewatch.paging import capped_count

ROWS = 100


@members_only(*SENDERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What is late first; `all=1` shows what is on time too; `format=xlsx` exports."""
    member = request.member  # type: ignore[attr-defined]
    today = timezone.localdate()
    everything = health.of(scope.visible(Project.objects.all(), member).values("pk"), today)
    if member.role == "sub":  # the site's feeds are the general contractor's to send
        own = member.company.name
        everything = [one for one in everything if one.sender == own]
    counts = {kind: sum(o.late > 0 for o in everything if o.kind == kind) for kind in health.KINDS}
    rows = _asked(request, everything)
    if request.GET.get("format") == "xlsx":
        audit.record(request.user, "feed-health-exported", member, rows=len(rows))
        response = HttpResponse(_xlsx(rows), content_type=xlsx.TYPE)
        response["Content-Disposition"] = f'attachment; filename="feed-health-{today}.xlsx"'
        return response
    context = {
        "gaps": _gaps(member, today),
        "conflicts": capped_count(scope.visible(Conflict.objects.open(), member)),
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "kinds": [(kind, KIND[kind], counts[kind]) for kind in health.KINDS],
        "kind": request.GET.get("kind", ""),
        "today": today,
    }
    return render(request, "payroll/health.html", context)


@members_only(*SENDERS)
@require_GET
def senders(request: HttpRequest) -> HttpResponse:
    """By bank, vendor and time clock; `all=1`, `kind`, `q` and `format=xlsx` as above."""
    member = request.member  # type: ignore[attr-defined]
    today = timezone.localdate()
    everything = by_sender.of(member, today)
    words, kind = request.GET.get("q", "").split(), request.GET.get("kind", "")
    rows = [
        one
        for one in everything
        if (one.late or request.GET.get("all"))
        and kind in ("", one.kind)
        and all(word in f"{one.name} {one.detail}" for word in words)
    ]
    if request.GET.get("format") == "xlsx":
        audit.record(request.user, "feed-senders-exported", member, rows=len(rows))
        response = HttpResponse(_senders_xlsx(rows), content_type=xlsx.TYPE)
        response["Content-Disposition"] = f'attachment; filename="feed-senders-{today}.xlsx"'
        return response
    counts = {k: sum(o.late > 0 for o in everything if o.kind == k) for k in by_sender.KINDS}
    context = {
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "kinds": [(key, SENDER[key], counts[key]) for key in by_sender.KINDS],
        "kind": kind,
        "today": today,
    }
    return render(request, "payroll/senders.html", context)


def _senders_xlsx(rows: list[by_sender.Sender]) -> bytes:
    headings = (
        (_("Kind"), 14), (_("Sender"), 30), (_("Details"), 30), (_("Accounts or projects"), 14),
        (_("Of them late"), 12), (_("Last sent"), 14), (_("Reaches"), 14),
        (_("Working days late"), 16),
    )  # fmt: skip
    cells = (
        (str(SENDER[one.kind]), one.name, one.detail, one.covers, one.behind, one.heard,
         one.reaches, one.late)
        for one in rows
    )  # fmt: skip
    return xlsx.table(_("Feed health by sender"), headings, cells)


def _gaps(member: Any, today: dt.date) -> list[tuple[Account, StatementGap]]:
    """Statements that are missing between two others, the latest first."""
    if member.role == "sub":
        return []
    projects = scope.visible(Project.objects.all(), member).values("pk")
    accounts = Account.objects.filter(project__in=projects).select_related("project").in_bulk()
    found = gaps_of(today, list(accounts))
    return [(accounts[gap.account_id], gap) for gap in sorted(found, key=_day, reverse=True)]


def _day(gap: StatementGap) -> dt.date:
    return gap.last


def _asked(request: HttpRequest, rows: list[health.Health]) -> list[health.Health]:
    words = request.GET.get("q", "").split()
    kind = request.GET.get("kind", "")
    return [
        one
        for one in rows
        if (one.late or request.GET.get("all"))
        and kind in ("", one.kind)
        and all(w in one.project or w in one.sender or w in one.project_code for w in words)
    ]


def _xlsx(rows: list[health.Health]) -> bytes:
    headings = (
        (_("Kind"), 14), (_("Project code"), 18), (_("Project"), 36), (_("Region"), 14),
        (_("Who sends"), 30), (_("Month"), 10), (_("Should reach"), 14), (_("Reaches"), 14),
        (_("Working days late"), 16),
    )  # fmt: skip
    cells = (
        (str(KIND[one.kind]), one.project_code, one.project, one.region, one.sender, one.month,
         one.expected, one.last, one.late)
        for one in rows
    )  # fmt: skip
    return xlsx.table(_("Feed health"), headings, cells)
