"""Minimum wages by region and date: what is on record, where nothing is, and adding to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts.export import minimum_wages_xlsx
from alerts.forms import MinimumWageForm
from projects import minimum_wages
from projects.access import Role, members_only
from projects.minimum_wages import MinimumWages
from projects.models import Member, MinimumWage, Project, Region
from wagewatch import xlsx
from wagewatch.months import Month


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """A published minimum wage is no secret: every member sees all."""
    return _page(request)


@members_only()
@require_GET
def export(request: HttpRequest) -> HttpResponse:
    response = HttpResponse(minimum_wages_xlsx(_rows()), content_type=xlsx.TYPE)
    name = f"minimum-wages-{timezone.localdate()}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows() -> Any:
    return MinimumWage.objects.select_related("region", "set_by").order_by(
        "region", "-valid_from", "-known_from", "-pk"
    )


@members_only(Role.INSPECTOR)
@require_POST
def put(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    form = MinimumWageForm(request.POST, regions=_regions(request.member))  # type: ignore[attr-defined]
    if not form.is_valid():
        return _page(request, form)
    minimum_wages.put_on_record(user=request.user, on=today, **form.cleaned_data)
    messages.success(
        request, _("On record. Warnings of earlier days keep what they were judged by.")
    )
    return redirect("minimum-wages")


def _page(request: HttpRequest, form: MinimumWageForm | None = None) -> HttpResponse:
    member: Member = request.member  # type: ignore[attr-defined]
    today = timezone.localdate()
    if form is None and member.role == Role.INSPECTOR:
        form = MinimumWageForm(regions=_regions(member))
    table = MinimumWages.known_on(today)
    in_use = set(Project.objects.visible_to(member).order_by().values_list("region", flat=True))
    regions = Region.objects.filter(code__in=in_use)
    month = Month.of(today)
    rows = list(_rows())
    in_force = {table.of(row.region_id, month) for row in rows}
    context: dict[str, Any] = {
        "rows": rows,
        "held": {row.pk for row in in_force if row},
        "without": [region for region in regions if table.of(region.code, month) is None],
        "today": today,
        "form": form,
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "alerts/minimum_wages.html", context, status=status)


def _regions(member: Member) -> Any:
    """Those of the member's territory."""
    return Region.objects.filter(code__startswith=member.region.prefix if member.region else "-")
