"""The desk: open matters, one view for every role; scope decides which rows."""

import datetime as dt
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from alerts import standing
from alerts.export import warnings_xlsx
from alerts.filters import WarningFilter
from alerts.models import Level, Warning
from alerts.rules import catalogue
from alerts.rules.base import STAGES
from projects.access import members_only
from wagewatch import audit
from wagewatch.paging import capped_count, paged

SORTS = {
    "level": ("-level", "since", "pk"),
    "new": ("-opened_on", "-pk"),
    "old": ("since", "pk"),
    "amount": ("-amount", "pk"),
    "workers": ("-workers", "pk"),
    "project": ("project__name", "pk"),
    "company": ("company__name", "pk"),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _asked(request: HttpRequest, as_of: dt.date) -> WarningFilter:
    member = request.member  # type: ignore[attr-defined]
    rows = Warning.objects.visible_to(member).select_related("project__region", "company")
    return WarningFilter(request.GET, queryset=rows, member=member, as_of=as_of)


def _order(request: HttpRequest) -> tuple[str, ...]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["level"])


@members_only()
@require_GET
def desk(request: HttpRequest) -> HttpResponse:
    as_of = standing.judged_on()
    asked = _asked(request, as_of)
    rows = asked.qs.defer("evidence")
    page = paged(rows, _order(request), request.GET)
    context = {
        "filter": asked,
        "page": page,
        "found": capped_count(rows),
        "totals": rows.order_by().aggregate(amount=Sum("amount"), workers=Sum("workers")),
        "as_of": as_of,
        "sort": request.GET.get("sort", "level"),
        "hidden": _used(asked),
    } | _counts(request, as_of)
    partial = request.htmx and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    response = render(
        request, "alerts/_desk_results.html" if partial else "alerts/desk.html", context
    )
    patch_vary_headers(response, ["HX-Request"])
    return response


def _used(asked: WarningFilter) -> int:
    """How many of the filters behind "More filters" are set."""
    data = asked.form.cleaned_data if asked.form.is_valid() else {}
    return sum(bool(data.get(name)) for name in ("industry", "age", "month", "data", "rule"))


def _counts(request: HttpRequest, as_of: dt.date) -> dict[str, Any]:
    """Rows by level and by stage: of what the other filters leave. One query."""
    parameters = request.GET.copy()
    for name in ("level", "stage", "rule", "after", "before"):
        parameters.pop(name, None)
    member = request.member  # type: ignore[attr-defined]
    rest = WarningFilter(
        parameters, queryset=Warning.objects.visible_to(member), member=member, as_of=as_of
    )
    levels = dict.fromkeys(sorted(Level, reverse=True), 0)
    stages = dict.fromkeys(STAGES, 0)
    known = catalogue()
    for rule, level, count in (
        rest.qs.order_by().values_list("rule", "level").annotate(count=Count("pk"))
    ):
        levels[Level(level)] += count
        if rule in known:
            stages[known[rule].stage] += count
    return {
        "levels": [
            {"level": level, "count": count, "on": str(level.value) in request.GET.getlist("level")}
            for level, count in levels.items()
        ],
        "stages": [
            {"stage": stage, "count": count, "on": request.GET.get("stage") == stage.key}
            for stage, count in stages.items()
        ],
    }


@members_only()
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX; who took it, and by which filters, is on the audit trail."""
    as_of = standing.judged_on()
    rows = _asked(request, as_of).qs.defer("evidence").order_by(*_order(request))
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "warnings-exported", member, filters=asked, rows=rows.count())
    response = HttpResponse(warnings_xlsx(rows, as_of), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="warnings-{as_of}.xlsx"'
    return response
