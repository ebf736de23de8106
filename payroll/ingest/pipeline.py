"""One feed from its bytes to its rows: all of them or none.

A file is read, checked and staged chunk by chunk outside any long transaction, so that progress is
seen and nobody is kept waiting; then one transaction locks the projects, turns the staged rows into
facts and marks the feed accepted. The same bytes accepted before make a duplicate; a file that was
sent back may be sent again.
"""

import datetime as dt
import hashlib
import importlib
import io
import logging
import tempfile
import uuid
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from payroll import feeds, matching
from payroll.checks.issues import Issue, Issues, Unreadable
from payroll.checks.messages import render
from payroll.feeds import Chunk
from payroll.ingest import staging
from payroll.ingest.ahead import Writer
from payroll.ingest.attendance import AttendanceLoader
from payroll.ingest.base import Loader
from payroll.ingest.lookups import Lookups
from payroll.ingest.terminal_log import TerminalLog
from payroll.models import ColumnMap, Feed, FeedIssue, Terminal
from payroll.sources import origin
from payroll.sql import insert
from projects.models import Project
from wagewatch import audit, vault, work

log = logging.getLogger(__name__)


def receive(
    file: BinaryIO,
    filename: str,
    *,
    sender: Any = None,
    company: Any = None,
    received_on: dt.date,
    received_at: dt.datetime,
    channel: str = "command",
    kind: str | None = None,
    terminal: Any = None,
    source: str = "",
) -> Feed:
    """Keep the bytes sealed under MEDIA_ROOT, and the feed that stands for them. `source`: whose
    data a registry feed is (projects.models.Source), when the sender names it."""
    name = f"feeds/{received_on:%Y/%m}/{uuid.uuid4().hex}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    hashing = _Hashing(file)
    with path.open("wb") as target:
        vault.seal_file(hashing, target)  # type: ignore[arg-type]
    return Feed.objects.create(
        kind=kind or "",
        filename=Path(filename).name[-255:],
        size=hashing.size,
        sha256=hashing.digest.hexdigest(),
        file=name,
        sender=sender,
        company=company,
        terminal=terminal,
        source=source,
        channel=channel,
        received_at=received_at,
        received_on=received_on,
    )


class _Hashing:
    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.digest.update(data)
        self.size += len(data)
        return data


def open_bytes(feed: Feed) -> Iterator[bytes]:
    """The file as it came, in pieces; of a call its body."""
    if feed.call is not None:
        yield from vault.open_file(io.BytesIO(bytes(feed.call.body or b"")))
        return
    with (Path(settings.MEDIA_ROOT) / feed.file).open("rb") as sealed:
        yield from vault.open_file(sealed)


