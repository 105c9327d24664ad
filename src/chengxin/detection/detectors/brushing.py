"""Brushing (刷单炒信): trades that are none, to raise sales and points (plan 17b, 9.2c; E-Commerce Law,
articles 17, 85).

Rings come first: shops that share buyers beyond chance, taken together where the orders of the shared
buyers are odd, too; their members inherit. Beside them stand shops that brush alone, by their own
accounts. Every signal is a surprise against the category and the season, and signals that see the same
side count once: a lead needs several witnesses. A dense block alone is nobody's guilt (fans, neighbours,
a dormitory): people are counted by address, and what honest blocks do not have (money back, one device,
receipts confirmed before the parcel) decides.
"""

from __future__ import annotations

from chengxin.detection.declaring import Detector, Lead, Signal
from chengxin.detection.trades.leads import leads
from chengxin.detection.trades.odd_orders import TESTS
from chengxin.lake.reading import Lake

# Name: kind, weight, sentences. The weight says how seldom honest trade looks like that: money that comes
# back and parcels too light are rare, orders by link or without browsing are how live rooms sell.
_WORDS: dict[str, tuple[str, float, str, str]] = {
    "no_browsing": (
        "browsing", 0.5,
        "{value}的订单下单前几乎没有浏览（停留不足5秒），同类同期为{baseline}",
        "{value} of the orders were placed after less than 5 seconds on the page; usual here: {baseline}",
    ),
    "scripted_dwell": (
        "browsing", 0.5,
        "{value}的订单下单前恰好停留5至7分钟，同类同期为{baseline}",
        "{value} of the orders were placed after 5 to 7 minutes on the page; usual here: {baseline}",
    ),
    "by_link": (
        "browsing", 0.3,
        "{value}的订单由链接或直达进入，同类同期为{baseline}",
        "{value} of the orders came by a link or directly; usual here: {baseline}",
    ),
    "before_arrival": (
        "receipt", 0.8,
        "{value}的订单在包裹签收之前就已确认收货，同类同期为{baseline}",
        "{value} of the orders were confirmed before the parcel was signed for; usual here: {baseline}",
    ),
    "at_once": (
        "receipt", 0.5,
        "{value}的订单在签收后20分钟内确认收货，同类同期为{baseline}",
        "{value} of the orders were confirmed within 20 minutes of the signature; usual here: {baseline}",
    ),
    "too_fast": (
        "receipt", 0.5,
        "{value}的订单发货后12小时内即确认收货，同类同期为{baseline}",
        "{value} of the orders were confirmed within 12 hours of dispatch; usual here: {baseline}",
    ),
    "at_night": (
        "rhythm", 0.3,
        "{value}的订单在凌晨1至6点下单，同类同期为{baseline}",
        "{value} of the orders were placed between 1 and 6 in the morning; usual here: {baseline}",
    ),
    "shared_device": (
        "device", 0.5,
        "{value}的订单来自本店多个账号共用的设备，同类同期为{baseline}",
        "{value} of the orders come from devices shared by accounts of the shop; usual here: {baseline}",
    ),
    "shared_network": (
        "device", 0.25,
        "{value}的订单来自本店多个账号共用的网络地址，同类同期为{baseline}",
        "{value} of the orders come from networks shared by accounts of the shop; usual here: {baseline}",
    ),
    "shared_address": (
        "address", 0.3,
        "{value}的订单寄往本店多个账号共用的地址，同类同期为{baseline}",
        "{value} of the orders go to addresses shared by accounts of the shop; usual here: {baseline}",
    ),
    "praise_at_once": (
        "praise", 0.5,
        "{value}的评价在确认收货后1小时内给出满分，同类同期为{baseline}",
        "{value} of the ratings gave full marks within an hour of the receipt; usual here: {baseline}",
    ),
    "repeated_text": (
        "praise", 0.5,
        "{value}的评价与其他评价人的文字逐字相同，同类同期为{baseline}",
        "{value} of the ratings repeat another rater's text word for word; usual here: {baseline}",
    ),
    "money_back": (
        "money", 1.2,
        "{value}的订单事后有接近订单金额的款项回到买家，同类同期为{baseline}",
        "after {value} of the orders about the price came back to the buyer; usual here: {baseline}",
    ),
    "light_parcel": (
        "parcel", 1.2,
        "{value}的包裹重量不足该商品通常重量的三成，同类同期为{baseline}",
        "{value} of the parcels weigh less than 30% of what the goods usually weigh; usual here: {baseline}",
    ),
}  # fmt: skip

STRUCTURE = Signal(
    "shared_buyers", "structure",
    "与同伙店铺共有{value}名买家（按收货地址计），按店铺规模和类目只应有{baseline}名",
    "shares {value} buyers (by address) with a shop of the ring; size and trade let expect {baseline}",
    ("orders",), "number",
)  # fmt: skip

SHOPS = Signal(
    "ring_shops", "structure",
    "在该团伙的{value}家店铺购物，随机只应有{baseline}家",
    "bought in {value} shops of the ring; chance would give {baseline}",
    ("orders",), "number",
)  # fmt: skip

SIGNALS = (
    STRUCTURE,
    SHOPS,
    *(
        Signal(name, kind, zh, en, TESTS[name].needs, weight=weight)
        for name, (kind, weight, zh, en) in _WORDS.items()
    ),
)


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Rings, their shops and their buyers, and shops that brush alone."""
    return leads(lake, {one.name: one for one in SIGNALS if one.name in able})


DETECTOR = Detector(
    name="brushing",
    zh="刷单炒信",
    en="Brushing",
    obligations=("17b", "9.2c", "13f"),
    entities=("seller", "buyer"),
    needs=("orders", "orders.seller_id", "orders.buyer_id"),
    signals=SIGNALS,
    find=find,
)
