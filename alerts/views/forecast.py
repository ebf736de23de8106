"""The coming paydays, one project's outlook with its arithmetic, and how near forecasts came."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import forecast, standing
from alerts.export import forecasts_xlsx
from alerts.filters import ForecastFilter
from alerts.forecast import accuracy, words
from alerts.models import Forecast, ForecastMeasure
from alerts.views.desk import XLSX
from payroll import past, paydays
from projects.access import Role, members_only
from projects.models import Project
from projects.templatetags.project_tags import account_for
from wagewatch import audit
from wagewatch.paging import capped_count, paged

SORTS = {
    "shortfall": ("-rank", "payday", "pk"),
    "payday": ("payday", "-rank", "pk"),
    "confidence": ("confidence", "-rank", "pk"),
    "project": ("project__name", "pk"),
}
READERS = (Role.INSPECTOR, Role.REGULATOR, Role.GOVERNMENT, Role.GENERAL, Role.OWNER)
"""A subcontractor sees nothing of the project's account, and so no outlook of it."""


def _asked(request: HttpRequest, as_of: dt.date) -> ForecastFilter:
    member = request.member  # type: ignore[attr-defined]
    rows = Forecast.objects.visible_to(member).filter(payday__gte=as_of)
    rows = rows.select_related("project__region", "project__contractor", "project__owner")
    return ForecastFilter(request.GET, queryset=rows, member=member, as_of=as_of)


def _order(request: HttpRequest) -> tuple[str, ...]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["shortfall"])


@members_only(*READERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Paydays of the next days, the largest shortfall first."""
    as_of = standing.judged_on()
    asked = _asked(request, as_of)
    page = paged(asked.qs, _order(request), request.GET)
    role = request.member.role  # type: ignore[attr-defined]
    for row in page.rows:
        row.to_do = words.to_do(row, role)
        row.why = words.reasons(row.data.get("reasons", ()))
    context = {
        "filter": asked,
        "page": page,
        "found": capped_count(asked.qs),
        "short": capped_count(asked.qs.filter(shortfall__gt=0)),
        "as_of": as_of,
        "measured": ForecastMeasure.objects.visible_to(request.member).done().first(),  # type: ignore[attr-defined]
        "until": as_of + asked.days * dt.timedelta(days=1),
        "sort": request.GET.get("sort", "shortfall"),
    }
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    name = "alerts/_forecast_results.html" if partial else "alerts/forecasts.html"
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@members_only(*READERS)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX; who took it, and by which filters, is on the audit trail."""
    as_of = standing.judged_on()
    rows = _asked(request, as_of).qs.order_by(*_order(request))
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "forecasts-exported", member, filters=asked, rows=rows.count())
    response = HttpResponse(forecasts_xlsx(rows, member.role), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="paydays-{as_of}.xlsx"'
    return response


@members_only(*READERS)
@require_GET
def project(request: HttpRequest, code: str) -> HttpResponse:
    """One project's outlook, as of the last day judged or of a past day (`on`), by what was known
    then, with every part of the arithmetic."""
    member = request.member  # type: ignore[attr-defined]
    rows = Project.objects.visible_to(member).select_related("region", "contractor", "owner")
    found = get_object_or_404(rows, code=code)
    judged = standing.judged_on()
    as_of = min(_day(request.GET.get("on", "")) or judged, judged)
    paydays.fill([found.pk])
    with past.known_on(as_of, [found.pk]):
        seen = forecast.coming(as_of, [found.pk])
    outlook = seen[0] if seen else None
    context: dict[str, Any] = {"project": found, "outlook": outlook, "as_of": as_of}
    context |= {"judged": judged}
    if outlook is not None:
        kept = forecast.row(outlook)
        context |= words.explain(outlook, lambda number: account_for(number, member))
        context |= {"to_do": words.to_do(kept, member.role)}
    return render(request, "alerts/forecast.html", context)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


@members_only(Role.INSPECTOR)
@require_GET
def measures(request: HttpRequest) -> HttpResponse:
    """The latest measure of the forecast's accuracy, and those before it."""
    member = request.member  # type: ignore[attr-defined]
    made = ForecastMeasure.objects.visible_to(member).select_related("work", "user", "territory")
    first, last = accuracy.span(timezone.localdate())
    latest = made.done().first()
    context = {
        "latest": latest,
        "wrong": [
            row | {"why": words.reasons(row["reasons"])}
            for row in (latest.result["wrong"][:WRONG_SHOWN] if latest else ())
        ],
        "running": next((one for one in made[:5] if one.is_open), None),
        "failed": next((one for one in made[:1] if one.state == one.State.FAILED), None),
        "earlier": made.done()[1:11],
        "first": first,
        "last": last,
    }
    return render(request, "alerts/forecast_accuracy.html", context)


WRONG_SHOWN = 100


@members_only(Role.INSPECTOR)
@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    first, last = accuracy.span(timezone.localdate())
    accuracy.ask(first, last, territory=member.region, user=request.user)
    messages.info(request, _("It runs in the background; you may leave this page."))
    return redirect("forecast-accuracy")
