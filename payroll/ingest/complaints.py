"""Registry feed `complaints`: what was said first stays; what was done since is added as steps.

The same complaint is known again by its number, or without one by all that it says. Whatever the
order in which the files come, the earliest received gives the facts, and a step counts from the
earliest day on which a file told of it.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from payroll import complaints
from payroll.checks import society
from payroll.ingest.registry import RegistryLoader
from payroll.models import Complaint, ComplaintStep
from payroll.sql import insert
from wagewatch import bulk, vault

Act = ComplaintStep.Act

_SAID = (
    *("received_on", "id_type", "id_number", "id_hash", "phone", "phone_hash", "name", "people"),
    *("amount", "site_name", "company_name", "text", "feed_id", "known_from"),
)
_COMPARED = ("received_on", "people", "amount", "text")
_STEPS = (
    ("accepted_on", Act.ACCEPTED),
    ("refused_on", Act.REFUSED),
    ("answered_on", Act.ANSWERED),
)


class _Done(NamedTuple):
    """A step that a file tells of: the same one in another file is the same step."""

    complaint: int
    act: str
    on: Any
    project: int | None


class ComplaintsLoader(RegistryLoader):
    kind = "complaints"
    checks = society

    def lock(self) -> set[int]:
        return {int(r["project_id"]) for r in self.records if r["project_id"]}

    def finish(self) -> None:
        """A complaint of another territory must not be changed by a sender out of its reach."""
        marks = {_mark(record): record for record in self.records}
        held = Complaint.objects.filter(mark__in=marks).exclude(project=None)
        reach = self.lookups.reach().values("pk")
        for mark in held.exclude(project__in=reach).values_list("mark", flat=True):
            reference = marks[mark]["reference"]
            self.issues.error("project-unknown", column="complaintNo", value=reference)

    def commit(self) -> None:
        marked = {_mark(record): record for record in self.records}
        known = {c.mark: c for c in Complaint.objects.filter(mark__in=marked)}
        insert([self._new(mark, r) for mark, r in marked.items() if mark not in known])
        earlier = []
        for mark, complaint in known.items():
            fresh = self._new(mark, marked[mark])
            if any(getattr(fresh, name) != getattr(complaint, name) for name in _COMPARED):
                value = complaint.reference or complaint.number
                self.issues.hint("complaint-differs", column="complaintNo", value=value)
            if self.feed.received_on < complaint.known_from:
                for name in _SAID:
                    setattr(complaint, name, getattr(fresh, name))
                earlier.append(complaint)
        bulk.update_each(earlier, _SAID)
        ids = dict(Complaint.objects.filter(mark__in=marked).values_list("mark", "pk"))
        self._steps((ids[mark], record) for mark, record in marked.items())
        complaints.refresh(ids.values())
        touched = Complaint.objects.filter(pk__in=ids.values(), project__isnull=False)
        self.touched = set(touched.values_list("project", flat=True))

    def _new(self, mark: Any, record: dict[str, Any]) -> Complaint:
        number, phone = record["id_number"], record["phone"]
        sender = self.lookups.member
        return Complaint(
            mark=mark,
            id_hash=vault.blind(number) if number else None,
            phone_hash=vault.blind(phone) if phone else None,
            feed_id=self.feed.pk,
            known_from=self.feed.received_on,
            region_id=record["region_id"] or (sender and sender.region_id) or None,
            **{name: record[name] for name in ("channel", "reference", *_PLAIN)},
        )

    def _steps(self, rows: Iterable[tuple[int, dict[str, Any]]]) -> None:
        day = self.feed.received_on
        told: dict[_Done, str] = {}
        for pk, record in rows:
            if record["project_id"]:
                told[_Done(pk, Act.MATCHED, day, int(record["project_id"]))] = ""
            for name, act in _STEPS:
                if record[name]:
                    note = record["result"] if act != Act.ACCEPTED else ""
                    told[_Done(pk, act, record[name], None)] = note
        known = {
            _Done(step.complaint_id, step.act, step.on, step.project_id): step
            for step in ComplaintStep.objects.filter(
                complaint__in={done.complaint for done in told}, feed_id__isnull=False
            )
        }
        sooner = []
        for done in told.keys() & known.keys():
            if day < known[done].known_from:
                known[done].known_from = day
                sooner.append(known[done])
        bulk.update_each(sooner, ["known_from"])
        insert(
            [
                ComplaintStep(
                    complaint_id=done.complaint,
                    act=done.act,
                    on=done.on,
                    project_id=done.project,
                    note=note,
                    known_from=day,
                    feed_id=self.feed.pk,
                )
                for done, note in told.items()
                if done not in known
            ]
        )


_PLAIN = (
    *("received_on", "id_type", "id_number", "phone", "name", "people", "amount"),
    *("site_name", "company_name", "text"),
)


def _mark(record: dict[str, Any]) -> Any:
    """The blind index of what makes it the same complaint."""
    names = society.NUMBERED if record["reference"] else society.SAID
    return vault.blind("|".join(str(record[name]) for name in names))


LOADER = ComplaintsLoader
