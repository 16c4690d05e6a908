"""From documents to one plan: words are gathered, names looked up, conditions read. All problems, not the first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from ..messages import did_you_mean, say
from ..places import Place, Problem
from ..scalars import Duration, Hours
from .campaigns import Campaign, Service
from .conditions import Condition, InArm, both
from .customers import CustomersDocument
from .document import Document
from .link_customers import link_customers
from .link_ledger import link_ledgers
from .link_offers import book_offers, campaign_offers, link_history, names_of_offers, stacked
from .link_vocabulary import link_words
from .lookup import Lookup
from .plan import Plan, PlannedCampaign, PlannedOffer, PlannedService, Words
from .read_conditions import fitting, read_condition
from .repeats import repeat_problems
from .settings import Settings
from .vocabulary import (
    SHIPPED_FIGURES,
)

Problems = list[Problem]


def link(documents: Sequence[Document], broken: tuple[str, ...] = ()) -> tuple[Plan, Problems]:
    """One plan from the documents of a repository, and everything that is wrong with them.

    A document with a problem of its own is left out and named in ``Plan.broken``.
    """
    problems: Problems = []
    by_kind: dict[str, list[Document]] = {}
    for document in documents:
        by_kind.setdefault(document.kind, []).append(document)
    settings = _settings(by_kind.get("tactful", []), problems)
    customers = link_customers(by_kind, settings.calendar, problems)
    words = link_words(by_kind.get("vocabulary", []), customers, problems)
    _event_channels(by_kind.get("customers", []), words, problems)
    whole = [document for document in by_kind.get("campaign", []) if not document.partial]
    timezone = _timezone(settings, whole, problems)
    linker = Linker(words, customers, timezone, problems, settings.period.until if settings.period else None)
    campaigns, offers, services = [], [], []
    failed: list[str] = []
    services_known = {cast(Service, d.model).service for d in by_kind.get("service", [])}
    for document in _unique(by_kind.get("campaign", []), "campaign", problems):
        before = len(problems)
        campaign, own_offers = linker.campaign(document, services_known)
        if document.partial or len(problems) > before:
            failed.append(document.name)
        else:
            campaigns.append(campaign)
            offers += own_offers
    for document in _unique(by_kind.get("service", []), "service", problems):
        before = len(problems)
        service = linker.service(document)
        if document.partial or len(problems) > before:
            failed.append(document.name)
        else:
            services.append(service)
    books = _unique(by_kind.get("offers", []), "offers", problems)
    for document in books:
        before = len(problems)
        book = book_offers(document, linker)
        if document.partial or len(problems) > before:
            failed.append(document.name)
        else:
            offers += book
    names_of_offers(offers, not broken and not failed, problems)
    offers = stacked(offers, words)
    ledgers = link_ledgers(_unique(by_kind.get("ledger", []), "ledger", problems), words, customers, problems)
    for ledger in ledgers:
        if ledger.name in {campaign.name for campaign in campaigns}:
            message = say("a campaign is called '{name}' too", "已有活动也叫“{name}”", name=ledger.name)
            problems.append(Problem("declared-twice", message, ledger.place.down("ledger")))
    plan = Plan(
        words,
        customers,
        timezone,
        settings.calendar,
        (settings.period.from_, settings.period.until) if settings.period else None,
        tuple(sorted(campaigns, key=lambda c: c.name)),
        tuple(services),
        tuple(offers),
        ledgers,
        link_history(books, words, problems),
        (*broken, *failed),
    )
    return plan, problems


def _event_channels(documents: Iterable[Document], words: Words, problems: Problems) -> None:
    """The channels by which events come are declared."""
    for document in documents:
        for name, event in cast(CustomersDocument, document.model).customers.events.items():
            for index, channel in enumerate(event.channels):
                if channel not in words.channels:
                    message = say("the channel '{word}' is not declared", "渠道“{word}”没有声明", word=channel)
                    place = Place(document.name, ("customers", "events", name, "channels", index))
                    help = did_you_mean(channel, words.channels)
                    problems.append(Problem("undeclared-channel", message, place, help))


def _unique(documents: Iterable[Document], key: str, problems: Problems) -> list[Document]:
    seen: dict[str, Document] = {}
    for document in documents:
        name = f"{document.name} " if document.partial else getattr(document.model, key)
        if name in seen:
            message = say("{kind} '{name}' is declared twice", "{kind} “{name}”声明了两次", kind=key, name=name)
            help = say("the other is in {where}", "另一处在 {where}", where=seen[name].name)
            problems.append(Problem("declared-twice", message, Place(document.name, (key,)), help))
        else:
            seen[name] = document
    return list(seen.values())


def _settings(documents: list[Document], problems: Problems) -> Settings:
    for extra in documents[1:]:
        message = say("the configuration is given twice", "配置写了两次")
        problems.append(Problem("declared-twice", message, Place(extra.name, ("tactful",), at_key=True)))
    if not documents:
        return Settings()
    settings = cast(Settings, documents[0].model)
    place = Place(documents[0].name)
    if settings.tactful != 1:
        message = say("version {n} of the language is not known", "不认识语言版本 {n}", n=settings.tactful)
        problems.append(Problem("version", message, place.down("tactful"), say("write tactful: 1", "请写 tactful: 1")))
    if settings.period and settings.period.from_ > settings.period.until:
        problems.append(Problem("period", say("from is after until", "from 晚于 until"), place.down("period", "until")))
    if settings.calendar is not None:
        check_calendar(settings.calendar, place.down("calendar"), problems)
    return settings


def check_calendar(name: str, place: Place, problems: Problems) -> None:
    from ..calendars import known_calendars

    known = known_calendars()
    if name not in known:
        message = say("no holiday calendar '{name}'", "没有节假日日历“{name}”", name=name)
        help = did_you_mean(name, known) or say(
            "use a country code like CN, or country-region like DE-BY", "请用国家代码如 CN，或国家-地区如 DE-BY"
        )
        problems.append(Problem("calendar", message, place, help))


def _timezone(settings: Settings, campaigns: list[Document], problems: Problems) -> str:
    """The plan's zone: stated, or the one zone that all campaigns name."""
    if settings.timezone:
        return settings.timezone
    named = {cast(Campaign, d.model).timezone: d for d in campaigns}
    zones = sorted(zone for zone in named if zone)
    if len(zones) == 1 and None not in named:
        return zones[0]
    if campaigns:
        message = (
            say("no campaign and no configuration names a time zone", "活动和配置都没有写时区")
            if not zones
            else say(
                "the campaigns name more than one time zone, or some name none: {zones}",
                "活动写了多个时区，或有的没写：{zones}",
                zones=zones,
            )
        )
        help = say(
            "state the plan's zone in tactful.yaml: timezone: {zone}",
            "请在 tactful.yaml 中写明时区：timezone: {zone}",
            zone=(zones or ["Asia/Shanghai"])[0],
        )
        problems.append(Problem("no-timezone", message, Place("tactful.yaml"), help))
    return zones[0] if zones else "UTC"


