"""Builds response bodies from domain records."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, cast
from urllib.parse import quote

from adreel.domain.films.film_options import FilmOptions as DomainOptions
from adreel.domain.films.film_options import read_request, to_request
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.image_names import image_names
from adreel.domain.films.scene import ViewType
from adreel.domain.sessions.details import CaptionFile as DomainCaptionFile
from adreel.domain.sessions.jobs import STORAGE_KEY, EventType, JobRecord, event_type
from adreel.domain.sessions.session import Asset, AssetKind, CostLine, Json, SessionEvent, SessionRecord, SessionView
from adreel.domain.work.percentages import JOB_DONE, job_percent
from adreel.orchestrator.film_bundles import file_name
from adreel.orchestrator.video_orchestrator import Started
from adreel.routers.common.options import AppOptions
from adreel.routers.schemas.generation import Processing
from adreel.routers.schemas.jobs import EventAnswer, JobAnswer
from adreel.routers.schemas.sessions import (
    CaptionFile,
    ComposedOptions,
    CostLineAnswer,
    Costs,
    FilmCheck,
    FilmOptions,
    FinalVideo,
    GeneratedClip,
    Image,
    ImageSource,
    SessionAnswer,
    SessionSummaryAnswer,
    TextOverlayAnswer,
    Uploaded,
    UploadedImage,
    Work,
)
from adreel.services.sessions.records import SessionSummary
from adreel.services.sessions.thumbnail_keys import thumbnail_key
from adreel.services.storage.links import LinkSigner

_MB = 1_000_000
_CARDS_SECONDS = 2.0
"""Intro and outro of a film with default options."""


class ResponseBuilder:
    """Builds responses whose files are signed links, valid for at least `options.link_seconds`."""

    def __init__(self, links: LinkSigner, options: AppOptions) -> None:
        self._links = links
        self._base = options.public_url or ""
        self._seconds = options.link_seconds

    def url(self, asset: Asset) -> str:
        return self._link(asset.storage_key)

    def thumbnail_url(self, asset: Asset) -> str:
        """Link to the thumbnail of an image, clip or film; it is created on first request."""
        return self._link(thumbnail_key(asset))

    def link(self, key: str) -> str:
        """Link to a stored file."""
        return self._link(key)

    def uploaded(self, asset: Asset) -> UploadedImage:
        return UploadedImage(id=asset.id, url=self.url(asset), view_type=_view(asset), note=asset.image_details.note)

    def uploads(self, assets: Iterable[Asset]) -> Uploaded:
        return Uploaded(images=[self.uploaded(asset) for asset in assets])

    def session(self, view: SessionView) -> SessionAnswer:
        record = view.session
        finals = {asset.id: asset for asset in view.of_kind(AssetKind.FINAL)}
        final = finals.get(record.final_video_id or "")
        films = [self._final(asset) for asset in reversed(finals.values())]
        return SessionAnswer(
            id=record.id,
            name=record.name,
            stage=record.stage,
            product_prompt=record.product_prompt,
            video_prompt=record.video_prompt,
            images=self._images(view, view.of_kind(AssetKind.IMAGE)),
            approved_image_ids=list(record.approved_image_ids),
            clips=[self._clip(asset) for asset in view.of_kind(AssetKind.CLIP)],
            approved_clip_ids=list(record.approved_clip_ids),
            clip_order=list(record.clip_order),
            final_video=self._final(final) if final else None,
            final_videos={_aspect(asset): self._final(asset) for asset in _by_aspect(finals.values(), final)},
            films=films,
            text_overlay=_last_overlay(record.text_overlay) if record.film_options else None,
            film_options=_last_options(record.film_options) if record.film_options else None,
            estimated_final_duration=expected_seconds(view) if record.approved_clip_ids else None,
            brand_kit=record.brand_kit,
            last_seq=record.last_seq,
            total_cost=record.total_cost,
            budget_cap=record.budget_cap,
            work=_work(record),
            error=record.error,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )

    def job(self, job: JobRecord, view: SessionView) -> JobAnswer:
        """A job with what it made; `view` is of its session."""
        made = [asset for asset in view.assets if asset.id in job.made]
        return JobAnswer(
            id=job.id,
            session_id=job.session_id,
            action=job.action,
            state=job.state,
            progress=job.progress,
            message=job.message,
            images=self._images(view, [asset for asset in made if asset.kind is AssetKind.IMAGE]),
            clips=[self._clip(asset) for asset in made if asset.kind is AssetKind.CLIP],
            films=[self._final(asset) for asset in made if asset.kind is AssetKind.FINAL],
            failures=list(job.failures),
            error=job.error,
            started_at=job.started_at,
            ended_at=job.ended_at,
        )

    def event(self, event: SessionEvent) -> str:
        """An event as JSON text for a WebSocket; files in its data have signed links."""
        kind = event_type(event.data)
        return EventAnswer(
            type=kind,
            session_id=event.session_id,
            job_id=event.data.get("job"),
            stage=event.stage,
            progress=event.progress,
            job_progress=JOB_DONE if kind is EventType.JOB_COMPLETED else job_percent(event.stage, event.progress),
            message=event.message,
            current_cost=event.current_cost,
            data={name: self._with_links(value) for name, value in event.data.items()},
            timestamp=event.timestamp,
            seq=event.seq,
        ).model_dump_json()

    def _with_links(self, value: Any) -> Any:  # noqa: ANN401 (JSON)
        """A value of an event's data, in which the `url` of each file stands for its storage key."""
        if isinstance(value, list):
            return [self._with_links(each) for each in cast("list[Any]", value)]
        if not isinstance(value, dict) or STORAGE_KEY not in value:
            return value
        file = {name: self._with_links(inner) for name, inner in cast("dict[str, Any]", value).items()}
        link = self._link(file.pop(STORAGE_KEY))
        return {**file, "url": link}

    def summary(self, summary: SessionSummary) -> SessionSummaryAnswer:
        record = summary.session
        return SessionSummaryAnswer(
            id=record.id,
            name=record.name,
            stage=record.stage,
            product_prompt=record.product_prompt,
            created_at=record.created_at,
            updated_at=record.updated_at,
            total_cost=record.total_cost,
            thumbnail_url=self.thumbnail_url(summary.thumbnail) if summary.thumbnail else None,
            final_video_url=self.url(summary.final) if summary.final else None,
        )

    def _images(self, view: SessionView, images: Iterable[Asset]) -> list[Image]:
        """Some images of a session: a name counts all of them."""
        names = image_names(view.of_kind(AssetKind.IMAGE))
        return [self._image(asset, names[asset.id]) for asset in images]

    def _image(self, asset: Asset, name: str) -> Image:
        return Image(
            id=asset.id,
            source=ImageSource.UPLOAD if asset.image_details.generated is None else ImageSource.GENERATED,
            name=name,
            note=asset.image_details.note,
            url=self.url(asset),
            thumbnail_url=self.thumbnail_url(asset),
            view_type=_view(asset),
            width=asset.image_details.width,
            height=asset.image_details.height,
            model=asset.model,
            cost=asset.cost,
            generation_time=asset.generation_time,
        )

    def _clip(self, asset: Asset) -> GeneratedClip:
        details = asset.clip_details
        scene = details.scene
        return GeneratedClip(
            id=asset.id,
            url=self.url(asset),
            poster_url=self.thumbnail_url(asset),
            source_image_id=asset.source_image_id,
            view_type=_view(asset),
            duration=details.duration,
            resolution=details.resolution,
            fps=details.fps,
            cost=asset.cost,
            model=asset.model,
            generation_time=asset.generation_time,
            take=asset.take,
            scene_prompt=scene.scene_prompt,
            camera_movement=scene.camera_movement,
            motion_intensity=scene.motion_intensity,
            beat=details.beat or None,
        )

    def _final(self, asset: Asset) -> FinalVideo:
        details = asset.film_details
        passport_url = f"{self._base}/api/sessions/{asset.session_id}/films/{asset.id}/passport"
        return FinalVideo(
            id=asset.id,
            url=self.url(asset),
            download_url=f"{self.url(asset)}&download={quote(file_name(asset), safe='')}",
            poster_url=self.thumbnail_url(asset),
            aspect=_aspect(asset),
            placement=details.placement or None,
            frames=details.frames,
            duration=details.duration,
            resolution=details.resolution,
            fps=details.fps,
            file_size_mb=round(asset.size_bytes / _MB, 2),
            format=details.format,
            checks=[FilmCheck(name=each.name, detail=each.detail) for each in details.checks],
            notes=list(details.notes),
            options=None if details.options is None else _composed_options(details.options),
            created_at=asset.created_at,
            passport_url=None if details.passport is None else passport_url,
            passport_page_url=None if details.passport is None else f"{passport_url}.html",
            captions=[self._captions(asset, file) for file in details.captions],
        )

    def _captions(self, film: Asset, file: DomainCaptionFile) -> CaptionFile:
        name = file_name(film).removesuffix(".mp4") + file.suffix
        url = self._link(file.storage_key)
        return CaptionFile(
            format=file.suffix.removeprefix("."), url=url, download_url=f"{url}&download={quote(name, safe='')}"
        )

    def _link(self, key: str) -> str:
        return f"{self._base}/media/{key}?{self._links.sign(key, self._seconds)}"


