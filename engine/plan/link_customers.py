"""Links the customer model: attributes, segments (in place of their names), events and facts."""

from __future__ import annotations

from typing import Any, cast

from pydantic import ValidationError

from ..messages import did_you_mean, say
from ..places import Place, Problem
from ..scalars import RESERVED, BadValue, parse_date, parse_decimal, parse_flag, parse_zone
from .campaigns import Campaign
from .conditions import EVERYONE, Condition, DateIs, InOpaque, Not, Some
from .customers import Attribute, Customers, CustomersDocument, Event, Segment
from .document import Document
from .link_ledger import arms_of_logs
from .merging import merged_words
from .plan import DAY, CustomerModel, PlannedEvent
from .read_conditions import Names, fitting, read_condition
from .vocabulary import SHIPPED_EVENTS

Problems = list[Problem]
MAX_CHAIN = 100


def link_customers(by_kind: dict[str, list[Document]], calendar: str | None, problems: Problems) -> CustomerModel:
    documents = [(d.name, cast(CustomersDocument, d.model).customers) for d in by_kind.get("customers", [])]

    def gather(kind: str) -> dict[str, tuple[Any, Place]]:
        return merged_words([(n, ("customers", kind), getattr(c, kind)) for n, c in documents], kind, problems)

    placed = gather("attributes")
    attributes = {name: value for name, (value, _) in placed.items()}
    for name, (attribute, place) in placed.items():
        _check_attribute(name, attribute, Place(place.document, place.path), problems)
    names = Names(attributes, {}, problems)
    opaque = _segments(gather("segments"), names)
    placed_events = gather("events")
    events = {
        name: _event(event, Place(place.document, place.path), names) for name, (event, place) in placed_events.items()
    }
    for event, place in placed_events.values():
        _event_times(event, Place(place.document, place.path), calendar, names)
    facts = [*_relations(opaque, names)]
    for document, customers in documents:
        facts += _facts(document, customers, names)
    zones = [name for name, a in attributes.items() if a.type == "zone"]
    if len(zones) > 1:
        message = say("only one attribute can be the customer's zone", "只能有一个属性表示客户所在时区")
        problems.append(Problem("attribute", message, Place(placed[zones[1]][1].document, placed[zones[1]][1].path)))
    for name in SHIPPED_EVENTS:
        events.setdefault(name, PlannedEvent())
    return CustomerModel(
        attributes,
        names.segments,
        {n: s for n, (s, _) in opaque.items()},
        events,
        tuple(facts),
        _tests(by_kind) | arms_of_logs(by_kind.get("ledger", [])),
        calendar,
    )


def _check_attribute(name: str, attribute: Attribute, place: Place, problems: Problems) -> None:
    def wrong(message: Any, *path: str, help: Any = None) -> None:
        problems.append(Problem("attribute", message, place.down(*path), help))

    if name in RESERVED:
        wrong(
            say("'{name}' is a word of the language", "“{name}”是语言保留字", name=name),
            help=say("choose another name", "请换一个名称"),
        )
    valued = attribute.type in ("choice", "labels", "zone")
    if valued and not attribute.values:
        wrong(say("a {type} needs its values", "{type} 类型需要写明 values", type=attribute.type))
    if not valued and attribute.values:
        wrong(say("a {type} has no values", "{type} 类型没有 values", type=attribute.type), "values")
    if len(set(attribute.values)) != len(attribute.values):
        wrong(say("a value is given twice", "有取值写了两次"), "values")
    if attribute.type == "zone":
        for index, value in enumerate(attribute.values):
            try:
                parse_zone(value)
            except BadValue as bad:
                problems.append(Problem("attribute", bad.message, place.down("values", index), bad.help))
    if attribute.changes is None and attribute.type != "zone":
        help = say("write changes: never, forward or freely", "请写 changes: never、forward 或 freely")
        wrong(say("it is not said whether '{name}' changes", "没有说明“{name}”是否变化", name=name), help=help)
    if attribute.changes == "forward" and attribute.type not in ("date", "number"):
        wrong(say("only a date or a number can change forward", "只有日期或数字可以用 forward"), "changes")
    if attribute.known == "ahead" and attribute.type != "date":
        wrong(say("only a date can be known ahead", "只有日期可以写 known: ahead"), "known")
    if attribute.others and attribute.type not in ("choice", "zone"):
        wrong(say("only a choice or a zone can have others", "只有 choice 或 zone 可以写 others"), "others")
    if attribute.type != "number" and (
        attribute.whole or attribute.minimum is not None or attribute.maximum is not None
    ):
        wrong(say("whole, minimum and maximum are for numbers", "whole、minimum、maximum 只用于数字"))
    if attribute.minimum is not None and attribute.maximum is not None and attribute.minimum > attribute.maximum:
        wrong(say("minimum is above maximum", "minimum 大于 maximum"), "minimum")


