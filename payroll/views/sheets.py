"""Pay sheets on the way to payment: list, one sheet, review, payment list, the workers' links."""

from typing import Any

import segno
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from payroll import confirmation, labels, payment_list, review
from payroll.models import Confirmation, Cycle, Review, Sheet, SheetLine
from projects import scope
from projects.access import EMPLOYERS, Role, members_only
from wagewatch import audit
from wagewatch.models import AuditEntry
from wagewatch.paging import paged

SIZE = 100
STANDINGS = ("waiting", Review.Status.APPROVED, Review.Status.RETURNED)


def _sheet(request: HttpRequest, pk: int) -> Sheet:
    rows = scope.visible(
        Sheet.objects.select_related("project__contractor", "employer", "feed", "review__user"),
        request.member,  # type: ignore[attr-defined]
    )
    return get_object_or_404(rows, pk=pk)


@members_only(*EMPLOYERS)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Sheets in force by their standing; those that are paid already wait for nobody."""
    asked = request.GET.get("standing", "waiting")
    asked = asked if asked in STANDINGS else "waiting"
    rows = scope.visible(
        Sheet.objects.current().select_related("project", "employer", "review"),
        request.member,  # type: ignore[attr-defined]
    )
    if asked == "waiting":
        settled = Cycle.objects.filter(sheet=OuterRef("pk"), unpaid=0, due__gt=0)
        rows = rows.filter(Q(review__isnull=True) & ~Exists(settled))
    else:
        rows = rows.filter(review__status=asked)
    context = {
        "page": paged(rows, ("-known_from", "-pk"), request.GET),
        "standing": asked,
        "standings": [(value, labels.STANDING[value]) for value in STANDINGS],
    }
    return render(request, "payroll/sheets.html", context)


@members_only()
@require_GET
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet: its lines with what the workers said, the review, what is left to pay."""
    return _page(request, _sheet(request, pk))


def _page(request: HttpRequest, found: Sheet, status: int = 200) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    general = member.role == Role.GENERAL
    answers = Confirmation.objects.filter(line__sheet=found)
    standing = review.standing(found)
    context: dict[str, Any] = {
        "sheet": found,
        "lines": Paginator(_lines(request, found), SIZE).get_page(request.GET.get("page")),
        "confirmed": answers.filter(verdict="confirmed").count(),
        "disputed": answers.filter(verdict="disputed").count(),
        "signed": found.lines.filter(confirmed_on__isnull=False).count(),
        "review": getattr(found, "review", None),
        "standing": standing or "waiting",
        "standing_label": labels.STANDING[standing or "waiting"],
        "acts": review.acts(found) if general else [],
        "may_link": member.role in EMPLOYERS and found.known_until is None,
    }
    if general and standing == Review.Status.APPROVED and found.known_until is None:
        context["payments"] = payment_list.of(found, timezone.localdate())
        taken = AuditEntry.objects.filter(
            act="payment-list-taken", thing="payroll.sheet", thing_id=str(found.pk)
        )
        context["taken"] = taken.select_related("user").order_by("-pk")[:5]
    return render(request, "payroll/sheet.html", context, status=status)


def _lines(request: HttpRequest, found: Sheet) -> Any:
    lines = scope.visible(SheetLine.objects.filter(sheet=found), request.member)  # type: ignore[attr-defined]
    return lines.select_related("engagement__worker", "confirmation").order_by("row")


@members_only(Role.GENERAL)
@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, or return with remarks."""
    found = _sheet(request, pk)
    remarks = request.POST.get("remarks", "")
    try:
        if request.POST.get("act") == "approve":
            review.approve(found, request.user, remarks)
            messages.success(request, _("Approved: the sheet is due for payment."))
        elif not remarks.strip():
            messages.error(request, _("Say in the remarks what is to be corrected."))
        else:
            review.send_back(found, request.user, remarks)
            messages.success(request, _("Returned; the subcontractor sees your remarks."))
    except review.NotPossible:
        messages.error(request, _("The sheet has changed meanwhile; look at it again."))
    return redirect("sheet", pk=pk)


@members_only(Role.GENERAL)
@require_POST
def payments(request: HttpRequest, pk: int) -> HttpResponse:
    """The payment list as a file; a POST, because it is recorded."""
    found = _sheet(request, pk)
    form = "csv" if request.POST.get("form") == "csv" else "xml"
    now = timezone.now()
    try:
        data = payment_list.take(
            found, form, request.user, now=timezone.localtime(now), today=timezone.localdate(now)
        )
    except payment_list.NotPossible as error:
        messages.error(request, str(labels.NO_PAYMENT_LIST[error.reason]))
        return redirect("sheet", pk=pk)
    response = HttpResponse(data, content_type=payment_list.FORMATS[form])
    name = f"{found.project.name}-{found.employer.name}-{found.month}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@never_cache
@members_only(*EMPLOYERS)
@require_GET
def links(request: HttpRequest, pk: int) -> HttpResponse:
    """The link of each line that nobody has answered yet, to hand to the workers: printed with
    its QR code, or sent."""
    found = _sheet(request, pk)
    if found.known_until is not None:
        return redirect("sheet", pk=pk)
    audit.record(request.user, "confirmation-links-taken", found)
    open_lines = _lines(request, found).filter(confirmation__isnull=True)
    urls = (
        (line, request.build_absolute_uri(f"/c/{confirmation.token(line.pk)}/"))
        for line in open_lines
    )
    context = {
        "sheet": found,
        "days": confirmation.LINK_DAYS,
        "rows": [(line, url, _qr(url)) for line, url in urls],
    }
    return render(request, "payroll/sheet_links.html", context)


def _qr(url: str) -> SafeString:
    """The link as an SVG, drawn here from a URL of ours."""
    drawn = segno.make(url, micro=False, error="m").svg_inline(scale=3, border=2, svgclass="qr")
    return mark_safe(drawn)
