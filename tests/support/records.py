"""Records of sessions as they are read from the database, for tests that need none."""

from datetime import UTC, datetime
from decimal import Decimal

from adreel.domain.sessions.session import SessionRecord
from adreel.domain.sessions.stage import Stage

NOW = datetime(2026, 5, 4, tzinfo=UTC)

EMPTY_SESSION = SessionRecord(
    id="s",
    user_id="ann",
    stage=Stage.CREATED,
    return_stage=None,
    product_prompt="",
    video_prompt="",
    seed=1,
    approved_image_ids=(),
    approved_clip_ids=(),
    clip_order=(),
    final_video_id=None,
    text_overlay={},
    total_cost=Decimal(0),
    reserved=Decimal(0),
    budget_cap=None,
    job=None,
    error=None,
    created_at=NOW,
    updated_at=NOW,
)
