"""A new terminal, and the workers chosen for its user numbers: only what the member may see."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payroll.models import Terminal
from projects import scope
from projects.models import Engagement, Member, Project

_KEY = re.compile(r"#(\d+)\s*\Z")


class TerminalForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Terminal
        fields = ("serial", "project", "name", "clock_offset")
        labels = {
            "serial": _("Serial number"),
            "project": _("Project"),
            "name": _("Place"),
            "clock_offset": _("Clock offset (minutes)"),
        }
        widgets = {
            "serial": forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
            "project": forms.Select(attrs={"class": "form-select"}),
            "name": forms.TextInput(attrs={"class": "form-control"}),
            "clock_offset": forms.NumberInput(attrs={"class": "form-control"}),
        }

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["project"].queryset = Project.objects.visible_to(member).order_by("name")
        if member.role == Member.Role.SUB:
            self.instance.company = member.company


def candidates(terminal: Terminal, member: Member) -> list[Engagement]:
    """The registered workers of the terminal's project that the member may see."""
    rows = Engagement.objects.filter(project=terminal.project_id, registered=True)
    if terminal.company_id:
        rows = rows.filter(employer=terminal.company_id)
    seen = scope.visible(rows, member).select_related("worker", "employer")
    return list(seen.order_by("team", "worker__name", "pk"))


def label(engagement: Engagement) -> str:
    """How a worker is offered; the number after # is the engagement's."""
    worker = engagement.worker
    parts = [worker.name, worker.masked_id, engagement.team, f"#{engagement.pk}"]
    return " ".join(part for part in parts if part)


def chosen(
    numbers: list[str], answers: list[str], people: list[Engagement]
) -> tuple[dict[str, int], list[str]]:
    """(worker by number, the numbers whose answer fits nobody); an empty answer is none."""
    by_key = {one.pk: one.worker_id for one in people}
    found: dict[str, int] = {}
    unfit: list[str] = []
    for number, answer in zip(numbers, answers, strict=False):
        if not answer.strip():
            continue
        key = _KEY.search(answer)
        worker = by_key.get(int(key[1])) if key else None
        if worker is None:
            unfit.append(number)
        else:
            found[number] = worker
    return found, unfit
