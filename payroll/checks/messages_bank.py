# ruff: noqa: E501
"""The wording of the issues of bank feeds; see messages.py."""

from wagewatch.bilingual import Text

BANK: dict[str, Text] = {
    "entry-twice": Text(
        "流水号“{value}”在文件中重复，另见第 {other} 行。每笔流水号应唯一。",
        "The reference “{value}” stands twice in the file; see row {other}. Each movement needs its "
        "own.",
    ),
    "entry-differs": Text(
        "流水号“{value}”以前收到过，金额（{amount}）、方向或日期（{date}）不同。请与银行核对。",
        "The reference “{value}” was received before with another amount ({amount}), direction or "
        "day ({date}). Ask the bank.",
    ),
    "entries-pending": Text(
        "{count} 笔未记账的流水未读取，待银行记账后再报送。",
        "{count} entries that are not booked yet were left out; they come when they are booked.",
    ),
    "statement-period": Text(
        "对账单没有写明截止日期。", "The statement does not say up to which day it reaches."
    ),
    "bank-balance-entries": Text(
        "对账单“{value}”余额不平：期初 {opening} 加发生额 {moved} 应为 {expected}，而期末为 {closing}，相差 {difference}。文件可能缺少流水，请重新从银行下载。",
        "The statement “{value}” does not add up: opening {opening} and entries {moved} make "
        "{expected}, but the closing balance is {closing} (difference {difference}). Entries may be "
        "missing; download it from the bank again.",
    ),
    "silent-amount": Text(
        "状态为“无交易”的行不应有金额（{value}）。有发生额请填写状态“booked”和流水号。",
        "A row with the status “none” has an amount ({value}). A movement has the status “booked” "
        "and a reference.",
    ),
    "batch-sum": Text(
        "批量流水“{value}”的明细合计 {sum} 与该笔金额 {total} 不符，相差 {difference}。请重新从银行下载。",
        "The details of the batch “{value}” add up to {sum}, but the entry is {total} (difference "
        "{difference}). Download it from the bank again.",
    ),
    "batch-differs": Text(
        "批量流水“{value}”以前收到时合计为 {known}，现为 {total}。请与银行核对。",
        "The batch “{value}” was received before with a total of {known}; now it is {total}. Ask the "
        "bank.",
    ),
    "currency": Text(
        "币种“{value}”不是人民币（CNY）。专户只能有人民币流水。",
        "The currency “{value}” is not CNY. A dedicated account holds CNY only.",
    ),
    "statement-gap": Text(
        "账户 {value} 缺少 {first} 至 {last} 的对账单（之前期末余额 {closing}，之后期初余额 {opening}）。请补报。",
        "No statement of the account {value} covers {first} to {last} (balance before {closing}, "
        "after {opening}). Send the missing one.",
    ),
    "statement-balance": Text(
        "账户 {value} 的对账单不衔接：{last} 的期末余额为 {closing}，下一份的期初余额为 {opening}。可能缺少对账单，请补报。",
        "The statements of the account {value} do not join: the closing balance on {last} is "
        "{closing}, the next opening balance {opening}. One may be missing; send it.",
    ),
    "mt940-line": Text(
        "MT940 第 {row} 行的流水（:61: 或其 :86:）无法读取。请使用银行原始文件。",
        "The MT940 movement at line {row} (:61: or its :86:) cannot be read. Use the bank's original "
        "file.",
    ),
    "mt940-message": Text(
        "MT940 第 {row} 行起的对账单无法读取（:20:、:25:、:28C:、:60F: 或 :62F: 有误）。请使用银行原始文件。",
        "The MT940 statement that begins at line {row} cannot be read (:20:, :25:, :28C:, :60F: or "
        ":62F: is wrong). Use the bank's original file.",
    ),
    "mt940-order": Text(
        "MT940 第 {row} 行：流水出现在期末余额之后。请使用银行原始文件。",
        "MT940 line {row}: a movement stands after the closing balance. Use the bank's original file.",
    ),
    "mt940-closing": Text(
        "第 {row} 行起的对账单没有期末余额（:62F:），文件可能没有传完整。请重新下载。",
        "The statement that begins at line {row} has no closing balance (:62F:); the file may be "
        "incomplete. Download it again.",
    ),
    "amount-both-sides": Text(
        "借方和贷方同时有金额（{value}）。一行只能是一笔收入或支出。",
        "Both the debit and the credit column have an amount ({value}). A row is one movement.",
    ),
}