def expected_seconds(view: SessionView) -> float:
    """Length in seconds of a film of the approved clips, with cards of one second each and no crossfades."""
    approved = set(view.session.approved_clip_ids)
    clips = [asset for asset in view.of_kind(AssetKind.CLIP) if asset.id in approved]
    return round(to_seconds(sum(clip.clip_details.clip_frames for clip in clips)) + _CARDS_SECONDS, 3)


def costs(session_id: str, total: Decimal, lines: tuple[CostLine, ...]) -> Costs:
    breakdown = [
        CostLineAnswer(agent=line.agent, model=line.model, cost=line.amount, duration=line.duration) for line in lines
    ]
    return Costs(session_id=session_id, total_cost=total, breakdown=breakdown)


def _work(record: SessionRecord) -> Work | None:
    job = record.job
    return Work(id=job.id, action=str(job.action), started_at=job.started_at) if job else None


def _view(asset: Asset) -> ViewType | None:
    return ViewType(asset.view_type) if asset.view_type else None


def _aspect(asset: Asset) -> str:
    return asset.film_details.aspect


def _by_aspect(films: Iterable[Asset], final: Asset | None) -> list[Asset]:
    """Sorts films for no placement so that the last of an aspect represents it: one composed with `final`, else the newest."""
    films = [film for film in films if not film.film_details.placement]
    return [] if final is None else sorted(films, key=lambda film: _composition(film) == _composition(final))


def _composition(film: Asset) -> tuple[object, object]:
    return film.film_details.options, film.film_details.clips


def _composed_options(options: DomainOptions) -> ComposedOptions:
    return ComposedOptions.model_validate(to_request(options))


def _last_options(stored: Json) -> FilmOptions:
    request = to_request(read_request({name: value for name, value in stored.items() if name != "aspects"}))
    del request["text_overlay"]
    return FilmOptions.model_validate({**request, "aspects": stored["aspects"]})


def _last_overlay(stored: Json) -> TextOverlayAnswer:
    return TextOverlayAnswer.model_validate(to_request(read_request({"text_overlay": stored}))["text_overlay"])


def processing(started: Started) -> Processing:
    """The answer to a request that started a job."""
    return Processing(
        status="processing",
        estimated_duration=started.estimated_duration,
        message=started.message,
        id=started.job_id,
    )
