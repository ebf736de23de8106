"""The official calendar: which years are on record, and entering a year's notice as a whole."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from payroll import working_calendar
from payroll.forms import CalendarForm
from wagewatch import holiday_notice
from wagewatch.models import CalendarDay


@login_required
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Holidays are no secret; entering them is the administrator's."""
    if not request.member and not request.user.is_staff:  # type: ignore[attr-defined]
        raise PermissionDenied
    return _page(request, CalendarForm(today=timezone.localdate()))


@login_required
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Read the text first and show what it says; put it on record when that has been looked at."""
    if not request.user.is_staff:  # type: ignore[union-attr]
        raise PermissionDenied
    today = timezone.localdate()
    form = CalendarForm(request.POST, request.FILES, today=today)
    if not form.is_valid():
        return _page(request, form)
    said = form.cleaned_data
    if "confirm" not in request.POST:
        return _page(request, form, holiday_notice.read(said["text"], said["year"]))
    try:
        working_calendar.enter(said["year"], said["document"], said["text"], request.user, on=today)
    except working_calendar.NotAccepted:
        return _page(request, form, holiday_notice.read(said["text"], said["year"]))
    messages.success(request, _("On record. The paydays of that year have been reckoned anew."))
    return redirect("calendar")


def _page(
    request: HttpRequest, form: CalendarForm, notice: holiday_notice.Notice | None = None
) -> HttpResponse:
    today = timezone.localdate()
    context: dict[str, Any] = {
        "years": working_calendar.years(today),
        "days": CalendarDay.objects.filter(date__year__gte=today.year - 1).order_by("date"),
        "form": form if request.user.is_staff else None,  # type: ignore[union-attr]
        "notice": notice,
        "said": sorted(notice.days.items()) if notice else [],
    }
    bad = bool(form.errors or (notice and notice.problems))
    return render(request, "payroll/calendar.html", context, status=400 if bad else 200)