def _segments(placed: dict[str, tuple[Any, Place]], names: Names) -> dict[str, tuple[Segment, Place]]:
    """Puts every segment's condition into ``names.segments``; those without content are returned."""

    opaque: dict[str, tuple[Segment, Place]] = {}
    raws: dict[str, tuple[Any, Place]] = {}
    for name, (raw, place) in placed.items():
        if name in RESERVED:
            names.wrong(place, say("'{name}' is a word of the language", "“{name}”是语言保留字", name=name))
        if isinstance(raw, dict) and "opaque" in raw:
            try:
                opaque[name] = (Segment.model_validate(raw), Place(place.document, place.path))
            except ValidationError as error:
                for item in error.errors():
                    message = say(
                        "not a right opaque segment: {what}", "opaque 客群的写法不对：{what}", what=item["msg"]
                    )
                    names.wrong(Place(place.document, (*place.path, *item["loc"])), message)
            names.segments[name] = InOpaque(name)
        else:
            raws[name] = (raw, Place(place.document, place.path))
    for name in raws:
        _resolve(name, raws, names, ())
    return opaque


def _resolve(name: str, raws: dict[str, tuple[Any, Place]], names: Names, above: tuple[str, ...]) -> None:
    if name in names.segments:
        return
    raw, place = raws[name]
    if len(above) > MAX_CHAIN:
        names.segments[name] = names.wrong(
            place, say("segments refer to each other more than {n} deep", "客群相互引用超过 {n} 层", n=MAX_CHAIN)
        )
        return
    if name in above:
        loop = " → ".join([*above[above.index(name) :], name])
        names.segments[name] = names.wrong(
            place, say("segments refer to each other in a circle: {loop}", "客群循环引用：{loop}", loop=loop)
        )
        return
    for other in sorted(_mentioned(raw)):
        if other in raws:
            _resolve(other, raws, names, (*above, name))
    if name not in names.segments:
        names.segments[name] = fitting(read_condition(raw, place, names), place, names)


def _mentioned(raw: Any, depth: int = 0) -> set[str]:
    found: set[str] = set()
    if depth > 40:
        return found
    if isinstance(raw, dict):
        for key, value in raw.items():
            if key == "segment":
                found |= {item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)}
            found |= _mentioned(value, depth + 1)
    elif isinstance(raw, list):
        for item in raw:
            found |= _mentioned(item, depth + 1)
    return found


def _relations(opaque: dict[str, tuple[Segment, Place]], names: Names) -> list[Condition]:
    facts: list[Condition] = []
    for name, (segment, place) in opaque.items():
        me = InOpaque(name)

        def others(key: str, segment: Segment = segment, place: Place = place) -> list[Condition]:
            found = []
            for index, other in enumerate(getattr(segment, key)):
                condition = names.segments.get(other)
                if condition is None:
                    message = say("the segment '{name}' is not declared", "客群“{name}”没有声明", name=other)
                    names.wrong(
                        place.down(key, index), message, did_you_mean(other, names.segments), "undeclared-segment"
                    )
                else:
                    found.append(condition)
            return found

        facts += [Some((Not(me), Not(other))) for other in others("disjoint_with")]
        facts += [Some((Not(me), other)) for other in others("part_of")]
        if cover := others("together_cover"):
            facts.append(Some((me, *cover)))
    return facts


