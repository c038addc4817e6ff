"""From the records of the domain to the bodies that clients get."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import quote

from adreel.domain.formats import to_seconds
from adreel.domain.scene import ViewType
from adreel.domain.session import Asset, AssetKind, CostLine, Json, SessionEvent, SessionRecord, SessionView
from adreel.routers.options import AppOptions
from adreel.routers.schemas.sessions import (
    AudioAnswer,
    ComposedOptions,
    CostLineAnswer,
    Costs,
    EventAnswer,
    FilmCheck,
    FilmOptions,
    FinalVideo,
    GeneratedClip,
    Image,
    SessionAnswer,
    SessionSummaryAnswer,
    TextOverlayAnswer,
    UploadedImage,
    Work,
)
from adreel.services.links import LinkSigner
from adreel.services.records import SessionSummary
from adreel.services.thumbnail_keys import thumbnail_key

_MB = 1_000_000
_CARDS_SECONDS = 2.0
"""Intro and outro of the film that is expected unless something else is asked for."""

_MAX_NAME = 80


class Shapes:
    """Every file gets a signed link, good for `options.link_seconds` at least."""

    def __init__(self, links: LinkSigner, options: AppOptions) -> None:
        self._links = links
        self._base = options.public_url or ""
        self._seconds = options.link_seconds

    def url(self, asset: Asset) -> str:
        return self._link(asset.storage_key)

    def thumbnail_url(self, asset: Asset) -> str:
        """A small picture of an image, clip or film; it is drawn when it is first looked at."""
        return self._link(thumbnail_key(asset))

    def uploaded(self, asset: Asset) -> UploadedImage:
        return UploadedImage(id=asset.id, url=self.url(asset), view_type=_view(asset))

    def session(self, view: SessionView) -> SessionAnswer:
        record = view.session
        finals = {asset.id: asset for asset in view.of_kind(AssetKind.FINAL)}
        final = finals.get(record.final_video_id or "")
        films = [self._final(asset) for asset in reversed(finals.values())]
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
            final_videos={_aspect(asset): self._final(asset) for asset in _by_aspect(finals.values(), final)},
            films=films,
            text_overlay=_overlay(record.text_overlay) if record.film_options else None,
            film_options=_film_options(record.film_options) if record.film_options else None,
            estimated_final_duration=expected_seconds(view) if record.approved_clip_ids else None,
            last_seq=record.last_seq,
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
            thumbnail_url=self.thumbnail_url(summary.thumbnail) if summary.thumbnail else None,
            final_video_url=self.url(summary.final) if summary.final else None,
        )

    def _image(self, asset: Asset) -> Image:
        return Image(
            id=asset.id,
            url=self.url(asset),
            thumbnail_url=self.thumbnail_url(asset),
            view_type=_view(asset),
            width=asset.details.get("width"),
            height=asset.details.get("height"),
            model=asset.model,
            cost=asset.cost,
            generation_time=asset.generation_time,
        )

    def _clip(self, asset: Asset) -> GeneratedClip:
        scene = asset.details["scene"]
        return GeneratedClip(
            id=asset.id,
            url=self.url(asset),
            poster_url=self.thumbnail_url(asset),
            source_image_id=asset.source_image_id,
            view_type=_view(asset),
            duration=asset.details["duration"],
            resolution=asset.details["resolution"],
            fps=asset.details["fps"],
            cost=asset.cost,
            model=asset.model,
            generation_time=asset.generation_time,
            take=asset.take,
            scene_prompt=scene["scene_prompt"],
            camera_movement=scene["camera_movement"],
            motion_intensity=scene["motion_intensity"],
        )

    def _final(self, asset: Asset) -> FinalVideo:
        options: Json | None = asset.details.get("options")
        return FinalVideo(
            id=asset.id,
            url=self.url(asset),
            download_url=f"{self.url(asset)}&download={quote(_file_name(asset), safe='')}",
            poster_url=self.thumbnail_url(asset),
            aspect=_aspect(asset),
            frames=asset.details["frames"],
            duration=asset.details["duration"],
            resolution=asset.details["resolution"],
            fps=asset.details["fps"],
            file_size_mb=round(asset.size_bytes / _MB, 2),
            format=asset.details["format"],
            checks=[FilmCheck(name=each["name"], detail=each["detail"]) for each in asset.details["checks"]],
            options=None if options is None else _composed_options(options),
            created_at=asset.created_at,
        )

    def _link(self, key: str) -> str:
        return f"{self._base}/media/{key}?{self._links.sign(key, self._seconds)}"


def expected_seconds(view: SessionView) -> float:
    """How long a film of the approved clips will be, with cards of a second each and no crossfades."""
    approved = set(view.session.approved_clip_ids)
    clips = [asset for asset in view.of_kind(AssetKind.CLIP) if asset.id in approved]
    return round(to_seconds(sum(int(clip.details["clip_frames"]) for clip in clips)) + _CARDS_SECONDS, 3)


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


def _by_aspect(films: Iterable[Asset], final: Asset | None) -> list[Asset]:
    """Films as they come to stand for their aspects: newer ones before older ones, those composed with `final` before all."""
    return [] if final is None else sorted(films, key=lambda film: _composition(film) == _composition(final))


def _composition(film: Asset) -> tuple[object, object]:
    return film.details.get("options"), film.details.get("clips")


def _overlay(given: Json) -> TextOverlayAnswer:
    return TextOverlayAnswer(
        product_name=given.get("product_name"), cta=given.get("cta"), font=given.get("font"), color=given.get("color")
    )


def _film_options(kept: Json) -> FilmOptions:
    return FilmOptions(
        audio=AudioAnswer(**kept["audio"]),
        intro_duration=kept["intro_duration"],
        outro_duration=kept["outro_duration"],
        transition=kept["transition"],
        aspects=kept["aspects"],
    )


def _composed_options(kept: Json) -> ComposedOptions:
    return ComposedOptions(
        text_overlay=_overlay(kept["text_overlay"]),
        audio=AudioAnswer(**kept["audio"]),
        intro_duration=kept["intro_duration"],
        outro_duration=kept["outro_duration"],
        transition=kept["transition"],
    )


def _file_name(film: Asset) -> str:
    """``Morning Mug 9x16.mp4``: the product's name, where the film says it. Unfit characters go when it is sent."""
    options: Json = film.details.get("options") or {"text_overlay": {}}
    name = " ".join((options["text_overlay"].get("product_name") or "Film").split())[:_MAX_NAME]
    return f"{name} {_aspect(film).replace(':', 'x')}.mp4"
