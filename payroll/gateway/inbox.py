"""Pushes: kept before the answer, turned into feeds afterwards, each with its own report.

A push is one INSERT; its unique key refuses a replay. One drain at a time, whatever the number of
workers, makes feeds of what waits and processes them in order; attendance of one key is committed
together (payroll/ingest/together.py). The rows are the truth: a drain that was killed is taken up
by the next push or by the minute's sweep.
"""

import datetime as dt
import fcntl
import hashlib
import io
import itertools
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.utils import timezone

from payroll.gateway.envelope import Call, replayed
from payroll.models import Feed, GatewayCall, GatewayKey
from payroll.sql import rows, table
from wagewatch import vault, work
from wagewatch.models import Work

if TYPE_CHECKING:
    from payroll.gateway.methods.base import Push

DRAIN = "payroll.gateway.inbox.drain"
AFTER = "payroll.ingest.tell_followers"
BATCH = 400
PATIENCE = dt.timedelta(seconds=10)
TURN = 10.0  # seconds after which a drain lets other work have its turn
_LOCK = 0x57616765  # PostgreSQL advisory lock
_PHOTOS = ("image", "photo", "attachment")  # fields whose names hold one of these
_CALL = table(GatewayCall)
_WORK = table(Work)
_COLUMNS = (
    "key_id, nonce, timestamp, method, project_id, generation, received_at, body, size, sha256, "
    "waiting"
)
_INSERT = (
    f"INSERT INTO {_CALL} ({_COLUMNS}) VALUES ({', '.join(['%s'] * 11)}) "
    "ON CONFLICT (key_id, nonce, timestamp) DO NOTHING RETURNING id"
)


def note(call: Call, method: str) -> None:
    """Remember a query, so that it cannot be replayed. Raises Refused."""
    _insert(call, method, None, 0, "", False)


def keep(call: Call, method: "Push") -> str:
    """Keep a push for good and see that it is worked off; its requestSerialCode. Raises Refused
    for a replay."""
    body = _body(call, method)
    sealed = io.BytesIO()
    vault.seal_file(io.BytesIO(body), sealed)
    digest = hashlib.sha256(body).hexdigest()
    pk = _insert(call, method.name, sealed.getvalue(), len(body), digest, True)
    wake()
    return _code(method.name, call.now, call.caller.key.pk, pk)


def _insert(
    call: Call, method: str, body: bytes | None, size: int, digest: str, waiting: bool
) -> int:
    at = connection.ops.adapt_datetimefield_value(call.now)
    values = [
        *(call.caller.key.pk, call.nonce, call.timestamp, method, call.project_id),
        *(call.generation, at, body, size, digest, waiting),
    ]
    found = rows(_INSERT, values)
    if not found:
        raise replayed()
    return int(found[0][0])


def _body(call: Call, method: "Push") -> bytes:
    """What is kept: the data as they came, without photographs, and what tells their meaning."""
    data = call.text
    if not call.caller.key.keep_photos and any(name in data.lower() for name in _PHOTOS):
        data = json.dumps(_without_photos(call.data), ensure_ascii=False)
    head: dict[str, Any] = {"method": method.name, "appid": call.caller.key.appid}
    if call.known:
        head["known"] = call.known
    if method.again:
        head["call"] = f"{call.timestamp} {call.nonce}"
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "data": {data}}}'.encode()


def _without_photos(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_photos(inner)
            for name, inner in value.items()
            if not any(photo in name for photo in _PHOTOS)
        }
    return [_without_photos(inner) for inner in value] if isinstance(value, list) else value


def _code(method: str, received_at: Any, key: int, pk: int) -> str:
    """`payroll-add-2026010208-1-0001`: method, hour, key, running number."""
    hour = f"{timezone.localtime(received_at):%Y%m%d%H}"
    return f"{method.lower().replace('.', '-')}-{hour}-{key}-{pk:04d}"


def kept(code: str, key: GatewayKey) -> GatewayCall | None:
    """The key's push with this requestSerialCode."""
    number = code.rpartition("-")[2]
    if not number.isdecimal() or len(number) > 18:
        return None
    found = GatewayCall.objects.filter(pk=int(number), key=key, body__isnull=False).first()
    if found and _code(found.method, found.received_at, key.pk, found.pk) == code:
        return found
    return None


def team_of(push: GatewayCall) -> dict[str, Any]:
    """The team that a Team.* push was about, as a filter."""
    from payroll.feeds.gateway import opened

    content = opened(b"".join(vault.open_file(io.BytesIO(bytes(push.body or b"")))))
    data = content["data"]
    return {"company__code": data.get("corpcode", ""), "name": data.get("teamname", "")}


