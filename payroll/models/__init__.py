from payroll.models.api_call import ApiCall
from payroll.models.arrear import Arrear
from payroll.models.attendance import AttendanceDay, AttendanceMonth
from payroll.models.bank import BankEntry, BankStatement, PaymentMatch
from payroll.models.column_map import ColumnMap
from payroll.models.complaint import Complaint, ComplaintFile, ComplaintStep
from payroll.models.confirmation import Confirmation
from payroll.models.cycle import Cycle, Payday
from payroll.models.feed import Feed, FeedIssue
from payroll.models.gateway import GatewayCall, GatewayKey
from payroll.models.indicator import Indicator
from payroll.models.reconciliation import Difference, Reconciliation
from payroll.models.review import Review
from payroll.models.sheet import Sheet, SheetLine
from payroll.models.staging import StagedDay, StagedEntry, StagedWorker
from payroll.models.terminal import Terminal, TerminalUser, WaitingPunches

__all__ = [
    "ApiCall",
    "Arrear",
    "AttendanceDay",
    "AttendanceMonth",
    "BankEntry",
    "BankStatement",
    "ColumnMap",
    "Complaint",
    "ComplaintFile",
    "ComplaintStep",
    "Confirmation",
    "Cycle",
    "Difference",
    "Feed",
    "FeedIssue",
    "GatewayCall",
    "GatewayKey",
    "Indicator",
    "Payday",
    "PaymentMatch",
    "Reconciliation",
    "Review",
    "Sheet",
    "SheetLine",
    "StagedDay",
    "StagedEntry",
    "StagedWorker",
    "Terminal",
    "TerminalUser",
    "WaitingPunches",
]
