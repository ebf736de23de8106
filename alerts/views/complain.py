"""The workers' pages without sign-in: complain, and see what became of it; the poster for the
notice board that leads to them."""

from typing import Any

import segno
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from alerts import complaints
from alerts.complaint_forms import LookupForm, PublicForm
from payroll.gateway.address import caller_of
from payroll.models import Complaint
from projects.access import AUTHORITIES, Role, members_only
from projects.models import Party, Project
from wagewatch import limits

REFUSED = {
    "unknown": _("Number and code do not fit."),
    "locked": _("Too many attempts. Try again in an hour."),
}
MOST_FOUND = 8


def _too_many(request: HttpRequest) -> bool:
    return limits.count(f"complain-from-{caller_of(request)}") > complaints.VISITS


def _locked(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, name, {"refused": REFUSED["locked"]}, status=429)


@never_cache
@require_http_methods(["GET", "POST"])
def complain(request: HttpRequest) -> HttpResponse:
    """The form; a link with ?p=PROJECT names the site already. What was sent is not shown again:
    the answer is a number and a code."""
    page = "alerts/complain.html"
    if _too_many(request):
        return _locked(request, page)
    asked = request.POST.get("project") or request.GET.get("p", "")
    project = Project.objects.filter(code=asked[:32]).select_related("contractor").first()
    form = PublicForm(
        request.POST or None,
        request.FILES or None,
        initial={"project": project.code if project else ""},
    )
    context: dict[str, Any] = {"form": form, "project": project, "companies": _companies(project)}
    if request.method == "GET" or not form.is_valid():
        return render(request, page, context, status=400 if form.is_bound else 200)
    if limits.count(f"complaints-of-{caller_of(request)}") > complaints.LODGED:
        return _locked(request, page)
    region = form.cleaned_data["region"]
    channel = Complaint.Channel.QR if request.GET.get("p") else Complaint.Channel.PORTAL
    made, code = complaints.lodge(
        form.facts | {"channel": channel},
        project=form.found,
        region=region.pk if region else None,
        files=form.cleaned_data["papers"],
        today=timezone.localdate(),
    )
    return render(request, page, {"made": made, "code": code})


def _companies(project: Project | None) -> list[str]:
    """The companies that the site's notice board names (Reg. 34)."""
    if project is None:
        return []
    parties = Party.objects.current().filter(project=project).exclude(role=Party.Role.OWNER)
    names = parties.values_list("company__name", flat=True)
    return sorted({project.contractor.name, *names})


@never_cache
@require_GET
def projects(request: HttpRequest) -> HttpResponse:
    """Sites whose name or contractor has these words, as the notice boards show them (htmx)."""
    if _too_many(request):
        return HttpResponse(status=429)
    words = request.GET.get("site_name", "").split()[:4]
    found: list[Project] = []
    if sum(map(len, words)) >= 2:
        rows = Project.objects.select_related("contractor", "region")
        for word in words:
            rows = rows.filter(Q(name__icontains=word) | Q(contractor__name__icontains=word))
        found = list(rows.order_by("name", "pk")[:MOST_FOUND])
    return render(request, "alerts/_complain_projects.html", {"projects": found})


@never_cache
@require_http_methods(["GET", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """What became of a complaint: its standing, the days and what was said to the complainant."""
    page = "alerts/complain_lookup.html"
    if _too_many(request):
        return _locked(request, page)
    form = LookupForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, page, context, status=400 if form.is_bound else 200)
    try:
        found = complaints.find(form.cleaned_data["number"], form.cleaned_data["code"])
    except complaints.Refused as refused:
        status = 429 if refused.reason == "locked" else 404
        return render(request, page, context | {"said": REFUSED[refused.reason]}, status=status)
    told = [step for step in found.steps.select_related("authority") if step.act in TOLD]
    told.sort(key=lambda step: (step.on, step.pk))
    context |= {"complaint": found, "told": told, "reasons": complaints.REASONS}
    return render(request, page, context)


TOLD = ("accepted", "refused", "forwarded", "answered")


@members_only(*AUTHORITIES, Role.GENERAL)
@require_GET
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A page for the notice board on site (Reg. 34), for A4: the project and its QR code."""
    rows = Project.objects.visible_to(request.member)  # type: ignore[attr-defined]
    project = get_object_or_404(rows.select_related("contractor", "owner", "region"), code=code)
    link = request.build_absolute_uri(f"{reverse('complain')}?p={project.code}")
    drawn = segno.make(link, micro=False, error="m").svg_inline(scale=8, border=2, svgclass="qr")
    context = {"project": project, "link": link, "qr": mark_safe(drawn)}
    return render(request, "alerts/complaint_poster.html", context)
