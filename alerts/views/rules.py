"""The rule catalogue with the values in force, their history, and setting one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import backtest, law, parameters
from alerts.forms import ParameterForm
from alerts.models import Backtest, RuleParameter
from alerts.rules import catalogue
from alerts.rules.base import STAGES, Rule
from alerts.scoring import STANDING
from projects.access import Role, members_only
from projects.models import Region


@members_only()
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every rule by stage; what the law demands is no secret."""
    rules = catalogue().values()
    stages = [(stage, [rule for rule in rules if rule.stage == stage]) for stage in STAGES]
    return render(request, "alerts/rules.html", {"stages": [pair for pair in stages if pair[1]]})


TRIALS = 5
"""Trials on the history shown beside the form that sets a value."""


def _rule(code: str) -> Rule:
    rule = STANDING if code == STANDING.code else catalogue().get(code)
    if rule is None:
        raise Http404
    return rule


@members_only()
@require_GET
def rule(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _rule(code))


def _page(request: HttpRequest, rule: Rule, form: ParameterForm | None = None) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    today = timezone.localdate()
    region = member.region_id or ""
    values = parameters.in_force(rule, region, today)
    history = RuleParameter.objects.filter(rule=rule.code).select_related(
        "region", "set_by", "backtest"
    )
    if form is None and member.role == Role.INSPECTOR and rule.params:
        form = ParameterForm(rule=rule, regions=_regions(member), today=today)
    context: dict[str, Any] = {
        "rule": rule,
        "articles": [law.ARTICLES[key] for key in rule.law],
        "params": [(param, values[param.name]) for param in rule.params],
        "labels": {param.name: str(param.label) for param in rule.params},
        "hides": sorted({code for fold in rule.hides for code in fold.rules}),
        "history": history.order_by("-valid_from", "name", "region"),
        "region": member.region,
        "territory": member.region.prefix if member.role == Role.INSPECTOR else None,
        "today": today,
        "form": form,
        "trials": Backtest.objects.visible_to(member)
        .done()
        .filter(rule=rule.code)
        .select_related("region")[:TRIALS],
        "tried_by": set(Backtest.objects.visible_to(member).values_list("pk", flat=True))
        if history.exclude(backtest=None).exists()
        else (),
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "alerts/rule.html", context, status=status)


def _regions(member: Any) -> Any:
    """The regions for which a member may set values: those of its territory."""
    return Region.objects.filter(code__startswith=member.region.prefix)


@members_only(Role.INSPECTOR)
@require_POST
def set_parameter(request: HttpRequest, code: str) -> HttpResponse:
    rule, today = _rule(code), timezone.localdate()
    regions = _regions(request.member)  # type: ignore[attr-defined]
    form = ParameterForm(request.POST, rule=rule, regions=regions, today=today)
    if not form.is_valid():
        return _page(request, rule, form)
    asked = form.cleaned_data
    trial = backtest.trial_of(code, asked["name"], asked["value"], asked["region"], today)
    if trial is None and not asked["reason"].strip():
        form.add_error("reason", _("Try the value on the history first, or say why not."))
        return _page(request, rule, form)
    parameters.set_value(rule, user=request.user, on=today, trial=trial, **asked)
    messages.success(request, _("Set. Warnings already judged keep their values."))
    return redirect("rule", code=code)


@members_only(Role.INSPECTOR)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]
    made = get_object_or_404(RuleParameter, pk=pk, region__in=_regions(member))
    try:
        parameters.withdraw(made, request.user, on=timezone.localdate())
    except ValueError:
        messages.error(request, _("A value that has held stays on record; set another."))
    else:
        messages.success(request, _("Withdrawn."))
    return redirect("rule", code=made.rule)
