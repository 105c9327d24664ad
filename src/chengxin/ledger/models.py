"""Tables of the ledger: tiles of hashes, signed tree heads, and events that have no table of their own."""

from __future__ import annotations

from django.db import models

from chengxin.ledger.sealed import sealed


class Tile(models.Model):
    """Up to 256 hashes of one level of the tree (C2SP tlog-tiles); a tile only ever grows at its end."""

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(level__gte=0, index__gte=0), name="tile_place"),
        )


class TreeHead(models.Model):
    """The root of the first `size` leaves, signed. `previous`: size of the head before; 0 for the first."""

    size = models.BigIntegerField(primary_key=True)
    previous = models.BigIntegerField(unique=True)
    root = models.BinaryField()
    signed_at = models.DateTimeField()
    signature = models.BinaryField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(previous__gte=0, size__gt=models.F("previous")), name="head_grows"
            ),
        )


class Event(models.Model):
    """What happened to what is kept: a merge, a hand-over, a batch begun. `body` is canonical JSON."""

    id = models.BigIntegerField(primary_key=True)
    kind = models.TextField()
    at = models.DateTimeField()
    body = models.TextField()


EVENT = sealed("ledger_event", "kind", "at", tail="body", moments=("at",))