def plain_file(feed: Feed) -> IO[bytes]:
    """The file as it came, as a temporary file that has no name and goes when closed."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    for block in open_bytes(feed):
        file.write(block)
    file.seek(0)
    return file


def process(feed: Feed, *, evaluate: bool = True, match: bool = True) -> Feed:
    """Read, check, stage and commit a feed; then match its payments and call AFTER_FEED.

    Safe to run twice: a feed that is finished stays as it is.
    """
    if feed.status not in (Feed.Status.RECEIVED, Feed.Status.RUNNING):
        return feed
    if _duplicate_of(feed):
        return _finish(feed, Feed.Status.DUPLICATE)
    Feed.objects.filter(pk=feed.pk).update(status=Feed.Status.RUNNING)
    staging.clear(feed.pk)
    FeedIssue.objects.filter(feed=feed).delete()
    issues = Issues()
    loader: Loader | None = None
    writer = Writer() if Writer.possible() else None
    try:
        loader = _read(feed, issues, writer)
        if not issues.errors:
            loader.finish()
        if not issues.errors:
            commit = partial(_commit, feed, loader, issues, match)
            writer.commit(commit) if writer and writer.started else commit()
    except Unreadable as error:
        feed.kind = str(error.issue.values.get("kind", feed.kind))
        issues.add(error.issue)
    except Exception:
        log.exception("feed %s could not be processed", feed.pk)
        feed.status, feed.accepted = Feed.Status.RUNNING, 0
        issues = Issues()
        issues.error("internal")
    finally:
        if writer:
            writer.abandon()
        staging.clear(feed.pk, loader.rows if loader else feed.rows)
    if feed.status == Feed.Status.ACCEPTED:
        if evaluate:
            _call_after(feed)
        return feed
    if not issues.errors and _duplicate_of(feed):
        return _finish(feed, Feed.Status.DUPLICATE)
    feed.rows = loader.rows if loader else feed.rows
    return _reject(feed, issues)


def _duplicate_of(feed: Feed) -> Feed | None:
    original = Feed.objects.accepted().filter(sha256=feed.sha256).exclude(pk=feed.pk).first()
    feed.duplicate_of = original
    if original is not None:
        feed.kind, feed.rows = original.kind, original.rows
    return original


def _read(feed: Feed, issues: Issues, writer: Writer | None) -> Loader:
    """Every chunk of the file through its loader."""
    lookups = Lookups(feed)
    if feed.size > settings.FEED_MAX_BYTES:
        raise Unreadable("file-large", limit=settings.FEED_MAX_BYTES >> 20)
    with plain_file(feed) as file:
        source = feeds.Source(file, feed.filename)
        source.maps = list(ColumnMap.objects.active().for_sender(feed.company_id))
        if feed.call is not None:
            source.secret = feed.call.key.secret_of(feed.call.generation)
        reader = feeds.detect(source, feed.kind)
        feed.kind = reader.kind
        if not lookups.may_send(feed.kind):
            raise Unreadable("kind-not-allowed", kind=feed.kind)
        feed.source = origin.of_feed(
            feed.source, feed.kind, lookups.member, pushed=lookups.key is not None
        )
        loader = loader_for(feed.kind)(feed, issues, lookups)
        loader.writer = writer
        for chunk in _ahead(reader.read(source, issues)):
            loader.take(chunk)
            feed.rows = loader.rows
            Feed.objects.filter(pk=feed.pk).update(progress=loader.rows, kind=feed.kind)
    if not loader.rows and not issues.errors and not loader.may_be_empty:
        issues.error("no-rows")
    return loader


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, each read while the one before it is being checked and staged.

    Readers touch no database, so that a thread of their own is safe.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
        coming = reader.submit(next, chunks, None)
        while (chunk := coming.result()) is not None:
            coming = reader.submit(next, chunks, None)
            yield chunk


def loader_for(kind: str) -> type[Loader]:
    """The loader of a kind: LOADER of payroll/ingest/<kind>.py."""
    module = importlib.import_module(f"payroll.ingest.{kind}")
    return module.LOADER  # type: ignore[no-any-return]


def _commit(feed: Feed, loader: Loader, issues: Issues, match: bool) -> bool:
    """Staged rows to facts; whether it came to that. A second try when another feed got in between
    (the same new worker, say); when it was the same file, this one is the duplicate."""
    for attempt in (1, 2):
        try:
            with transaction.atomic():
                _commit_once(feed, loader, issues, match)
            return True
        except IntegrityError:
            feed.status, feed.accepted = Feed.Status.RUNNING, 0
            if _duplicate_of(feed):
                break
            if attempt == 2:
                raise
    return False


def _commit_once(feed: Feed, loader: Loader, issues: Issues, match: bool) -> None:
    projects = loader.lock()
    lock_projects(projects)
    loader.commit()
    touched = loader.touched or projects
    through = Feed.projects.through
    insert([through(feed_id=feed.pk, project_id=pk) for pk in sorted(touched)])
    if match and loader.matches:
        matching.match(touched)
    feed.accepted = loader.rows
    _store(feed, issues)
    _finish(feed, Feed.Status.ACCEPTED)
    audit.record(feed.sender, "accept_feed", feed, kind=feed.kind, rows=feed.rows)


def lock_projects(projects: Collection[int]) -> None:
    """Commits on one project wait for each other; in a stable order nobody waits in a circle."""
    if connection.features.has_select_for_update and projects:
        locked = Project.objects.select_for_update(no_key=True).filter(pk__in=list(projects))
        list(locked.order_by("pk").values_list("pk"))


def _finish(feed: Feed, status: str) -> Feed:
    feed.status = status
    feed.finished_at = timezone.now()
    feed.progress = feed.rows
    feed.save()
    return feed


def _reject(feed: Feed, issues: Issues) -> Feed:
    with transaction.atomic():
        _store(feed, issues)
        _finish(feed, Feed.Status.REJECTED)
        audit.record(feed.sender, "reject_feed", feed, kind=feed.kind, errors=issues.errors)
    return feed


def _store(feed: Feed, issues: Issues) -> None:
    feed.issues_total = issues.errors
    insert([issue_row(issue, feed.pk, issue.row) for issue in issues.items])


def issue_row(issue: Issue, feed_id: int, row: int | None) -> FeedIssue:
    return FeedIssue(
        feed_id=feed_id,
        severity=issue.severity,
        sheet=issue.sheet[:100],
        row=row,
        column=issue.column[:100],
        value=issue.value[:200],
        code=issue.code,
        values=dict(issue.values),
    )


def _call_after(feed: Feed) -> None:
    if feed.channel in ("web", "api") and feed.rows > settings.FEED_BACKGROUND_ROWS:
        work.submit("payroll.ingest.after_feed", feed_id=feed.pk)
    else:
        after_feed(feed.pk)


def after_feed(feed_id: int) -> None:
    """Tell those who follow (settings.AFTER_FEED) which projects a feed touched."""
    feed = Feed.objects.get(pk=feed_id)
    touched = list(feed.projects.order_by("pk").values_list("pk", flat=True))
    tell_followers(touched, feed.received_on)


def tell_followers(projects: list[int], as_of: dt.date | str) -> None:
    """Facts of these projects have changed."""
    for path in settings.AFTER_FEED:
        import_string(path)(projects, as_of)


def read_log_again(feed: Feed, terminal: Terminal, numbers: Collection[str]) -> None:
    """Inside a transaction that has locked the terminal's project: the punches of these user
    numbers, from the kept bytes of an accepted log, into attendance days."""
    loader = AttendanceLoader(feed, Issues(), Lookups(feed))
    loader.log = TerminalLog(feed, terminal, numbers)
    with plain_file(feed) as file:
        source = feeds.Source(file, feed.filename)
        for chunk in feeds.detect(source, feed.kind).read(source, loader.issues):
            loader.take(chunk)
    loader.finish()
    loader.commit()
    staging.clear(feed.pk)


def report(feed: Feed) -> dict[str, Any]:
    """What became of a feed, as the command line and the page show it."""
    said: dict[str, list[dict[str, Any]]] = {"error": [], "hint": []}
    for issue in feed.issues.all():
        said[issue.severity].append(
            {
                "sheet": issue.sheet,
                "row": issue.row,
                "column": issue.column,
                "value": issue.value,
                "code": issue.code,
                "message": str(render(issue)),
            }
        )
    return {
        "file": feed.filename,
        "kind": feed.kind,
        "status": feed.status,
        "rows": feed.rows,
        "accepted": feed.accepted,
        "errors_total": feed.issues_total,
        "errors": said["error"],
        "hints": said["hint"],
    }