# --- campaigns, services, offers -------------------------------------------------------------------------------------


class Linker(Lookup):
    """Links one document after the other."""

    def _service(self, name: str, services: set[str], place: Place) -> None:
        if name not in services:
            message = say("there is no service '{name}'", "没有名为“{name}”的服务", name=name)
            help = did_you_mean(name, services) or say("describe it under services/", "请在 services/ 中写明该服务")
            self.wrong("undeclared-service", message, place, help)

    def campaign(self, document: Document, services: set[str]) -> tuple[PlannedCampaign, list[PlannedOffer]]:
        model, place = cast(Campaign, document.model), Place(document.name)
        self.partial = document.partial
        self.known(model.act, self.words.acts, ("act", "行动"), place.down("act"))
        self.known(model.about, self.words.subjects, ("subject", "主题"), place.down("about"))
        self.all_known(model.requires, self.words.asks, ("ask", "请求"), place.down("requires"))
        self.all_known(model.stops_on, self.words.events, ("event", "事件"), place.down("stops_on"))
        for figure in model.stop_when:
            self.known(figure, SHIPPED_FIGURES, ("figure", "指标"), place.down("stop_when").key(figure))
        if (model.status == "ended") != (model.ended_on is not None):
            message = say("ended_on goes exactly with status: ended", "ended_on 必须且只能与 status: ended 一起写")
            self.wrong("ended", message, place.down("ended_on" if model.ended_on else "status"))
        if not model.touches:
            self.wrong("touches", say("the campaign has no touch", "活动没有任何触达"), place.down("touches"))
        self._trigger(model, place)
        self._moves(model, place)
        audience = fitting(
            read_condition(model.audience, place.down("audience"), self.names), place.down("audience"), self.names
        )
        audience = self.names.same.setdefault(audience, audience)
        if model.split is not None:
            audience = both(audience, InArm(model.split.test, model.split.arm))
        audiences = tuple(
            self._touch(model, i, audience, services, place.down("touches", i)) for i in range(len(model.touches))
        )
        offers = campaign_offers(document, self)
        return PlannedCampaign(model, place, model.timezone or self.timezone, audiences), offers

    def _no_workdays(self, duration: Duration | None, place: Place) -> None:
        """Times of sends are not counted in working days."""
        if duration is not None and duration.unit == "workdays":
            message = say("this time is not counted in working days", "此处的时间不能按工作日计算")
            self.wrong("workdays", message, place, say("write it in days, like 3d", "请按天写，例如 3d"))

    def _with_calendar(self, hours: Hours | None, calendar: str | None, place: Place) -> None:
        if hours is not None and hours.needs_calendar and calendar is None:
            message = say("holidays need a calendar", "使用 holidays 需要指定节假日日历")
            help = say(
                "add calendar: CN (or your country) to tactful.yaml",
                "请在 tactful.yaml 中写 calendar: CN（或所在国家）",
            )
            self.wrong("calendar", message, place, help)

    def _moves(self, model: Campaign, place: Place) -> None:
        """What may be moved has a time of its own."""
        if model.trigger is None:
            return
        for at in [
            place,
            *(place.down("touches", n) for n, touch in enumerate(model.touches) if touch.move is not None),
        ]:
            if at != place or model.move is not None:
                message = say("move is for touches with a time of their own", "move 只用于有固定时间的触达")
                self.wrong("move", message, at.key("move"), say("remove it", "请删除"))

    def _trigger(self, model: Campaign, place: Place) -> None:
        trigger = model.trigger
        self._with_calendar(model.send_in, self.customers.calendar, place.down("send_in"))
        for key in ("again_after", "before", "after") if trigger is not None else ():
            self._no_workdays(getattr(trigger, key), place.down("trigger", key))
        if trigger is None:
            for key in ("during", "send_in"):
                if getattr(model, key) is not None:
                    message = say("{key} is for triggered campaigns", "{key} 只用于触发式活动", key=key)
                    self.wrong(
                        "trigger",
                        message,
                        place.key(key),
                        say("add a trigger, or remove it", "请补上 trigger，或删除它"),
                    )
            return
        at = place.down("trigger")
        if (trigger.event is None) == (trigger.date is None):
            self.wrong(
                "trigger", say("a trigger hangs on one of event or date", "trigger 必须且只能写 event 或 date 之一"), at
            )
        self.known(trigger.event, self.words.events, ("event", "事件"), at.down("event"))
        self.all_known(trigger.stops_on, self.words.events, ("event", "事件"), at.down("stops_on"))
        if trigger.date is not None:
            dates = [name for name, a in self.customers.attributes.items() if a.type == "date"]
            self.known(trigger.date, dates, ("date", "日期"), at.down("date"))
            if model.send_in is None:
                self.wrong(
                    "trigger", say("a trigger on a date needs send_in", "按日期触发需要写 send_in"), at.key("date")
                )

    def _touch(self, model: Campaign, index: int, audience: Condition, services: set[str], place: Place) -> Condition:
        touch = model.touches[index]
        self.known(touch.channel, self.words.channels, ("channel", "渠道"), place.down("channel"))
        self.known(touch.sender, self.words.senders, ("sender", "发送方"), place.down("sender"))
        self.all_known(touch.gives, self.words.gives, ("give", "赠予"), place.down("gives"))
        self.all_known(touch.promises, self.words.gives, ("give", "赠予"), place.down("promises"))
        self.all_known(touch.asks, self.words.asks, ("ask", "请求"), place.down("asks"))
        for key in ("after", "lasts"):
            self._no_workdays(getattr(touch, key), place.down(key))
        if touch.reply is not None:
            self._service(touch.reply.to, services, place.down("reply", "to"))
        if model.trigger is None:
            if touch.at is None and not self.partial:
                self.wrong(
                    "touch",
                    say("the touch has no time", "触达没有时间"),
                    place,
                    say("add at: 2026-03-02 10:00", "请补上 at: 2026-03-02 10:00"),
                )
            if touch.after is not None:
                self.wrong(
                    "touch",
                    say("after is for triggered campaigns", "after 只用于触发式活动"),
                    place.key("after"),
                    say("use at", "请用 at"),
                )
        else:
            for key in ("at", "repeat"):
                if getattr(touch, key) is not None:
                    self.wrong(
                        "touch",
                        say("{key} is not for triggered campaigns", "{key} 不用于触发式活动", key=key),
                        place.key(key),
                        say("use after", "请用 after"),
                    )
        if touch.clock == "customer" and self.customers.zone_attribute is None:
            self.wrong(
                "no-zone",
                say("clock: customer needs an attribute of type zone", "clock: customer 需要一个 zone 类型的属性"),
                place.down("clock"),
            )
        if touch.repeat is not None and touch.at is not None:
            self.problems += repeat_problems(touch.at, touch.repeat, place, self.last_day)
        if touch.audience is None:
            return audience
        return both(audience, read_condition(touch.audience, place.down("audience"), self.names))

    def service(self, document: Document) -> PlannedService:
        model, place = cast(Service, document.model), Place(document.name)
        self.all_known(model.event, self.words.events, ("event", "事件"), place.down("event"))
        self.known(model.channel, self.words.channels, ("channel", "渠道"), place.down("channel"))
        self.all_known(model.gives, self.words.gives, ("give", "赠予"), place.down("gives"))
        calendar = model.calendar or self.customers.calendar
        self._with_calendar(model.hours, calendar, place.down("hours"))
        if (model.within.amount, model.within.unit) == (0, "workdays"):
            message = say("0workdays is for rules", "0workdays 只用于规则")
            self.wrong("workdays", message, place.down("within"), say("write 0s for at once", "若指立即，请写 0s"))
        if model.within.unit == "workdays" and calendar is None:
            message = say("working days need a calendar", "按工作日计算需要指定节假日日历")
            help = say("add calendar: CN (or your country)", "请写 calendar: CN（或所在国家）")
            self.wrong("calendar", message, place.down("within"), help)
        if model.calendar is not None:
            check_calendar(model.calendar, place.down("calendar"), self.problems)
        return PlannedService(model, place, read_condition(model.audience, place.down("audience"), self.names))
