"""What people are told when their batch has ended."""

from __future__ import annotations

from chengxin.desk.actions import notify
from chengxin.exchange.models import Batch


def tell_ended(batch_id: int) -> None:
    """A notice to those who send for the batch's source: what became of it, and where the receipt is."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.finished_at is None:
        return
    if batch.stage == "refused":
        zh = f"第{batch.pk}批没有收下：{batch.file_name}不是该项目的数据表，请改正后重新报送"
        en = f"Batch {batch.pk} was refused: {batch.file_name} is no table of its item; mend and resend it"
    elif batch.rejected:
        zh = f"第{batch.pk}批已办结：入档{batch.kept:,}行，退回{batch.rejected:,}行，请改正后再报"
        en = f"Batch {batch.pk} is finished: {batch.kept:,} rows kept, {batch.rejected:,} rejected"
    else:
        zh = f"第{batch.pk}批已办结：入档{batch.kept:,}行，重复{batch.duplicate:,}行，没有退回"
        en = (
            f"Batch {batch.pk} is finished: {batch.kept:,} kept, {batch.duplicate:,} duplicate, none rejected"
        )
    notify("batch.send", organisation=batch.source_id, zh=zh, en=en, url=f"/work/batches/{batch.pk}")
