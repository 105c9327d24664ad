"""A person sends a file for an organisation: checked who may, taken in, handed to the worker."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone

from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor, Target
from chengxin.archive.keeping import Operation
from chengxin.exchange import batches
from chengxin.exchange.actions import Refused, may_send
from chengxin.exchange.models import Batch
from chengxin.exchange.receiving import LARGEST, NotReceived, file_name, receive
from chengxin.exchange.worker import worker
from chengxin.kernel.problems import Problem
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item

logger = logging.getLogger(__name__)

ACTION = "batch.send"


@dataclass(frozen=True)
class Sent:
    """The batch of a file; `again`: this very file was there already and its receipt not fetched yet."""

    batch: Batch
    again: bool


def senders(actor: Actor) -> list[Organisation]:
    """The organisations for which this person may send."""
    reach = actor.reach(ACTION)
    return list(Organisation.objects.filter(pk__in=reach.organisations).order_by("name"))


def items_of(organisations: Sequence[Organisation], today: date) -> list[Item]:
    """The items in force that one of the organisations sends by the catalogue."""
    roles = {one.role for one in organisations}
    return [one for one in catalogue.items(today) if roles.intersection(one.sources)]


def send(
    actor: Actor,
    stream: BinaryIO,
    size: int,
    *,
    name: str,
    organisation: int,
    item: Item,
    operation: Operation,
    today: date,
    follows: int | None = None,
) -> Sent:
    """Take in a file that a person sends for an organisation; the worker brings it to its end.

    name, size: as the browser gives them, neither believed; follows: the batch whose rejected rows the file
    mends. Raises Forbidden, Refused or NotReceived.
    """
    actor.must(ACTION, Target(organisation=organisation))
    sender = Organisation.objects.get(pk=organisation)
    _confirmed(sender)
    return take_in(
        sender,
        stream,
        size,
        name=name,
        item=item,
        operation=operation,
        today=today,
        follows=follows,
        sent_by=actor.user,
    )


def take_in(
    sender: Organisation,
    stream: BinaryIO,
    size: int,
    *,
    name: str,
    item: Item,
    operation: Operation,
    today: date,
    follows: int | None = None,
    sent_by: int | None = None,
) -> Sent:
    """The same for whoever was let in already: a person above, or a key of the organisation.

    Raises Refused or NotReceived.
    """
    may_send(sender, item)
    _mends(follows, sender, item)
    shown, begun = file_name(name), timezone.now()
    if size > LARGEST:
        raise NotReceived(_too_large(shown))
    try:
        received = receive(settings.HOME.inbox, stream, size)
    except OSError as failed:
        logger.error("a file could not be kept in the inbox: %s", failed.strerror or type(failed).__name__)
        raise NotReceived(_no_room(shown)) from failed
    if not received.size:
        raise NotReceived(_empty(shown))
    batch = batches.begin(
        received,
        name=shown,
        item=item,
        source=sender,
        operation=operation,
        today=today,
        follows=follows,
        sent_by=sent_by,
    )
    worker.wake()
    return Sent(batch, batch.received_at < begun)


def _confirmed(sender: Organisation) -> None:
    if not sender.confirmed:
        raise Refused(
            Problem(
                "organisation", sender.name, "unconfirmed",
                f"{sender.name}的报送身份尚未确认", f"nobody has confirmed yet what {sender.name} is",
                "请联系信用牵头部门确认后再报送", "ask the credit office to confirm it, then send again",
            )
        )  # fmt: skip


def _mends(follows: int | None, sender: Organisation, item: Item) -> None:
    """What follows a batch comes from the same source and is of the same item."""
    if follows is None:
        return
    if not Batch.objects.filter(pk=follows, source=sender, item=item.id).exists():
        raise Refused(
            Problem(
                "follows", str(follows), "follows",
                f"本单位没有编号为{follows}的该项目批次",
                f"your organisation has no batch {follows} of this item",
                "请从原批次的回执页面重新上传", "upload it from the page of the batch that it mends",
            )
        )  # fmt: skip


def _too_large(name: str) -> Problem:
    return Problem(
        "file", name, "size", f"文件“{name}”超过8 GiB", f"the file '{name}' is larger than 8 GiB",
        "请拆分后分别报送", "cut it into parts and send each",
    )  # fmt: skip


def _empty(name: str) -> Problem:
    return Problem(
        "file", name, "empty", f"文件“{name}”是空的（0字节）", f"the file '{name}' is empty (0 bytes)",
        "请检查导出是否完成，再选择一次", "check whether the export was finished, then choose it again",
    )  # fmt: skip


def _no_room(name: str) -> Problem:
    return Problem(
        "file", name, "storage", f"暂时不能保存文件“{name}”", f"the file '{name}' can't be stored now",
        "没有收到任何内容，请稍后再试或联系系统管理员",
        "nothing of it was taken in; try again later or tell the administrator",
    )  # fmt: skip
