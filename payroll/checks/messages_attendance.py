# ruff: noqa: E501
"""The wording of the issues of attendance feeds; see messages.py."""

from wagewatch.bilingual import Text

ATTENDANCE: dict[str, Text] = {
    "worker-unregistered": Text(
        "有考勤但未在本项目实名登记的工人（{value}）；考勤已记录。请补办登记。",
        "A worker ({value}) who is not registered on this project; the attendance is kept. Register "
        "the worker.",
    ),
    "instant-format": Text(
        "打卡时间“{value}”无法识别。请写成 2026-03-05 07:30:00。",
        "The time “{value}” cannot be read. Write it as 2026-03-05 07:30:00.",
    ),
    "clock-wrong": Text(
        "打卡时间“{value}”比项目开工早一年以上：考勤机时钟有误。请校准时钟，并更正或删除这些记录。",
        "The time “{value}” is more than a year before the project began: the terminal's clock is "
        "wrong. Set the clock, and correct or remove these punches.",
    ),
    "clock-early": Text(
        "打卡时间“{value}”早于项目开工日期。请核对考勤机时钟或开工日期；记录已按原样入库。",
        "The time “{value}” is before the project began. Check the terminal's clock or the start "
        "date; the punch was taken as it stands.",
    ),
    "clock-off": Text(
        "打卡时间“{value}”晚于收到文件的日期 {latest} 或早于项目开工：考勤机时钟有误。该条未计入考勤，也未作推测；请校准时钟。",
        "The time “{value}” is later than {latest}, the day the file was received, or before the "
        "project began: the terminal's clock is wrong. The punch was left out and nothing was guessed. "
        "Set the clock.",
    ),
    "terminal-missing": Text(
        "文件名“{value}”中没有已登记的考勤机序列号，不知道是哪个项目的考勤机。请在“考勤机”页登记，并把文件命名为“序列号_attlog.dat”。",
        "The file name “{value}” has no serial of a registered terminal, so that its project is not "
        "known. Register the terminal on the page “Terminals” and name the file SERIAL_attlog.dat.",
    ),
    "terminal-several": Text(
        "文件名“{value}”对应不止一台考勤机。请把文件命名为“序列号_attlog.dat”。",
        "The file name “{value}” fits more than one terminal. Name the file SERIAL_attlog.dat.",
    ),
    "terminal-user-unknown": Text(
        "用户号 {value} 还没有对应到工人：{punches} 条打卡记录已保留，在“考勤机”页对应后计入考勤。",
        "Nobody is mapped to the user number {value}: its {punches} punches are kept, and count once "
        "it is mapped on the page “Terminals”.",
    ),
    "user-number": Text(
        "用户号“{value}”应为 1 至 24 位字母或数字。该行可能损坏，请重新从考勤机导出。",
        "A user number has 1 to 24 letters or digits (“{value}”). The line may be damaged: take the "
        "log from the terminal again.",
    ),
    "log-state": Text(
        "有 {count} 条打卡没有进出状态，按进场记录。",
        "{count} punches have no in/out state; they were taken as entries.",
    ),
    "log-columns": Text(
        "无法确定哪一列是进出状态，已取第 {column} 列。如不对，请导出带表头的文件。",
        "Which column is the in/out state is not certain; column {column} was taken. If that is "
        "wrong, export the log with a heading row.",
    ),
}
