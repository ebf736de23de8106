"""Trying a rule on the history: the question, its progress, the answer, its export. Inspectors."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import backtest
from alerts.backtest.compare import KINDS, NOW, TRIED
from alerts.export import differences_xlsx
from alerts.forms import BacktestForm
from alerts.labels import DIFFERENCE, OUTCOME
from alerts.models import Backtest, Level
from alerts.rules import everything
from alerts.rules.base import Rule
from alerts.views.desk import XLSX
from projects.access import Role, members_only
from projects.models import Region
from wagewatch import audit
from wagewatch.paging import paged

SPAN = 180
"""Days of history that a trial covers when none are named."""
SHOWN = 200
"""Differing matters on the page; the export has all that are kept."""


def _rule(code: str) -> Rule:
    rule = everything().get(code)
    if rule is None or not rule.of_facts:
        raise Http404
    return rule


def _visible(request: HttpRequest) -> Any:
    rows = Backtest.objects.visible_to(request.member)  # type: ignore[attr-defined]
    return rows.select_related("territory", "region", "user", "work")


@members_only(Role.INSPECTOR)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """What was tried, the latest first; with `rule`, the form to try that one."""
    code = request.GET.get("rule", "")
    return _index(request, _rule(code) if code else None)


def _index(
    request: HttpRequest, rule: Rule | None, form: BacktestForm | None = None
) -> HttpResponse:
    rows = _visible(request).defer("result")
    if rule is not None:
        rows = rows.filter(rule=rule.code)
        form = form or _form(request, rule)
    context = {
        "rules": [rule for rule in everything().values() if rule.of_facts],
        "rule": rule,
        "form": form,
        "page": paged(rows, ("-pk",), request.GET),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "alerts/backtests.html", context, status=status)


def _form(request: HttpRequest, rule: Rule, data: Any = None) -> BacktestForm:
    member, today = request.member, timezone.localdate()  # type: ignore[attr-defined]
    regions = Region.objects.filter(code__startswith=member.region.prefix)
    return BacktestForm(data, rule=rule, regions=regions, today=today, days=SPAN)


@members_only(Role.INSPECTOR)
@require_POST
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Try a rule; from the form of a value (`name`, `value`) with the usual days."""
    rule, data = _rule(code), request.POST.copy()
    if data.get("name"):
        data[f"p_{data['name']}"] = data.get("value", "")
    today = timezone.localdate()
    data.setdefault("first", (today - dt.timedelta(SPAN)).isoformat())
    data.setdefault("last", today.isoformat())
    data.setdefault("step", Backtest.Step.DAY)
    form = _form(request, rule, data)
    if not form.is_valid():
        return _index(request, rule, form)
    member = request.member  # type: ignore[attr-defined]
    made = backtest.ask(
        rule.code,
        form.values,
        form.cleaned_data["first"],
        form.cleaned_data["last"],
        region=form.cleaned_data["region"],
        step=form.cleaned_data["step"],
        territory=member.region,
        user=request.user,
    )
    messages.info(request, _("It runs in the background; you may leave this page."))
    return redirect("backtest", pk=made.pk)


@members_only(Role.INSPECTOR)
@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    made = get_object_or_404(_visible(request), pk=pk)
    rule = everything().get(made.rule)
    context: dict[str, Any] = {"made": made, "rule": rule}
    if made.result is not None:
        context |= {
            "table": _table(made.result),
            "kinds": [(DIFFERENCE[kind], made.result["kinds"][kind]) for kind in KINDS],
            "rows": [_row(row) for row in made.result["differences"][:SHOWN]],
            "kept": len(made.result["differences"]),
        }
    return render(request, "alerts/backtest.html", context)


@members_only(Role.INSPECTOR)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is (htmx); the whole page again when it has ended."""
    made = get_object_or_404(_visible(request).defer("result"), pk=pk)
    response = render(request, "alerts/_run_progress.html", {"made": made})
    if not made.is_open:
        response["HX-Refresh"] = "true"
    return response


@members_only(Role.INSPECTOR)
@require_GET
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The matters that differ, as XLSX."""
    made = get_object_or_404(_visible(request).done(), pk=pk)
    rows = made.result["differences"]
    audit.record(request.user, "backtest-exported", made, rows=len(rows))
    response = HttpResponse(differences_xlsx(map(_row, rows)), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="backtest-{made.pk}.xlsx"'
    return response


def _table(found: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """(label, now, tried) for the page, in reading order."""
    now, tried = found[NOW], found[TRIED]
    labels = [
        ("opened", _("Matters")),
        ("open_at_start", _("of them begun before the first day")),
        ("open_at_end", _("open on the last day")),
        ("projects", _("Projects")),
        ("raised", _("Raised")),
        ("lowered", _("Lowered")),
        ("cleared", _("Cleared")),
        ("reopened", _("Reopened")),
        ("folded", _("folded under another on every day")),
        ("data_missing", _("asked for missing data instead of accusing")),
        ("confirmed", _("confirmed (notice, explanation noted, dispute refused)")),
        ("dismissed", _("dismissed (set aside, dispute upheld)")),
        ("untouched", _("decided by nobody")),
        ("arrears", _("wages were missing after the payday")),
        ("before_payday", _("first seen on or before the payday")),
        ("complaints", _("somebody complained")),
        ("before_complaint", _("first seen before the complaint")),
    ]
    rows: list[tuple[str, Any, Any]] = [
        (label, now.get(k, "—"), tried.get(k, "—")) for k, label in labels
    ]
    for level in sorted(Level, reverse=True):
        key = level.name.lower()
        label = _("highest level: %(level)s") % {"level": level.label}
        rows.append((label, now["levels"][key], tried["levels"][key]))
    spreads = [
        ("lead_payday", _("days before the payday: median (least – most)")),
        ("lead_arrears", _("days before the arrears: median (least – most)")),
        ("lead_complaint", _("days before the complaint: median (least – most)")),
    ]
    return rows + [
        (label, _spread(now.get(key)), _spread(tried.get(key))) for key, label in spreads
    ]


def _spread(found: dict[str, Any] | None) -> str:
    if not found:
        return "—"
    return f"{found['median']:g} ({found['least']} – {found['most']})"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    """A differing matter with its words."""
    said: dict[str, Any] = {
        "kind_label": DIFFERENCE[row["kind"]],
        "outcome_label": OUTCOME[row["outcome"]],
    }
    for name in (NOW, TRIED):
        life = row[name]
        said[f"{name}_first"] = life["first"] if life else ""
        said[f"{name}_level"] = Level[life["highest"].upper()] if life else ""
        said[f"{name}_cleared"] = (life["cleared_on"] or "") if life else ""
    return row | said
