"""Acts on time clocks: registering one, and saying whose its user numbers are."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from payroll import ingest
from payroll.models import Feed, Terminal, TerminalUser, WaitingPunches
from projects.models import Engagement, Project
from wagewatch import audit


class NotPossible(ValueError):
    """Why an act was refused, in the user's language; nothing was changed."""


def register(terminal: Terminal, *, user: Any) -> Terminal:
    """Keep a new terminal. Raises django.core.exceptions.ValidationError."""
    return _save(terminal, "register_terminal", user)


def change(terminal: Terminal, *, user: Any) -> Terminal:
    """Keep a terminal's new facts, which hold for logs read from now on. Raises ValidationError."""
    return _save(terminal, "change_terminal", user)


@transaction.atomic
def _save(terminal: Terminal, act: str, user: Any) -> Terminal:
    terminal.full_clean()
    terminal.save()
    facts = {"serial": terminal.serial, "project": terminal.project.code}
    audit.record(user, act, terminal, **facts, clock_offset=terminal.clock_offset)
    return terminal


def map_users(terminal: Terminal, chosen: Mapping[str, int], *, user: Any, as_of: dt.date) -> int:
    """Say whose numbers these are (number -> worker), and make attendance days of the punches that
    waited for it, each known from the day its feed was received. Gives how many punches those are.

    Raises NotPossible for a worker who is not registered on the project, or a number that is
    somebody else's already.
    """
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=terminal.project_id)
        users = _users(terminal, chosen)
        for one in users:
            one.worker_id, one.known_from = chosen[one.number], one.known_from or as_of
        TerminalUser.objects.bulk_update(users, ["worker", "known_from"])
        waiting = WaitingPunches.objects.filter(user__in=users)
        punches = sum(waiting.values_list("punches", flat=True))
        feeds = Feed.objects.filter(waiting__in=waiting).distinct().order_by("pk")
        for feed in feeds:
            ingest.read_log_again(feed, terminal, set(chosen))
        waiting.delete()
        audit.record(user, "map_terminal_users", terminal, workers=dict(chosen), punches=punches)
    if punches:
        ingest.tell_followers([terminal.project_id], as_of)
    return punches


def _users(terminal: Terminal, chosen: Mapping[str, int]) -> list[TerminalUser]:
    workers = set(chosen.values())
    registered = Engagement.objects.filter(
        project=terminal.project_id, registered=True, worker__in=workers
    ).values_list("worker", flat=True)
    if workers - set(registered):
        raise NotPossible(_("Only a worker registered on this project can be chosen."))
    users = list(TerminalUser.objects.filter(terminal=terminal, number__in=chosen))
    new = set(chosen) - {one.number for one in users}
    if new:
        raise NotPossible(_("The terminal has no number %(number)s.") % {"number": min(new)})
    for one in users:
        if one.worker_id and one.worker_id != chosen[one.number]:
            raise NotPossible(
                _("The number %(number)s is somebody else's.") % {"number": one.number}
            )
    return users
