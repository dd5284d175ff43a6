"""What is wrong with a pack, said to the clerk who wrote it: in Chinese and English, with what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches

SENTENCES: Mapping[str, tuple[str, str]] = {
    # The folder and its files
    "no_pack": ("没有这个文件夹:{folder}", "there is no folder {folder}"),
    "extends_loop": ("“{folder}”绕了一圈又继承到自己", "{folder} extends itself in a circle"),
    "missing_file": ("缺少这个文件", "this file is missing"),
    "unknown_file": (
        "规则包里没有这样的文件,改成下列之一或移走:{allowed}",
        "a pack has no such file; rename it to one of {allowed}, or move it away",
    ),
    "unreadable": ("文件读不出来:{reason}", "the file cannot be read: {reason}"),
    "name_differs": ("名字应与文件夹相同,写成 {folder}", "the name must be the folder's: write {folder}"),
    # The page as YAML
    "too_large": ("文件太大,至多 {at_most} 字节", "too large: at most {at_most} bytes"),
    "not_utf8": ("不是 UTF-8 编码,请另存为 UTF-8", "not UTF-8: save the file as UTF-8"),
    "strange_sign": ("有看不见的控制字符,请删去", "an invisible control character: delete it"),
    "tab": ("用了制表符(Tab),请改成空格", "a tab: write spaces"),
    "not_yaml": (
        "这里的写法不成格式,请检查缩进、冒号和引号({reason})",
        "not YAML here, check indents, colons and quotes ({reason})",
    ),
    "not_json": (
        "这里的写法不成 JSON,请检查括号、逗号和引号({reason})",
        "not JSON here, check brackets, commas and quotes ({reason})",
    ),
    "empty_page": ("文件是空的", "the file is empty"),
    "one_plain_document": ("一个文件只写一份,不要 % 开头的行", "one document a file, and no line that begins with %"),
    "anchor": ("不能用 & 和 * 引用,请把内容写全", "no anchors and aliases (& and *): write it out"),
    "tag": ("不能用 {tag} 这样的标签,请删去", "no tags such as {tag}: delete it"),
    "too_deep": ("缩进层数太多", "too many levels"),
    "too_many_cells": (
        "内容太多,一个文件至多 {at_most} 格,请分开写",
        "too much for one file: at most {at_most} cells",
    ),
    "strange_key": ("名称要写成文字;数字或日期请加引号", "a name must be text: put a number or a date in quotes"),
    "key_twice": ("“{key}”写了两次,只留一处", "{key} stands twice: keep one"),
    "empty_cell": (
        "这一格是空的:填上内容,或把整行删去;花括号里的文字带逗号时,整句加引号",
        "this cell is empty: fill it or delete the line; a text with a comma between braces needs quotes",
    ),
    # The shape of the page
    "field_missing": ("缺少“{field}”", "{field} is missing"),
    "unknown_field": ("没有“{field}”这一项,可以写:{allowed}", "there is no {field} here; there may be {allowed}"),
    "not_text": ('这里写文字;数字请加引号,写成 "{value}"', 'text is needed: put a number in quotes, "{value}"'),
    "not_a_number": ("这里写整数,不加引号:4,不是 {value}", "a whole number without quotes: 4, not {value}"),
    "not_yes_or_no": ("这里写 true 或 false,不是 {value}", "write true or false, not {value}"),
    "not_a_list": ("这里要写成清单:[甲, 乙],或每行一个“- ”", "a list is needed: [one, two], or a line each after “- ”"),
    "not_a_mapping": ("这里要写成“名称: 内容”", "cells of the form “name: value” are needed"),
    "not_a_date": ("这里写日期,例如 2026-09-12,不加引号", "a date such as 2026-09-12, without quotes"),
    "not_one_of": ("“{value}”不在可选之列:{allowed}", "{value} is none of {allowed}"),
    "empty_text": ("这里不能空着", "this must not be empty"),
    "too_long": ("太长了,至多 {at_most}", "too long, at most {at_most}"),
    "too_small": ("至少要是 {at_least}", "must be at least {at_least}"),
    "too_large_number": ("至多是 {at_most}", "must be at most {at_most}"),
    "bad_form": ("“{value}”写法不对,{form_zh}", "{value} has the wrong form: {form_en}"),
    "not_within": (
        "这里写时限:数字加单位,例如 4 wh(工作小时)、3 wd(工作日)、7 d(天)、24 h(小时)、30 min(分钟)",
        "a length of time is needed: a number and a unit, such as 4 wh, 3 wd, 7 d, 24 h or 30 min",
    ),
    "not_days_kept": ("这里写天数,例如 180 d", "a number of days is needed, such as 180 d"),
    "not_a_condition": (
        "条件写法不对:一个值、几个词的清单 [甲, 乙]、not_known(不知道)、{{is_not: 值}}、{{at_least: 数}}"
        " 或 {{contains_any: [词, 词]}}",
        "not a condition: a value, a list [a, b], not_known, {{is_not: x}}, {{at_least: 3}}"
        " or {{contains_any: [word, word]}}",
    ),
    "not_a_position": (
        "这里写 [经度, 纬度],先经度后纬度,单位是度,例如 [113.645471, 34.72],不是 {said}",
        "a position is [longitude, latitude] in degrees, in this order, such as [113.645471, 34.72], not {said}",
    ),
    "not_a_polygon": (
        "边界写成至少三个不同的角,按顺序写:[[113.1, 34.1], [113.2, 34.1], [113.2, 34.2]]",
        "a border has at least three different corners in order: [[113.1, 34.1], [113.2, 34.1], [113.2, 34.2]]",
    ),
    "not_a_geometry": (
        "geometry 写成 Polygon、MultiPolygon(边界)或 Point、MultiPoint(楼门),并带 coordinates",
        "a geometry is a Polygon or MultiPolygon (a border), a Point or MultiPoint (entrances), with coordinates",
    ),
    "days_backwards": (
        "最后一天早于第一天:since 是 {about},until 不能更早",
        "the last day comes before the first: since is {about}, and until must not be earlier",
    ),
    "ends_after_parent": (
        "上级到 {about} 为止,这里不能更晚:写 until: {about};之后仍在的,用新的 id 和新的上级另写一条,since 接上",
        "what it lies in ends on {about}: write until: {about}, and what goes on later as an area of its own",
    ),
    "begins_before_parent": (
        "上级从 {about} 起才有,这里不能更早:写 since: {about}",
        "what it lies in begins on {about}: write since: {about}",
    ),
    "days_without_area": (
        "同名区域之间有几天没有着落:上一条已到期,这里写 since: {about}",
        "days between two areas of this name belong to neither ({detail}): write since: {about}",
    ),
    "managed_twice": (
        "同一天({about})写了两种管理方式,只留一种",
        "two ways of management begin on the same day ({about}): keep one",
    ),
    "managed_late": (
        "{about} 以前没有写由谁管理:在前面加一行不带 since 的,例如 {{mode: none}}",
        "before {about} nobody is said to manage it: put a line without since first, such as {{mode: none}}",
    ),
    "coordinates_unsaid": (
        "写了边界或楼门,却没有写坐标系:加一行 coordinates: wgs84、gcj02(高德、腾讯地图)或 bd09(百度地图)",
        "there are polygons or entrances, but not in which system: add coordinates: wgs84, gcj02 or bd09",
    ),
    "polygon_crosses": (
        "边界的第{about}条边相交或重叠:从一个角起沿着一圈按顺序写各个角,不要交叉",
        "{detail}: write the corners in order once around, without crossing",
    ),
    "polygon_broken": (
        "边界不成一块完整的地方({detail}):洞要在外圈里面,各块不要重叠",
        "not a whole area ({detail}): holes lie inside the outer ring, and parts do not overlap",
    ),
    "entrance_of_no_building": (
        "entrance 是楼栋的门,只写在 kind: building 上",
        "an entrance is a building's: write it where kind is building",
    ),
    "entrance_outside": (
        "楼门在所属网格的边界之外({about}):改楼门的位置、网格的边界,或楼栋的 parent",
        "{detail}: move the entrance, the border of the grid, or the building to another parent",
    ),
    "grids_overlap": (
        "与“{about}”的范围重叠,一个地方只能属于一个网格:把其中一个的边界收回来",
        "{detail}: a place has one grid, so draw one of the two borders back",
    ),
    "grids_leave_gap": (
        "范围内有一块不属于任何网格,在 {about} 一带:把旁边网格的边界接上",
        "{detail}: draw the border of a neighbouring grid over it",
    ),
    "shape_twice": (
        "“{about}”的边界或楼门在 areas.yaml 里已经写了,只留一处",
        "{detail}: keep one of the two",
    ),
    "not_days": ("这里写日期,或“首日..末日”:2026-10-01..2026-10-07", "a date or a span: 2026-10-01..2026-10-07"),
    "not_a_span": ("这里写起止时刻:09:00-12:00", "two times of day: 09:00-12:00"),
    "not_a_time": ("这里写时刻,例如 15:00", "a time of day such as 15:00"),
    "not_a_free_time": (
        "这里写有空的时间:星期几和起止时刻,例如 sat 09:00-12:00;也可以写 workdays、holidays、daily",
        "a day and two times of day are needed, such as sat 09:00-12:00; or workdays, holidays, daily",
    ),
    "not_phrases": (
        "这里写几个说法,中间用顿号:垃圾成堆、垃圾没人清",
        "phrases are needed, with 、 or a comma between them: no lamp, lamp out",
    ),
    "short_phrase": (
        "“{said}”太短:一个说法至少两个字,“…”前后都要有字",
        "{said} is too short: a phrase has two signs at least, and something stands on each side of a …",
    ),
    "said_twice": ("“{said}”在清单里写了两次", "{said} stands twice in this list"),
    "choices_do_not_fit": (
        "选择题(choice)至少要有两个选项,其他题不写选项;这里是 {kind}",
        "a choice needs at least two choices, any other question none; this one is {kind}",
    ),
    # A workbook
    "not_a_workbook": (
        "读不出这个文件({reason}),请另存为 .xlsx 再试",
        "this file cannot be read ({reason}): save it as .xlsx and try again",
    ),
    "sheet_missing": ("没有名为“{sheet}”的工作表", "there is no sheet named {sheet}"),
    "column_missing": ("缺少“{column}”这一列", "the column {column} is missing"),
    "column_twice": ("“{column}”这一列出现了两次", "the column {column} stands twice"),
    "unknown_column": ("没有“{column}”这一列,请删去", "there is no column {column}: delete it"),
    "formula": ("这里是公式,请改成文字", "this is a formula: write the text itself"),
    "not_plain_cell": (
        "这里是日期或出错的值,请把单元格改成“文本”格式再写",
        "a date or a broken value: set the cell to text and write it again",
    ),
    "not_a_row_number": ("行号写数字,例如 36;一行分几种情形时再加字母,例如 36a", "a row number such as 36, or 36a"),
    "not_named": (
        "每行一个,写成“名称: 内容”,例如 inside_flat: 不是 是;这里是 {value}",
        "one a line, as “name: what”, such as inside_flat: 不是 是; this is {value}",
    ),
    "not_a_first_step": (
        "写时限和由什么算做到,例如 2 h 答复、30 min 临时措施、5 wd 商定方案",
        "a length of time and what meets it, such as 2 h reply, 30 min measure or 5 wd plan",
    ),
    "not_a_whistle": (
        "每行一声哨:哨=… 层级=member 单位=… 任务=…;这里是 {value}",
        "one whistle a line: type=… tier=member org_kind=… task=…; this is {value}",
    ),
    "row_gone": (
        "第 {about} 行来自所继承的包,不能在这里删去;要改就保留这一行再改",
        "row {about} is inherited and cannot be deleted here; keep it and change it",
    ),
    "row_moved": (
        "第 {about} 行来自所继承的包,先后次序不能改;要先问就另写一行新的",
        "row {about} is inherited and keeps its place; to be asked first write a new row",
    ),
    "wrong_value": ("这里的值不对:{reason}", "the value is wrong: {reason}"),
    # The pack as a whole
    "said_nowhere": ("本包和它继承的包里都没有写“{field}”", "neither this pack nor what it extends says {field}"),
    "id_twice": ("“{key}”在本文件里出现了两次", "{key} stands twice in this file"),
    "row_twice": ("第 {about} 行在本文件里出现了两次", "row {about} stands twice in this file"),
    "year_missing": ("工作日历缺少 {about} 年", "the working calendar lacks the year {about}"),
    "calendar_too_short": (
        "工作日历没有 {about} 年,而期限会算到那一年({detail});补上这一年,未公布时写 provisional",
        "the calendar lacks {about}, where a deadline begun today would end ({detail}): add it, if only provisional",
    ),
    "bad_calendar": ("日历不对:{detail}", "{detail}"),
    "text_wanted": ("缺少文字“{about}”", "the text {about} is missing"),
    "unknown_placeholder": (
        "文字里的 {{{about}}} 没有内容可填,可以用:{detail}",
        "nothing can fill {{{about}}} in this text; there may be {detail}",
    ),
    "broken_placeholder": ("花括号不成对;只写 {{名称}}", "unbalanced braces: write {{name}} and nothing else"),
    "unknown_area": ("没有这个区域:{about}", "there is no area {about}"),
    "area_loops": ("“{about}”的上级绕了一圈又回到自己", "{about} lies in itself"),
    "building_in_no_grid": ("“{about}”不在任何微网格里", "{about} lies in no micro-grid"),
    "building_in_two_grids": ("“{about}”同时在两个微网格里", "{detail}: a building has one micro-grid"),
    "alias_twice": ("“{about}”已经是另一个区域的名称或别名", "{detail}"),
    "no_triage_post": ("整个范围内没有人担任受理岗位", "nobody holds a desk that could take in a report"),
    "nobody_for_place": ("按这种管理方式要由“{about}”负责,但那里没有人任职", "{detail}"),
    "unknown_org": ("没有这个组织:{about}", "there is no organisation {about}"),
    "chain_ends_low": (
        "联动链的最后一级“{about}”没有人能督办:居民、业委会不能当最后一级,链要接到街道或区",
        "the chain ends with {about}, whose head may supervise nobody: it must go on to the street or the district",
    ),
    "community_without_grid": (
        "社区“{about}”没有网格,加一行 kind: grid、parent: {about}",
        "the community {about} has no grid: add one with kind: grid, parent: {about}",
    ),
    "grid_without_lead": (
        "网格“{about}”没有网格长:在 orgs.yaml 加一个 kind: grid_lead、area: {about} 的岗位,暂时没有人就写 holders: []",
        "the grid {about} has no lead: add a post kind: grid_lead, area: {about} to orgs.yaml, if only holders: []",
    ),
    "chain_loops": ("联动链里有组织出现了两次", "a body stands twice in the linkage chain"),
    "unknown_post_kind": ("没有这种岗位:{about}", "there is no kind of post {about}"),
    "unknown_person": ("没有这个人:{about}", "there is no person {about}"),
    "unknown_post": ("没有这个岗位:{about}", "there is no post {about}"),
    "households_differ": ("总户数和各区域户数之和({about})不一致", "the areas add up to {about} households"),
    "team_size": ("人数与 size 不符:现有 {about} 人", "the team has {about} members, not as many as size says"),
    "team_source": ("“{about}”的来源不在 sources 里", "{about} comes from none of the sources"),
    "team_chairs": ("负责人必须正好一名", "a team has exactly one chair"),
    "team_chair_holds": ("“{about}”没有担任负责人必须担任的岗位", "{about} does not hold what a chair must hold"),
    "not_renovated": (
        "改造还没有完成就交给物业:等改造完成,或确认要移交,写上 confirmed: true",
        "a firm takes it over before the renovation is done: wait, or confirm it with confirmed: true",
    ),
    "not_held": ("这个人没有担任岗位“{about}”", "the person does not hold the post {about}"),
    "post_twice": ("同一个地方已经有这个岗位“{about}”;两个人就写在一个岗位的 holders 里", "{detail}"),
    "one_body_only": ("交叉任职至少要跨两个组织", "a cross-appointment needs posts of two bodies"),
    "on_two_boards": ("类别“{about}”在两个看板上,会重复计数", "{about} stands on two boards and would count twice"),
    "not_screened": (
        "“{about}”还没有筛选,不能任职:先在 people.yaml 里登记报到和核验等级",
        "{about} was not screened and cannot hold this post: enter the enrolment and its vetting in people.yaml",
    ),
    "head_of_another": ("岗位“{about}”属于另一个组织,不能负责本组织", "the post {about} belongs to another body"),
    "not_of_the_post": (
        "“{about}”不是这个岗位的任职人或替班人,不能排班:先写进 holders 或 stand_ins",
        "{about} neither holds this post nor stands in and cannot have a shift: add the name to holders or stand_ins",
    ),
    "shift_never_begins": (
        "这一班一天也轮不到:since 到 until 之间没有 days 里的日子",
        "this shift never begins: none of its days lies between since and until",
    ),
    "shifts_overlap": (
        "{detail} 这一班和 {about} 那一班时间重叠:同一时刻只排一班,几个人一起当班就写在一行的 who 里",
        "on {detail} this shift runs at the same time as {about}: one shift at a time, with all its people in who",
    ),
    "unknown_row": ("没有第 {about} 行", "there is no row {about}"),
    "unknown_role": ("没有人担任“{about}”", "nobody holds a post of the role {about}"),
    "main_missing": ("这一行决定由谁办,却没有写 main", "this row decides but names no main handler"),
    "row_shadowed": (
        "这一行永远轮不到:前面的第 {about} 行条件更宽,总是先中",
        "this row can never match: row {about} asks for less and always matches first",
    ),
    "rows_disagree": (
        "这一行和后面的第 {about} 行条件有交叉,碰上了派给不同的人:把条件写开,或写 before: [{about}] 表示就是先问这一行",
        "this row and row {about} behind it may both match and name other handlers:"
        " tell their conditions apart, or write before: [{about}] to say that this one comes first",
    ),
    "row_impossible": (
        "没有哪个类别的“{about}”会是这样,这一行永远不会中:改条件,或删去这一行",
        "no category has such a {about}, so this row can never match: change the condition or delete the row",
    ),
    "question_nobody_asks": (
        "没有哪个类别的表单问“{about}”,这一行永远不会中:在 categories.yaml 的 questions 里加上它",
        "no category asks {about}, so this row can never match: add it to questions in categories.yaml",
    ),
    "question_not_asked": (
        "类别 {about} 的表单不问“{detail}”,这一行对它永远不会中:在 categories.yaml 里给它加上这个问题,或在这里去掉它",
        "{about} does not ask {detail}, so this row never matches it: add the question to it, or take it out here",
    ),
    "never_of_category": (
        "类别 {about} 的“{detail}”不会是这样,这一行对它永远不会中:在这里去掉它",
        "{about} never has such a {detail}, so this row never matches it: take it out here",
    ),
    "category_shadowed": (
        "类别 {about} 永远轮不到这一行:前面的第 {detail} 行总是先中;在这里去掉它,或把这一行移到前面",
        "{about} never comes as far as this row: row {detail} always matches first; take it out or move the row up",
    ),
    "managed_nowhere": (
        "本包里没有哪个小区、楼院是这样管理的,这一行永远不会中:改条件,或在 areas.yaml 里写上",
        "no estate or courtyard of this pack is managed so: change the condition, or say so in areas.yaml",
    ),
    "nobody_in_area": (
        "“{about}”没有人担任这一行的主办:在 orgs.yaml 加上岗位,或写 甲|乙(没有甲就由乙)",
        "nobody at {about} could be this row's main handler: add the post to orgs.yaml, or write one|other",
    ),
    "nobody_of_kind": (
        "社区“{about}”没有人担任 {detail}:在 orgs.yaml 加上岗位和任职的人",
        "nobody is {detail} for the community {about}: add the post and who holds it to orgs.yaml",
    ),
    "category_without_row": (
        "类别 {about} 没有自己的一行,只能落到兜底:在 rules.yaml 给它写一行,或并入已有的一行",
        "the category {about} has no row and would fall to the last one: write one in rules.yaml, or add it to a row",
    ),
    "no_fallback": ("缺少兜底的一行:group: fallback,when: {{}}", "a last row is missing: group: fallback, when: {{}}"),
    "unknown_category": ("没有这个类别:{about}", "there is no category {about}"),
    "unknown_fact": ("“{about}”既不是可查的事实,也不是问题", "{about} is neither a fact nor a question"),
    "impossible_value": ("“{about}”永远不会是这个值", "{about} can never have this value"),
    "never_asked": (
        "类别 {about} 的表单不问“{detail}”,所以总是不知道:在 categories.yaml 里给它加上这个问题,或去掉这个条件",
        "{about} does not ask {detail}, so it is never known: add the question to it, or take the condition out",
    ),
    "several_of_no_choice": (
        "“several”只能写在 kind: choice 的问题里,这里是 {kind}",
        "only a question of kind: choice may have several answers; this one is {kind}",
    ),
    "choice_reserved": (
        "“{about}”在规则里是“不知道”的意思,不能作回答的代号",
        "in the rules {about} means that nothing is known; no answer can be called so",
    ),
    "unknown_whistle_type": ("没有这种哨:{about}", "there is no whistle type {about}"),
    "tier_mismatch": ("这种哨不属于这一层级", "{detail}"),
    "nobody_to_call": ("没有哪个单位有“{about}”", "{detail}"),
    "unknown_question": ("没有这个问题:{about}", "there is no question {about}"),
    "not_yes_no": ("“{about}”不是是非题,不能决定时限", "{detail}"),
    "unknown_danger": ("pack.yaml 的 emergencies 里没有“{about}”", "no emergency of pack.yaml is called {about}"),
    "said_for_and_against": (
        "“{about}”既写在 words 或 context,又写在 against",
        "{about} stands both under words or context and under against",
    ),
    "unknown_answer": ("问题 danger 没有“{about}”这个选项", "the question danger has no choice {about}"),
    "critical_waits": ("特急事项只能用 h 或 min,不能是 {about}", "a critical matter counts in h or min, not {about}"),
    "step_after_result": (
        "第一步应早于办结:办结时限是 {about}",
        "a first step comes before the result, which is due within {about}",
    ),
    "cannot_respond": (
        "岗位“{about}”没有人任职,或没有应哨的权限",
        "the post {about} is unfilled or may not answer whistles",
    ),
    "text_missing": ("这种语言的文字没有写", "the text in this language is missing"),
    # Scenarios
    "not_an_instant": ("这里写日期和时刻,例如 2026-09-14 09:30", "a day and a time such as 2026-09-14 09:30"),
    "not_an_answer": (
        "这里写 true、false、数字、一个词,或几个词的清单",
        "true, false, a number, a word, or a list of words",
    ),
    "not_a_row": ('规则的行号要加引号,写成 "36": 条件', 'row numbers stand in quotes: "36": condition'),
    "not_a_step": (
        "每一步只写一件事:wait、until、triage、follow,或者 by(谁)加 does(做什么)",
        "one thing a step: wait, until, triage, follow, or by (who) with does (what)",
    ),
    "nothing_happens": (
        "when 里写 report(一件反映)或 resource(要找的资源),只写一个",
        "write a report under when, or a resource that is looked for: one of them",
    ),
    "nothing_wanted": ("then 里至少写一项", "write at least one cell under then"),
    "scenario_fails": (
        "情景“{scenario}”的 {cell}:应为 {wanted},实际是 {came}({why})",
        "{scenario}, {cell}: wanted {wanted}, came {came} ({why})",
    ),
    "scenario_stops": ("情景“{scenario}”走不下去:{came}", "{scenario} cannot go on: {came}"),
}

FORMS: Mapping[str, tuple[str, str]] = {
    r"^[a-z0-9]+([-_][a-z0-9]+)*$": (
        "用小写字母、数字,中间可以有 - 或 _",
        "lower-case letters and digits, with - or _ between",
    ),
    r"^[A-Z]{3}\.[a-z0-9_]+$": ("类别写成 WAT.sewer_blocked 的样子", "a category looks like WAT.sewer_blocked"),
    r"^[a-z0-9_]+(\.[a-z0-9_]+)+$": ("写成 reply.accepted 的样子", "a key looks like reply.accepted"),
    r"^[0-9]{6}([0-9]{3}([0-9]{3}([BD][0-9]{3}(-[0-9]{2})?)?)?)?$": (
        "区划代码 6、9 或 12 位数字,网格再加 B001,微网格再加 -01",
        "an area code has 6, 9 or 12 digits, a grid adds B001, a micro-grid -01",
    ),
    r"^[0-9]{3,12}$": ("只写数字", "digits only"),
    r"^p-[a-z0-9]+(-[a-z0-9]+)*$": (
        "人员编号以 p- 开头,后面用小写字母和数字",
        "p- and then lower-case letters and digits",
    ),
}


FEW = 12
"""So many names can be told one by one; of more only the nearest is."""


def said(code: str, told: Mapping[str, str], known: Collection[str] = ()) -> tuple[str, str]:
    """The sentence in Chinese and in English, with the name that may have been meant."""
    zh, en = SENTENCES.get(code, ("{detail}", "{detail}"))
    allowed = told["allowed"].split(", ") if told.get("allowed") else ()
    zh_meant, en_meant = _meant(told.get("about") or told.get("field") or told.get("value", ""), known or allowed)
    if not zh_meant and 0 < len(known) <= FEW:
        zh_meant, en_meant = f"。可以写:{'、'.join(known)}", f"; there may be {', '.join(known)}"
    return zh.format(**told) + zh_meant, en.format(**told) + en_meant


def _meant(name: str, known: Collection[str]) -> tuple[str, str]:
    for likest in get_close_matches(name, known, 1):
        return f"。是不是 {likest}?", f"; did you mean {likest}?"
    return "", ""
