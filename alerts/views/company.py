"""Companies: their standing, why, its history, and who is to be inspected next."""

import datetime as dt
from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from alerts import scoring, standing
from alerts.export import standings_xlsx
from alerts.models import Inspection, Notice, Standing, Warning
from alerts.views.desk import XLSX
from payroll import ledger
from payroll.models import Arrear
from projects import scope
from projects.access import AUTHORITIES, Role, members_only
from projects.models import Party, Project, Security
from wagewatch import audit
from wagewatch.paging import capped_count, paged

SORTS = {
    "worst": ("rank", "company_id"),
    "best": ("-rank", "company_id"),
    "name": ("company__name", "company_id"),
    "inspect": ("inspect_on", "company_id"),
}


class StandingFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        method="search",
        label=gettext_lazy("Search"),
        widget=forms.SearchInput(
            attrs={"class": "form-control", "placeholder": gettext_lazy("Company or credit code")}
        ),
    )
    colour = django_filters.ChoiceFilter(
        choices=Standing.Colour.choices,
        label=gettext_lazy("Standing"),
        empty_label=gettext_lazy("Any standing"),
        widget=forms.Select(attrs={"class": "form-select form-select-sm"}),
    )

    class Meta:
        model = Standing
        fields: list[str] = []

    def search(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(
            Q(company__name__icontains=value) | Q(company__code__istartswith=value)
        )


def _asked(request: HttpRequest) -> StandingFilter:
    member = request.member  # type: ignore[attr-defined]
    rows = Standing.objects.visible_to(member).filter(known_until=None)
    return StandingFilter(request.GET, queryset=rows.select_related("company"))


def _order(request: HttpRequest) -> tuple[str, ...]:
    return SORTS.get(request.GET.get("sort", ""), SORTS["worst"])


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    if member.is_company:
        return redirect("company", code=member.company.code)
    asked = _asked(request)
    context = {
        "filter": asked,
        "page": paged(asked.qs, _order(request), request.GET),
        "found": capped_count(asked.qs),
        "sort": request.GET.get("sort", "worst"),
        "today": standing.judged_on(),
    }
    return render(request, "alerts/companies.html", context)


@members_only(*AUTHORITIES)
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as XLSX, on the audit trail."""
    rows = _asked(request).qs.order_by(*_order(request))
    member = request.member  # type: ignore[attr-defined]
    asked = request.GET.urlencode()[:500]
    audit.record(request.user, "standings-exported", member, filters=asked, rows=rows.count())
    response = HttpResponse(standings_xlsx(rows), content_type=XLSX)
    response["Content-Disposition"] = (
        f'attachment; filename="companies-{timezone.localdate()}.xlsx"'
    )
    return response


@members_only()
@require_GET
def company(request: HttpRequest, code: str) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    found = get_object_or_404(scope.visible_companies(member), code=code)
    as_of = standing.judged_on()
    history = list(Standing.objects.filter(company=found).order_by("-known_from")[:60])
    current = history[0] if history and history[0].known_until is None else None
    warnings = Warning.objects.visible_to(member).filter(company=found)
    mine = scope.visible(Project.objects.all(), member).filter(_of(found.pk)).distinct()
    arrears = Arrear.objects.visible_to(member).filter(Q(employer=found) | Q(contractor=found))
    context = {
        "company": found,
        "standing": current,
        "reasons": _reasons(current, warnings, member),
        "deposit": scoring.DEPOSIT_WHY.get(current.deposit.get("why", "")) if current else None,
        "history": history,
        "chart": _chart(history, as_of),
        "projects": mine.select_related("region").order_by("code")[:200],
        "warnings": warnings.open().unfolded().select_related("project").defer("evidence")[:50],
        "notices": Notice.objects.visible_to(member).filter(company=found)[:20],
        "securities": scope.visible(Security.objects.current(), member)
        .filter(project__contractor=found, kind=Security.Kind.DEPOSIT)
        .select_related("project")[:100],
        "inspections": Inspection.objects.filter(company=found).select_related("by")[:20],
        "arrears": ledger.totals(arrears, as_of),
        "as_of": as_of,
        "today": timezone.localdate(),
        "may_inspect": member.role == Role.INSPECTOR,
    }
    return render(request, "alerts/company.html", context)


def _of(company: int) -> Q:
    parties = Party.objects.filter(company=company, known_until=None).values("project")
    return Q(contractor=company) | Q(owner=company) | Q(pk__in=parties)


def _reasons(current: Standing | None, warnings: Any, member: Any) -> list[dict[str, Any]]:
    """Each fact with what is behind it; a warning outside the reader's territory is counted, but
    not named."""
    if current is None:
        return []
    behind = {pk for reason in current.reasons for pk in reason["warnings"]}
    seen = warnings.filter(pk__in=behind).defer("evidence").in_bulk()
    notices = {pk for reason in current.reasons for pk in reason["notices"]}
    orders = Notice.objects.visible_to(member).in_bulk(notices)
    return [
        {
            "factor": factor,
            "weight": reason["weight"],
            "lost": reason["lost"],
            "warnings": [seen[pk] for pk in reason["warnings"] if pk in seen],
            "hidden": sum(pk not in seen for pk in reason["warnings"]),
            "notices": [orders[pk] for pk in reason["notices"] if pk in orders],
        }
        for factor, reason in scoring.factors(current.reasons)
    ]


def _chart(history: list[Standing], as_of: dt.date) -> dict[str, Any] | None:
    """The score over time as steps of an SVG line: 600 wide, 100 high."""
    known = [one for one in reversed(history) if one.score is not None]
    if not known:
        return None
    first = known[0].known_from
    span = max(1, (as_of - first).days)
    points = []
    for one in known:
        left = 600 * (one.known_from - first).days / span
        right = 600 * ((one.known_until or as_of) - first).days / span
        height = 100 - (one.score or 0)
        points += [f"{left:.1f},{height}", f"{max(left, right):.1f},{height}"]
    return {"points": " ".join(points), "first": first, "last": as_of}


@members_only(Role.INSPECTOR)
@require_POST
def inspect(request: HttpRequest, code: str) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    found = get_object_or_404(scope.visible_companies(member), code=code)
    try:
        on = dt.date.fromisoformat(request.POST.get("on", ""))
    except ValueError:
        on = dt.date.max
    if on > timezone.localdate():
        messages.error(request, _("Give the day of the inspection, not later than today."))
    else:
        scoring.inspect(found, request.user, request.POST.get("note", ""), on=on)
        messages.success(request, _("The inspection is on record."))
    return redirect("company", code=code)