def wake() -> None:
    """See that a drain comes after this. One that waits in the queue has not looked yet; one that
    has waited for long may have been lost with its worker."""
    recent = connection.ops.adapt_datetimefield_value(timezone.now() - PATIENCE)
    waits = (
        f"SELECT 1 FROM {_WORK} "
        "WHERE status = 'waiting' AND function = %s AND created_at > %s LIMIT 1"
    )
    if not rows(waits, [DRAIN, recent]):
        work.submit(DRAIN)


def sweep() -> None:
    """Every minute: take up what a killed drain left, forget queries that are too old to replay."""
    if _open().exists() or GatewayCall.objects.filter(waiting=True).exists():
        wake()
    old = timezone.now() - dt.timedelta(days=1)
    GatewayCall.objects.filter(body__isnull=True, received_at__lt=old).delete()


def _open() -> Any:
    return Feed.objects.filter(
        call__isnull=False, status__in=[Feed.Status.RECEIVED, Feed.Status.RUNNING]
    )


def drain() -> int:
    """Process what waits, in order; gives the number of pushes. Nothing when another drain is at
    it: that one looks again after it has let go."""
    done = 0
    with _alone() as alone:
        if not alone:
            return 0
        end = time.monotonic() + TURN
        after = _After()
        while time.monotonic() < end and (count := _batch(after)):
            done += count
        after.queue()
    if GatewayCall.objects.filter(waiting=True).exists() or _open().exists():
        wake()
    return done


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else holds this database's drain lock; it goes with its process."""
    if connection.vendor == "postgresql":
        got = bool(rows("SELECT pg_try_advisory_lock(%s)", [_LOCK])[0][0])
        try:
            yield got
        finally:
            if got:
                rows("SELECT pg_advisory_unlock(%s)", [_LOCK])
        return
    with Path(f"{connection.settings_dict['NAME']}.drain").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _batch(after: "_After") -> int:
    _make_feeds()
    feeds = list(_open().select_related("call__key", "company").order_by("pk")[:BATCH])
    after.note(feeds)
    feeds.sort(key=lambda feed: (feed.call.key_id, feed.pk))  # type: ignore[union-attr]
    for _, group in itertools.groupby(feeds, key=_folds):
        _process(list(group))
    return len(feeds)


def _make_feeds() -> None:
    """A feed for each push that waits."""
    from payroll.gateway.methods import find

    waiting = GatewayCall.objects.filter(waiting=True).defer("body").select_related("key")
    calls = list(waiting.order_by("pk")[:BATCH])
    if not calls:
        return
    feeds = []
    for call in calls:
        method: Any = find(call.method)
        feeds.append(
            Feed(
                kind=method.kind,
                filename=f"{call.method}-{call.pk}.json",
                size=call.size,
                sha256=call.sha256,
                call=call,
                company_id=call.key.company_id,
                channel="gateway",
                received_at=call.received_at,
                received_on=timezone.localdate(call.received_at),
            )
        )
    with transaction.atomic():
        Feed.objects.bulk_create(feeds)
        GatewayCall.objects.filter(pk__in=[call.pk for call in calls]).update(waiting=False)


def _folds(feed: Feed) -> tuple[Any, ...]:
    """Neighbours with the same value are processed together."""
    call: Any = feed.call
    if feed.kind == "attendance" and feed.status == Feed.Status.RECEIVED:
        return (call.key_id, call.generation, feed.received_on)
    return (call.key_id, feed.pk)


def _process(feeds: list[Feed]) -> None:
    from payroll import ingest

    if len(feeds) > 1:
        ingest.process_together(feeds)
    else:
        ingest.process(feeds[0], evaluate=False)


class _After:
    """The judging of what a drain touches: one piece of work, written before the first commit, so
    that it is not lost with the drain, and queued at its end."""

    def __init__(self) -> None:
        self.work: Work | None = None
        self.projects: set[int] = set()

    def note(self, feeds: list[Feed]) -> None:
        new = {feed.call.project_id for feed in feeds if feed.call} - self.projects - {None}
        if not new:
            return
        self.projects |= new  # type: ignore[arg-type]
        day = max(feed.received_on for feed in feeds)
        arguments = {"projects": sorted(self.projects), "as_of": str(day)}
        if self.work is None:
            self.work = Work.objects.create(function=AFTER, arguments=arguments)
        else:
            self.work.arguments = arguments
            Work.objects.filter(pk=self.work.pk).update(arguments=arguments)

    def queue(self) -> None:
        if self.work:
            work.queue(self.work.pk)
