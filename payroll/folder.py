"""A watched folder, for files that come by SFTP.

    DIR/file             sent by the city itself, as `manage.py load` would take it
    DIR/LOGIN/file       sent by the member with that login name: it may name only what is theirs
    DIR/.work/...        claimed; what lies here when the watch starts is taken up again
    DIR/done/2026-11/    accepted, and duplicates; beside each file its NAME.report.json
    DIR/rejected/2026-11/   sent back, with the report that says why

A file is taken when two looks found it the same, so that one still being written is left alone.
Nothing is overwritten and nothing is deleted.
"""

import hashlib
import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from payroll import ingest
from payroll.models import Feed
from projects import scope

WORK, DONE, REJECTED = ".work", "done", "rejected"
_UNFINISHED = (".part", ".filepart", ".tmp", ".swp")
Seen = dict[Path, tuple[int, int]]


def look(root: Path) -> Seen:
    """The files waiting: (size, time of change in ns) by path. No links, no dot files."""
    seen: Seen = {}
    for path in itertools.chain(_files(root), *map(_files, _folders(root))):
        state = path.stat()
        seen[path] = (state.st_size, state.st_mtime_ns)
    return seen


def _folders(root: Path) -> list[Path]:
    return sorted(
        path
        for path in root.iterdir()
        if path.is_dir()
        and not path.is_symlink()
        and not path.name.startswith(".")
        and path.name not in (DONE, REJECTED)
    )


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file() or path.name.startswith("."):
            continue
        if not path.name.lower().endswith(_UNFINISHED):
            yield path


def take(root: Path, before: Seen) -> tuple[Seen, list[dict[str, Any]]]:
    """Take what an earlier look (`before`) found the same; gives this look and the reports."""
    now = look(root)
    settled = [path for path, state in now.items() if before.get(path) == state]
    claimed = [_claim(root, path) for path in settled]
    return now, [report for path in claimed if path and (report := _send(root, path))]


def take_up(root: Path) -> list[dict[str, Any]]:
    """Finish what an earlier watch had claimed and not finished."""
    work = root / WORK
    left = sorted(path for path in work.rglob("*") if path.is_file()) if work.exists() else []
    return [report for path in left if (report := _send(root, path))]


def _claim(root: Path, path: Path) -> Path | None:
    """Out of the sender's reach; None when somebody else was faster."""
    try:
        return _move(path, root / WORK / path.parent.relative_to(root))
    except FileNotFoundError:
        return None


def _send(root: Path, path: Path) -> dict[str, Any]:
    """Through the pipeline, and to where finished files go."""
    login = "/".join(path.parent.relative_to(root / WORK).parts)
    sender = get_user_model().objects.filter(username=login, is_active=True).first()
    if login and (sender is None or scope.member_of(sender) is None):
        message = f"no member has the login name {login!r}: name the folder after a login"
        errors = [{"code": "sender-unknown", "message": message}]
        report = {"file": path.name, "status": Feed.Status.REJECTED.value, "errors": errors}
    else:
        feed = ingest.process(_feed(path, sender))
        report = ingest.report(feed) | {"feed": feed.pk, "sha256": feed.sha256}
    ended = REJECTED if report["status"] == Feed.Status.REJECTED else DONE
    kept = _move(path, root / ended / login / f"{timezone.localdate():%Y-%m}")
    text = json.dumps(report, ensure_ascii=False, indent=1)
    (kept.parent / f"{kept.name}.report.json").write_text(text + "\n", encoding="utf-8")
    return report | {"sender": login, "kept": str(kept.relative_to(root))}


def _feed(path: Path, sender: Any) -> Feed:
    """The feed of a file: the one that an interrupted watch began, or a new one."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        begun = Feed.objects.filter(
            sha256=digest,
            channel="folder",
            sender=sender,
            status__in=(Feed.Status.RECEIVED, Feed.Status.RUNNING),
        ).first()
        if begun is not None:
            return begun
        file.seek(0)
        now = timezone.now()
        member = scope.member_of(sender) if sender else None
        return ingest.receive(
            file,
            path.name,
            sender=sender,
            company=member.company if member and member.is_company else None,
            received_on=timezone.localdate(now),
            received_at=now,
            channel="folder",
        )


def _move(path: Path, folder: Path) -> Path:
    """Into a folder of the same file system, under its name or NAME.2, NAME.3 ... when taken."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in itertools.count(1):
        name = path.name if number == 1 else f"{path.stem}.{number}{path.suffix}"
        target = folder / name
        try:
            os.link(path, target)  # unlike a rename it does not overwrite
        except FileExistsError:
            continue
        path.unlink()
        return target
    raise AssertionError


def watch(root: Path, seconds: float, once: bool) -> Iterator[dict[str, Any]]:
    """The reports of all that comes; for ever, unless `once`: then of what is there."""
    yield from take_up(root)
    before = look(root)
    while True:
        time.sleep(seconds)
        before, reports = take(root, before)
        yield from reports
        if once:
            return