def _event(event: Event, place: Place, names: Names) -> PlannedEvent:
    """The event with its condition and the values it sets; what is wrong goes to ``names``."""
    condition = EVERYONE if event.if_ is None else read_condition(event.if_, place.down("if"), names)
    sets: dict[str, Any] = {}
    for word, value in event.sets.items():
        attribute = names.attributes.get(word)
        if attribute is None:
            message = say("the attribute '{name}' is not declared", "属性“{name}”没有声明", name=word)
            at = Place(place.document, (*place.path, "sets", word), at_key=True)
            names.wrong(at, message, did_you_mean(word, names.attributes), "undeclared-attribute")
            continue
        try:
            sets[word] = _set_value(word, attribute, value)
        except BadValue as bad:
            names.wrong(place.down("sets", word), bad.message, bad.help)
    return PlannedEvent(event, condition, sets)


def _event_times(event: Event, place: Place, calendar: str | None, names: Names) -> None:
    if event.hours is not None and event.hours.needs_calendar and calendar is None:
        help = say(
            "add calendar: CN (or your country) to tactful.yaml", "请在 tactful.yaml 中写 calendar: CN（或所在国家）"
        )
        names.wrong(
            place.down("hours"), say("holidays need a calendar", "使用 holidays 需要指定节假日日历"), help, "calendar"
        )
    if event.assume is not None and event.assume.per.unit == "workdays":
        message = say("this time is not counted in working days", "此处的时间不能按工作日计算")
        names.wrong(place.down("assume", "per"), message, None, "workdays")


def _set_value(word: str, attribute: Attribute, value: Any) -> Any:
    """A value of the attribute, ``DAY`` or None (absent) for dates."""
    if attribute.changes == "never" and not (attribute.type == "date" and value == "day"):
        message = say("'{key}' never changes, so no event sets it", "“{key}”不会变化，事件不能设置它", key=word)
        raise BadValue(message, say("declare it with changes: freely", "请声明 changes: freely"))
    if attribute.type == "flag":
        return parse_flag(value)
    if attribute.type == "number":
        return parse_decimal(value)
    if attribute.type == "date":
        return DAY if value == "day" else None if value == "absent" else parse_date(value)
    listed = value if isinstance(value, list) and attribute.type == "labels" else [value]
    for item in listed:
        if item not in attribute.values:
            message = say("'{text}' is not a value of {key}", "“{text}”不是 {key} 的取值", text=str(item), key=word)
            raise BadValue(message, did_you_mean(str(item), attribute.values))
    return frozenset(listed) if attribute.type == "labels" else value


def _facts(document: str, customers: Customers, names: Names) -> list[Condition]:
    facts: list[Condition] = []
    for index, fact in enumerate(customers.facts):
        place = Place(document, ("customers", "facts", index))
        premise = read_condition(fact.if_, place.down("if"), names)
        then = read_condition(fact.then, place.down("then"), names)
        facts.append(Some((Not(premise), then)))
    for name, attribute in customers.attributes.items():
        if attribute.type == "date" and attribute.always_known and attribute.known == "ahead":
            facts.append(Some((DateIs(name, True), DateIs(name, False))))
    return facts


def _tests(by_kind: dict[str, list[Document]]) -> dict[str, tuple[str, ...]]:
    arms: dict[str, set[str]] = {}
    whole: set[str] = set()
    for document in by_kind.get("campaign", []):
        split = cast(Campaign, document.model).split
        if split is not None:
            arms.setdefault(split.test, set()).update({split.arm, *split.arms})
            if split.arms:
                whole.add(split.test)
    return {test: (*sorted(names), *(() if test in whole else ("",))) for test, names in arms.items()}
