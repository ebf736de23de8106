"""The ledger of arrears: who is owed what, since when, by whom; one worker; and what differs."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from alerts import standing
from alerts.export import ledger_xlsx
from alerts.ledger_filters import LedgerFilter
from alerts.ledger_page import worker_page
from alerts.views.desk import XLSX
from payroll import ledger
from payroll.models import Arrear, Difference, Reconciliation
from projects import scope
from projects.access import AUTHORITIES, Role, members_only
from projects.models import Company, Engagement, Project, Region
from wagewatch import audit, identity, vault
from wagewatch.paging import capped_count, paged
from wagewatch.xlsx import MOST

SORTS = {
    "old": ("payday", "engagement_id"),
    "new": ("-payday", "engagement_id"),
    "amount": ("-unpaid", "payday", "engagement_id"),
}
GROUPS = {
    "workers": (gettext_lazy("Workers"), ""),
    "region": (gettext_lazy("Regions"), "project__region"),
    "project": (gettext_lazy("Projects"), "project"),
    "employer": (gettext_lazy("Employers"), "employer"),
    "contractor": (gettext_lazy("General contractors"), "contractor"),
}
"""What the page lists: the rows themselves, or their sums by a key."""
_NAMED = ("project__region", "employer", "contractor", "worker")


def _asked(request: HttpRequest, as_of: dt.date) -> LedgerFilter:
    member = request.member  # type: ignore[attr-defined]
    rows = Arrear.objects.visible_to(member)
    return LedgerFilter(request.GET, queryset=rows, member=member, as_of=as_of)


def _order(request: HttpRequest) -> tuple[str, ...]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["old"])


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    as_of = standing.judged_on()
    asked = _asked(request, as_of)
    by = request.GET.get("by", "workers")
    by = by if by in GROUPS else "workers"
    context = {
        "filter": asked,
        "by": by,
        "groups": GROUPS.items(),
        "totals": ledger.totals(asked.qs, as_of),
        "as_of": as_of,
        "sort": request.GET.get("sort", "old"),
        "hidden": _used(asked),
        "place": _place(request),
    } | _listed(request, asked, by, as_of)
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "alerts/_ledger_results.html" if partial else "alerts/ledger.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _listed(request: HttpRequest, asked: LedgerFilter, by: str, as_of: dt.date) -> dict[str, Any]:
    """The page of rows, or of sums with what they are about."""
    key = GROUPS[by][1]
    if not key:
        rows = asked.qs.select_related(*_NAMED)
        return {"page": paged(rows, _order(request), request.GET), "found": capped_count(asked.qs)}
    page = paged(ledger.grouped(asked.qs, (key,), as_of), ("-owed", key), request.GET)
    model: Any = {"region": Region, "project": Project}.get(by, Company)
    things = model.objects.in_bulk([row[key] for row in page.rows])
    for row in page.rows:
        row["thing"] = things[row[key]]
        row["ages"] = [(age, row[age.key]) for age in ledger.AGES]
    return {"page": page, "ages": ledger.AGES}


def _used(asked: LedgerFilter) -> int:
    """How many of the filters behind "More filters" are set."""
    data = asked.form.cleaned_data if asked.form.is_valid() else {}
    return sum(bool(data.get(name)) for name in ("month", "least", "role"))


def _place(request: HttpRequest) -> list[tuple[str, str]]:
    """Where the drill-down stands: (parameter, name) of the project, company and worker chosen."""
    place = []
    member = request.member  # type: ignore[attr-defined]
    if code := request.GET.get("project"):
        found = Project.objects.visible_to(member).filter(code=code).first()
        place.append(("project", found.name if found else code))
    if code := request.GET.get("company"):
        rows = Arrear.objects.visible_to(member).filter(employer__code=code)
        row = rows.select_related("employer").first()
        place.append(("company", row.employer.name if row else code))
    if number := request.GET.get("worker"):
        place.append(("worker", _("One worker") if number.isdigit() else ""))
    return place


@members_only()
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX with masked numbers; on the audit trail. `day`: as known on that
    day, where one project is asked for."""
    as_of = standing.judged_on()
    asked = _asked(request, as_of)
    member = request.member  # type: ignore[attr-defined]
    rows = asked.qs.select_related(*_NAMED).order_by(*_order(request))
    found = rows.count()
    filters = request.GET.urlencode()[:500]
    if found > MOST:
        messages.error(
            request,
            _("%(found)s rows are too many for one file: choose a region, project or company.")
            % {"found": found},
        )
        return redirect(f"{reverse('ledger')}?{request.GET.urlencode()}")
    audit.record(request.user, "ledger-exported", member, filters=filters, rows=found)
    content = ledger_xlsx(rows.iterator(chunk_size=2000), as_of)
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="arrears-{as_of}.xlsx"'
    return response


@members_only()
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """One worker by the whole ID number, which stands in no address and no log."""
    number = identity.normalise(request.POST.get("number", ""))
    member = request.member  # type: ignore[attr-defined]
    rows = scope.visible(Engagement.objects.all(), member)
    found = rows.filter(worker__id_hash=vault.blind(number)).first() if number else None
    if found is None:
        messages.error(request, _("Nobody with this number works on your projects."))
        return redirect("ledger")
    audit.record(request.user, "worker-found-by-number", found.worker)
    if member.role == Role.INSPECTOR:
        return redirect("ledger-worker", pk=found.worker_id)
    return redirect(f"{reverse('ledger')}?worker={found.worker_id}")


@never_cache
@members_only(Role.INSPECTOR)
@require_GET
def worker(request: HttpRequest, pk: int) -> HttpResponse:
    """All months and projects of one worker, as known today or on `day`."""
    member = request.member  # type: ignore[attr-defined]
    mine = scope.visible(Engagement.objects.filter(worker=pk), member)
    engagements = list(mine.select_related("worker", "project", "employer").order_by("pk"))
    if not engagements:
        raise Http404
    judged = standing.judged_on()
    try:
        as_of = dt.date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        as_of = judged
    context = {
        "worker": engagements[0].worker,
        "engagement": engagements[0],
        "page": worker_page(engagements, as_of),
        "as_of": as_of,
        "judged": judged,
    }
    return render(request, "alerts/ledger_worker.html", context)


@members_only(*AUTHORITIES)
@require_GET
def differences(request: HttpRequest) -> HttpResponse:
    """What the last check found, figure by figure, and the checks before it."""
    member = request.member  # type: ignore[attr-defined]
    found = Difference.objects.visible_to(member).standing()
    found = found.select_related("project", "employer", "account")
    context = {
        "last": Reconciliation.objects.first(),
        "page": paged(found, ("pk",), request.GET),
        "found": capped_count(found),
        "checks": Reconciliation.objects.all()[:30],
    }
    return render(request, "alerts/differences.html", context)
