"""What lies on a person's desk: notices that wait to be read, and filters kept for the next time."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from chengxin.accounts.models import User


class Notice(models.Model):
    """Word to one person about something that an action of theirs waits for.

    action  the action of the permissions by which the person was chosen
    url     the page on which it is done, a path of this site
    due     the day until which it has to be done, where one counts
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notices")
    action = models.TextField()
    zh = models.TextField()
    en = models.TextField()
    url = models.TextField()
    due = models.DateField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(zh="") & ~Q(en=""), name="notice_in_both_languages"),
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//"), name="notice_leads_here"
            ),
        )
        indexes = (
            models.Index(fields=["user", "-id"], name="notice_user"),
            models.Index(fields=["user", "due"], name="notice_unread", condition=Q(read_at__isnull=True)),
        )


class SavedFilter(models.Model):
    """What a person asked of a list, under a name, to be asked again."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_filters")
    path = models.TextField()
    name = models.TextField()
    query = models.TextField()
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["user", "path", "name"], name="saved_filter_once"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_filter_named"),
        )
