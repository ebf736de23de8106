from payroll.models.attendance import AttendanceDay, AttendanceMonth
from payroll.models.bank import BankEntry, BankStatement, PaymentMatch
from payroll.models.cycle import Cycle, Payday
from payroll.models.feed import Feed, FeedIssue
from payroll.models.sheet import Sheet, SheetLine
from payroll.models.staging import StagedDay, StagedEntry, StagedLine, StagedWorker

__all__ = [
    "AttendanceDay",
    "AttendanceMonth",
    "BankEntry",
    "BankStatement",
    "Cycle",
    "Feed",
    "FeedIssue",
    "Payday",
    "PaymentMatch",
    "Sheet",
    "SheetLine",
    "StagedDay",
    "StagedEntry",
    "StagedLine",
    "StagedWorker",
]
