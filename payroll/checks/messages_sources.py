# ruff: noqa: E501
"""The wording of what is said of sources, and of projects that a department names by its papers."""

from wagewatch.bilingual import Text

SOURCES: dict[str, Text] = {
    "source-name": Text(
        "没有名为“{value}”的数据来源。可用：{sources}。",
        "There is no source “{value}”. Sources: {sources}.",
    ),
    "source-not-allowed": Text(
        "您只能以本部门名义报送，不能注明来源“{value}”。请由该部门报送，或交劳动保障监察机构转报。",
        "You speak for your own department and cannot name “{value}” as the source. Let that department send the file, or the labour inspectors pass it on.",
    ),
    "project-new": Text(
        "“{value}”是新项目，首次报送须填写“{column}”。如为已有项目，请核对项目编码。",
        "“{value}” is a new project: “{column}” is needed the first time. If it is a known one, check its code.",
    ),
    "project-paper-unknown": Text(
        "没有{column}为“{value}”的项目。请填写项目编码，或先报送该项目。",
        "No project has the {column} “{value}”. Fill in projectCode, or send the project first.",
    ),
    "project-paper-ambiguous": Text(
        "{column}“{value}”不能确定唯一项目（{projects}）。请填写项目编码。",
        "The {column} “{value}” does not name one project alone ({projects}). Fill in projectCode.",
    ),
    "value-differs": Text(
        "“{column}”的值“{said_zh}”与{source_zh}（{on}）报送的“{held_zh}”不一致：现值不变，已列入“数据来源”待核定。",
        "“{column}” is “{said_en}”, but {source_en} said “{held_en}” on {on}. That value stays; the conflict waits for a decision on the page Sources.",
    ),
    "value-outranked": Text(
        "“{column}”的值“{said_zh}”未采用：该项以{source_zh}（{on}）报送的“{held_zh}”为准。差异已在“数据来源”中列示。",
        "“{column}” “{said_en}” does not hold: for this field {source_en} counts, which said “{held_en}” on {on}. The difference is shown on the page Sources.",
    ),
    "value-decided": Text(
        "“{column}”的值“{said_zh}”未采用：已核定采用{source_zh}的“{held_zh}”。理由见“数据来源”。",
        "“{column}” “{said_en}” does not hold: it was decided for “{held_en}” of {source_en}. The reasons are on the page Sources.",
    ),
}
