"""From the records of the domain to the bodies that clients get."""

from __future__ import annotations

from decimal import Decimal

from adreel.domain.scene import ViewType
from adreel.domain.session import Asset, AssetKind, CostLine, SessionEvent, SessionRecord, SessionView
from adreel.routers.options import AppOptions
from adreel.routers.schemas.sessions import (
    CostLineAnswer,
    Costs,
    EventAnswer,
    FinalVideo,
    GeneratedClip,
    Image,
    SessionAnswer,
    SessionSummaryAnswer,
    UploadedImage,
    Work,
)
from adreel.services.links import LinkSigner
from adreel.services.records import SessionSummary

_MB = 1_000_000


class Shapes:
    """Every file gets a signed link, good for `options.link_seconds` at least."""

    def __init__(self, links: LinkSigner, options: AppOptions) -> None:
        self._links = links
        self._base = options.public_url or ""
        self._seconds = options.link_seconds

    def url(self, asset: Asset) -> str:
        key = asset.storage_key
        return f"{self._base}/media/{key}?{self._links.sign(key, self._seconds)}"

    def uploaded(self, asset: Asset) -> UploadedImage:
        return UploadedImage(id=asset.id, url=self.url(asset), view_type=_view(asset))

    def session(self, view: SessionView) -> SessionAnswer:
        record = view.session
        finals = {asset.id: asset for asset in view.of_kind(AssetKind.FINAL)}
        final = finals.get(record.final_video_id or "")
        return SessionAnswer(
            id=record.id,
            stage=record.stage,
            product_prompt=record.product_prompt,
            video_prompt=record.video_prompt,
            generated_images=[self._image(asset) for asset in view.of_kind(AssetKind.IMAGE)],
            approved_images=list(record.approved_image_ids),
            generated_clips=[self._clip(asset) for asset in view.of_kind(AssetKind.CLIP)],
            approved_clips=list(record.approved_clip_ids),
            clip_order=list(record.clip_order),
            final_video=self._final(final) if final else None,
            final_videos={_aspect(asset): self._final(asset) for asset in finals.values()} if final else {},
            total_cost=record.total_cost,
            budget_cap=record.budget_cap,
            work=_work(record),
            error=record.error,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    def summary(self, summary: SessionSummary) -> SessionSummaryAnswer:
        record = summary.session
        return SessionSummaryAnswer(
            id=record.id,
            stage=record.stage,
            product_prompt=record.product_prompt,
            created_at=record.created_at,
            updated_at=record.updated_at,
            total_cost=record.total_cost,
            thumbnail_url=self.url(summary.thumbnail) if summary.thumbnail else None,
            final_video_url=self.url(summary.final) if summary.final else None,
        )

    def _image(self, asset: Asset) -> Image:
        return Image(
            id=asset.id,
            url=self.url(asset),
            view_type=_view(asset),
            width=asset.details.get("width"),
            height=asset.details.get("height"),
            model=asset.model,
            cost=asset.cost,
            generation_time=asset.generation_time,
        )

    def _clip(self, asset: Asset) -> GeneratedClip:
        return GeneratedClip(
            id=asset.id,
            url=self.url(asset),
            source_image_id=asset.source_image_id,
            view_type=_view(asset),
            duration=asset.details["duration"],
            resolution=asset.details["resolution"],
            fps=asset.details["fps"],
            cost=asset.cost,
            model=asset.model,
            generation_time=asset.generation_time,
        )

    def _final(self, asset: Asset) -> FinalVideo:
        return FinalVideo(
            url=self.url(asset),
            duration=asset.details["duration"],
            resolution=asset.details["resolution"],
            fps=asset.details["fps"],
            file_size_mb=round(asset.size_bytes / _MB, 2),
            format=asset.details["format"],
        )


def costs(session_id: str, total: Decimal, lines: tuple[CostLine, ...]) -> Costs:
    breakdown = [
        CostLineAnswer(agent=line.agent, model=line.model, cost=line.amount, duration=line.duration) for line in lines
    ]
    return Costs(session_id=session_id, total_cost=total, breakdown=breakdown)


def event_json(event: SessionEvent) -> str:
    """What a WebSocket sends for an event."""
    return EventAnswer(
        session_id=event.session_id,
        stage=event.stage,
        progress=event.progress,
        message=event.message,
        current_cost=event.current_cost,
        data=dict(event.data),
        timestamp=event.timestamp,
        seq=event.seq,
    ).model_dump_json()


def _work(record: SessionRecord) -> Work | None:
    job = record.job
    return Work(job_id=job.id, action=str(job.action), started_at=job.started_at) if job else None


def _view(asset: Asset) -> ViewType | None:
    return ViewType(asset.view_type) if asset.view_type else None


def _aspect(asset: Asset) -> str:
    return str(asset.details.get("aspect", "16:9"))
