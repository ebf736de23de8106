"""A file sent by a browser or a program: kept; read at once when small, else in the background."""

import datetime as dt
import zipfile
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from payroll import ingest
from payroll.models import Feed, Terminal
from projects.models import Member
from wagewatch import work

_ROW_BYTES = {"xlsx": 500, "xml": 900, "text": 60}
"""Bytes that a row takes at least, unpacked: estimates run high, which only means "later"."""


def take(
    file: Any,
    *,
    user: Any,
    member: Member,
    now: dt.datetime | None = None,
    channel: str = "web",
    kind: str | None = None,
    terminal: Terminal | None = None,
    source: str = "",
) -> Feed:
    """Receive one uploaded file and process it, or put it in the queue. Gives its feed.
    `terminal`: the time clock whose log it is, `source`: whose registry data it is
    (projects.models.Source), where the sender chose one."""
    now = now or timezone.now()
    rows = estimated_rows(file, file.size)
    feed = ingest.receive(
        file,
        file.name,
        sender=user,
        company=member.company if member.is_company else None,
        received_on=timezone.localdate(now),
        received_at=now,
        channel=channel,
        kind=kind,
        terminal=terminal,
        source=source,
    )
    if rows > settings.FEED_BACKGROUND_ROWS:
        work.submit("payroll.upload.process_feed", feed_id=feed.pk)
        return feed
    return ingest.process(feed)


def process_feed(feed_id: int) -> None:
    """The background half of `take`; safe to run twice."""
    ingest.process(Feed.objects.get(pk=feed_id))


def estimated_rows(file: IO[bytes], size: int) -> int:
    """How many rows a file holds, roughly and without reading it: an XLSX says in its directory
    how large its sheets unpack, other files are judged by their size and first bytes."""
    head = file.read(512)
    file.seek(0)
    if head.startswith(b"PK"):
        try:
            with zipfile.ZipFile(file) as archive:
                sheets = [i for i in archive.infolist() if i.filename.startswith("xl/worksheets/")]
            return sum(info.file_size for info in sheets) // _ROW_BYTES["xlsx"]
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return 0  # damaged: the pipeline says so at once
        finally:
            file.seek(0)
    is_xml = head.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"<")
    return size // _ROW_BYTES["xml" if is_xml else "text"]
