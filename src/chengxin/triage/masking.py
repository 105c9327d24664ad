"""How accounts, devices and addresses of a lead are named: shops by name, persons masked and numbered.

A buyer is a natural person in a trade role: the page says "buyer 3" and the end of the platform's number, so
that an officer can tell two apart and ask the platform, and nobody reads who it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext, gettext_noop

KINDS: Mapping[str, str] = {
    "buyer": gettext_noop("买家"),
    "courier": gettext_noop("快递员"),
    "sender": gettext_noop("寄件人"),
    "account": gettext_noop("账号"),
    "device": gettext_noop("设备"),
    "ip": gettext_noop("网络地址"),
    "address": gettext_noop("收货地址"),
    "shop": gettext_noop("店铺"),
}
"""What can be behind an id."""

PERSONS = ("buyer", "courier", "sender", "account")

COLUMNS: Mapping[str, str] = {
    "seller_id": "shop", "buyer_id": "buyer", "rater_id": "buyer", "ratee_id": "shop", "payer_id": "buyer",
    "payee_id": "buyer", "sender_id": "sender", "courier_id": "courier", "visitor_id": "buyer",
    "account_id": "account", "buyer_device": "device", "device": "device", "buyer_ip": "ip", "ip": "ip",
    "address_hash": "address", "sender_address_hash": "address", "receiver_address_hash": "address",
}  # fmt: skip
"""Columns of the lake that hold an id, and what is behind it."""


def masked(id: str) -> str:
    """The end of an id, by which its platform finds it; nothing of one that is short."""
    return f"…{id[-2:]}" if len(id) > 4 else "…"


@dataclass
class Names:
    """The names on one lead's page; ids are numbered in the order in which they are first asked for."""

    shops: Mapping[str, str]
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def kind(self, kind: str, id: str) -> str:
        """What is behind an id: an account that trades is a shop, whatever column it stands in."""
        return (
            "shop" if id in self.shops and kind in (*PERSONS, "shop") else "buyer" if kind == "shop" else kind
        )

    def key(self, kind: str, id: str) -> str:
        """An id for the page that says nothing: b3, s1."""
        kind = self.kind(kind, id)
        return f"{kind}{self._number(kind, id)}"

    def name(self, kind: str, id: str) -> str:
        """What the page calls it."""
        kind = self.kind(kind, id)
        if kind == "shop":
            return self.shops[id] or id
        end = f" {masked(id)}" if kind in PERSONS else ""
        return f"{gettext(KINDS[kind])} {self._number(kind, id)}{end}"

    def _number(self, kind: str, id: str) -> int:
        if (kind, id) not in self._numbers:
            self._numbers[kind, id] = sum(one == kind for one, _ in self._numbers) + 1
        return self._numbers[kind, id]


def names(rows: Mapping[str, Iterable[Mapping[str, Any]]], sellers: Iterable[str]) -> Names:
    """The names of one lead: its shops as the lake knows them, and those that its members and orders name."""
    shops = {str(one["seller_id"]): str(one.get("shop_name", "")) for one in rows.get("sellers", ())}
    shops |= {id: shops.get(id, "") for id in sellers}
    for table in ("orders", "prices", "listings"):
        shops |= {
            str(one["seller_id"]): shops.get(str(one["seller_id"]), "")
            for one in rows.get(table, ())
            if "seller_id" in one
        }
    found = Names(shops)
    for one in sorted(rows.get("orders", ()), key=lambda one: str(one.get("created_at", ""))):
        for column in ("seller_id", "buyer_id", "buyer_device", "buyer_ip", "address_hash"):
            if column in one:
                found.key(COLUMNS[column], str(one[column]))
    return found
