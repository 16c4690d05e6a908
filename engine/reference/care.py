"""What care is, and what one customer gets of it: the meaning of equal care, in the plainest words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ..hours import is_open
from ..plan.plan import Plan, PlannedService
from ..policy.matches import Fields
from ..sends.services import acts_by, clock_of
from ..sends.timeline import Send
from .customers import Customer, admits
from .getting import received_dated


def is_care(fields: Fields) -> bool:
    """A touch that gives something and does not sell: no promotion, and it asks for no purchase."""
    gives, purpose, asks = (fields.get(name, frozenset()) for name in ("gives", "purpose", "asks"))
    return bool(gives) and "promotion" not in purpose and "purchase" not in asks


def care_touches(customer: Customer, touches: Iterable[Send], plan: Plan) -> list[Send]:
    """The care that the customer gets."""
    return received_dated(customer, [t for t in touches if is_care(t.fields)], plan.customers, plan.timezone)


def answering(customer: Customer, services: Sequence[PlannedService], at: datetime, plan: Plan) -> list[PlannedService]:
    """The services that are there for the customer at an instant."""
    return [s for s in services if admits(s.audience, customer, at, plan.customers, plan.timezone)]


def answered_by(services: Iterable[PlannedService], at: datetime, plan: Plan) -> datetime | None:
    """When the first of the services has answered at the latest; None: none ever does."""
    return min((by for s in services if (by := acts_by(s, at, plan)) is not None), default=None)


def one_is_open(services: Iterable[PlannedService], at: datetime, plan: Plan) -> bool:
    """Whether one of the services is open at an instant."""
    return any(open_at(service, at, plan) for service in services)


def open_at(service: PlannedService, at: datetime, plan: Plan) -> bool:
    clock, calendar = clock_of(service, plan)
    return service.model.hours is None or is_open(at, service.model.hours, clock, calendar)
