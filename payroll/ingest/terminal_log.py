"""Punches of a time clock's log: whose they are, and which have to wait.

The sender says which terminal a log is of, or the file's name tells: the terminal's serial
(`CKU1234567_attlog.dat`), or the code of a project that has only one. Punches of a number that
nobody is mapped to stay in the feed's kept bytes, are counted in WaitingPunches, and are read again
when somebody is (payroll/terminals.py).
"""

import re
from collections.abc import Collection
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from payroll.checks import attendance as checks
from payroll.checks import columns
from payroll.checks.issues import STORED, Issues, Unreadable
from payroll.feeds.base import Chunk
from payroll.ingest.attendance_days import date_of
from payroll.models import Feed, Terminal, TerminalUser, WaitingPunches
from payroll.sql import hex_of

STATES = {
    "0": True, "1": False, "2": False, "3": True, "4": True, "5": False, "i": True, "o": False,
    "c/in": True, "c/out": False, "in": True, "out": False, "out back": True,
    "check in": True, "check out": False, "check-in": True, "check-out": False,
    "checkin": True, "checkout": False, "break out": False, "break in": True,
    "break-out": False, "break-in": True, "overtime in": True, "overtime out": False,
    "ot-in": True, "ot-out": False, "签到": True, "签退": False, "上班签到": True,
    "下班签退": False, "上班": True, "下班": False, "外出": False, "外出返回": True,
    "加班签到": True, "加班签退": False,
    "进": True, "出": False, "进场": True, "出场": False, "入": True, "退场": False,
}  # fmt: skip
_UNDEFINED = ("", "255", "-1")
_LOG = re.compile(r"[_\-\s]*attlog.*\Z", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9A-Za-z]{1,24}")


class TerminalLog:
    """The log of one terminal while it is read. `only`: numbers to look at, else all."""

    def __init__(self, feed: Feed, terminal: Terminal, only: Collection[str] = ()) -> None:
        self.feed = feed
        self.terminal = terminal
        self.only = frozenset(only)
        known = TerminalUser.objects.filter(terminal=terminal, worker__isnull=False)
        self.workers = {
            number: hex_of(one) for number, one in known.values_list("number", "worker__id_hash")
        }
        self.waiting: dict[str, tuple[int, int, int, int]] = {}  # row, punches, first, last second
        self.undefined = 0

    @classmethod
    def of(cls, feed: Feed, lookups: Any) -> "TerminalLog":
        """Raises Unreadable: terminal-missing, terminal-several."""
        if feed.terminal:
            return cls(feed, feed.terminal)
        found = lookups.terminals(_names(feed.filename))
        if len(found) != 1:
            code = "terminal-several" if found else "terminal-missing"
            raise Unreadable(code, value=feed.filename, kind=feed.kind)
        feed.terminal = found[0]  # kept with the feed: when the terminal was last heard of
        return cls(feed, found[0])

    def take(self, chunk: Chunk, issues: Issues, people: dict[tuple[int, str], int]) -> np.ndarray:
        """The packed punches of the numbers that are mapped; the others are counted."""
        numbers = _numbers(chunk, issues)
        instants = checks.seconds(chunk, issues).to_numpy()
        is_in = self._states(chunk, issues)
        if issues.errors:
            return np.empty(0, dtype=np.int64)
        instants = instants + self.terminal.clock_offset * 60
        sound = self._clock(chunk, issues, instants)
        codes, distinct = pd.factorize(numbers)
        person = np.full(len(distinct), -1, dtype=np.int64)
        for place, number in enumerate(distinct.tolist()):
            if self.only and number not in self.only:
                continue
            if number in self.workers:
                key = (self.terminal.project_id, self.workers[number])
                person[place] = people.setdefault(key, len(people))
            else:
                self._wait(number, chunk, (codes == place) & sound, instants)
        mapped = sound & (person[codes] >= 0)
        return checks.pack(person[codes][mapped], instants[mapped], is_in[mapped])

    def _states(self, chunk: Chunk, issues: Issues) -> np.ndarray:
        text = chunk.text("direction")
        undefined = text.isin(_UNDEFINED)
        self.undefined += int(undefined.sum())
        chunk.frame["direction"] = text.mask(undefined, "0")
        return columns.choices(chunk, "direction", issues, STATES).to_numpy(dtype=bool)

    def _clock(self, chunk: Chunk, issues: Issues, instants: np.ndarray) -> np.ndarray:
        """Which punches can be true. A wrong clock is said; what it should show is not guessed."""
        began = self.terminal.project.start_date
        start = checks.end_of(began) - checks.DAY if began else 0
        late = instants >= checks.end_of(self.feed.received_on)
        wrong = late | (instants < max(start, checks.OLDEST))
        issues.where(
            chunk,
            "date",
            pd.Series(wrong, index=chunk.frame.index),
            "clock-off",
            "hint",
            latest=str(self.feed.received_on),
        )
        return ~wrong  # type: ignore[no-any-return]

    def _wait(self, number: str, chunk: Chunk, which: np.ndarray, instants: np.ndarray) -> None:
        found = instants[which]
        if not len(found):
            return
        row = int(chunk.frame.index[np.argmax(which)])
        before = self.waiting.get(number, (row, 0, int(found.min()), 0))
        self.waiting[number] = (
            before[0],
            before[1] + len(found),
            min(before[2], int(found.min())),
            max(before[3], int(found.max())),
        )

    def report(self, issues: Issues) -> None:
        if self.undefined:
            issues.hint("log-state", count=self.undefined)
        for number, (row, punches, _, _) in list(self.waiting.items())[:STORED]:
            issues.hint("terminal-user-unknown", row=row, value=number, punches=punches)
        issues.hints += max(0, len(self.waiting) - STORED)

    def keep_waiting(self) -> None:
        """Which numbers of the feed wait for somebody to be mapped to them."""
        if self.only or not self.waiting:
            return
        TerminalUser.objects.bulk_create(
            [TerminalUser(terminal=self.terminal, number=number) for number in self.waiting],
            ignore_conflicts=True,
        )
        users = TerminalUser.objects.filter(terminal=self.terminal)
        keys = dict(users.values_list("number", "pk"))
        WaitingPunches.objects.bulk_create(
            WaitingPunches(
                feed=self.feed,
                user_id=keys[number],
                punches=punches,
                first_day=date_of(first // checks.DAY),
                last_day=date_of(last // checks.DAY),
            )
            for number, (_, punches, first, last) in self.waiting.items()
        )


def _names(filename: str) -> list[str]:
    """What in a file name may be a serial or a project's code, the likeliest first."""
    stem = PurePath(filename).stem
    parts = [stem, _LOG.sub("", stem), *re.split(r"[_\s.()（）]+", stem)]
    return [part for part in dict.fromkeys(parts) if part]


def _numbers(chunk: Chunk, issues: Issues) -> pd.Series:
    """User numbers without the zeros before them, which some terminals write and others do not."""
    text = chunk.text("userNumber")
    columns.missing(chunk, "userNumber", issues, text)
    wrong = ~text.str.fullmatch(_NUMBER.pattern).astype(bool) & text.ne("").astype(bool)
    issues.where(chunk, "userNumber", wrong, "user-number")
    bare = text.str.lstrip("0")
    return bare.mask(bare.eq("").astype(bool), "0")
