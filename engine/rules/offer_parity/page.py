"""The documentation of ``offer-parity``."""

from __future__ import annotations

from ...messages import say
from ..common import Page

SUMMARY = say(
    "no protected customer is worse off than a favoured one for the same product",
    "同一产品，受保护客户的待遇不低于受优待客户",
)
PAGE = Page(
    SUMMARY,
    say(
        "Charming to the new, blind to the old: who has stayed for ten years pays more for the same line than a newcomer. It is seldom meant; it comes from one more offer for new customers that nobody held against the price list of the old.",
        "对新客热情、对老客冷淡：用了十年的客户，为同一条线路付得比新客还多。这很少是有意为之，往往只是又上了一项新客优惠，而没有人拿它与老客户的价目对照。",
    ),
    say(
        "Compared are customers who differ only in what `favoured` and `protected` ask about, and in what a fact ties to it (`differ_in` says otherwise). An offer is better if it shuts out somebody protected who, but for that, is like a favoured customer it admits. Then for each such customer, on each day, each channel and each way to pay on which it can be had, one offer, or several that stack, must be open to him there and be as good: the product the same or a declared equivalent; what has been paid no more, at each billing cycle up to the `horizon`, at the end of both commitments and at the horizon (charges due, fees, the fee for leaving early, less cash back; a gift that is lacking counts at its stated value); commitment, minimum spend, quota and cancelling no worse; steps, automatic application and prominence no worse. Drafts, triggered and cancelled offers are nobody's counterpart. Other currencies and gifts without a value make it unproven. `exempt` leaves out what newcomers get for the first transaction or the first days; with `at_channel` each customer is compared on the channel of his own.",
        "比较的是仅在 `favoured` 与 `protected` 所涉及的内容（以及由 facts 与之关联的内容）上不同的客户；`differ_in` 可另行指定。若一项优惠把某位受保护客户挡在门外，而他除此之外与它所接受的某位受优待客户一样，这项优惠就是更好的优惠。此时，对每一位这样的客户、在它开放的每一天、每个渠道和每种付款方式上，都必须有一项优惠（或几项可叠加的优惠）向他开放且不差于它：产品相同或已声明为等同；在 `horizon` 之内的每个计费周期、双方合约期满以及 horizon 时点，已付金额都不更高（应付费用、各项收费、提前退出费，减去返现；缺少的赠品按写明的价值计算）；合约期、最低消费、名额与退订条件不更差；领取步骤、自动适用与展示位置不更差。草稿、触发式与已取消的优惠不能作为对照。币种不同或赠品未写价值时为“未能证明”。`exempt` 排除新客首次交易或最初若干天的优惠；写了 `at_channel` 时，每位客户按自己的渠道比较。",
    ),
    """policy: house
rules:
  - rule: same-deal
    kind: offer-parity
    favoured: {any: [{first_purchase: absent}, {first_purchase: {within: 30d}}]}
    protected: {first_purchase: {over: 30d}}
""",
    """offers: price-book
items:
  - offer: fibre-new
    product: fibre-100m
    price: 30 CNY
    billed: month
    eligible: {any: [{first_purchase: absent}, {first_purchase: {within: 30d}}]}
  - offer: fibre-list
    product: fibre-100m
    price: 60 CNY
    billed: month
    eligible: everyone
""",
    """offers: price-book
items:
  - offer: fibre-new
    product: fibre-100m
    price: 30 CNY
    billed: month
    eligible: {any: [{first_purchase: absent}, {first_purchase: {within: 30d}}]}
  - offer: fibre-loyal
    product: fibre-100m
    price: 28 CNY
    billed: month
    eligible: {first_purchase: {over: 30d}}
""",
)
