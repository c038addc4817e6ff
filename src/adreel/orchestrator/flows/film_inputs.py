"""What a session's film is made of: its specification, the shots of clips that are drawn, the files of those that were bought."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adreel.agents.options import NEUTRAL_COLOR, spec_of
from adreel.billing.clip_jobs import FilmJob, ImageRef
from adreel.billing.clip_quality import fit_of_resolution
from adreel.domain.errors import ClipError, StorageError
from adreel.domain.films.clip import Clip
from adreel.domain.films.color import Color
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.ports import Shot
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.photos.photo import Photo
from adreel.orchestrator.film_brands import LocalFilmFiles
from adreel.orchestrator.script_jobs import FilmClip, ScriptFilm, end_look
from adreel.services.sessions.photos import PhotoService
from adreel.services.storage_service import LocalFiles

NO_OWN = LocalFilmFiles()


@dataclass(frozen=True, slots=True)
class FilmInputs:
    """`color_of` finds a product's colour in its photo; `sizes` are the frame sizes of aspects."""

    files: LocalFiles
    photos: PhotoService
    color_of: Callable[[Photo], Color]
    sizes: Mapping[str, FrameSize]

    async def spec(
        self, job: FilmJob, film: ScriptFilm, aspect: str, color: Color | None = None, own: LocalFilmFiles = NO_OWN
    ) -> FilmSpec:
        """The specification of a job's film; `color` is that of the product, where it is known, `own` are its files on this
        machine. Raises PhotoError, TextError, MusicError, StorageError."""
        if color is None:
            color = await self._color(job)
        options = replace(own.options(film.options), aspect=aspect)
        spec = await asyncio.to_thread(spec_of, options, job.prompt, color, self.sizes)
        if job.look_image is not None and spec.shows_product_first:
            spec = replace(spec, product_photo=await self._look(job.look_image))
        if job.end_image is None:
            return spec
        return replace(spec, end_card=end_look(job, film, await self._look(job.end_image), own.logo))

    async def _color(self, job: FilmJob) -> Color:
        if job.look_image is None or job.options.color is not None:
            return NEUTRAL_COLOR
        photo = await self.photos.load(await self._look(job.look_image))
        return await asyncio.to_thread(self.color_of, photo)

    async def _look(self, image: ImageRef) -> Path:
        return await self.files.path(image.key, image.content_hash)

    async def shot(self, clip: FilmClip, view: SessionView, spec: FilmSpec) -> Shot:
        """The shot of a drawn clip in the film's size. Raises ClipError when its photo was removed, StorageError."""
        asset, size = clip.asset, spec.size
        image = next((image for image in view.of_kind(AssetKind.IMAGE) if image.id == asset.source_image_id), None)
        if image is None:
            raise ClipError(
                f"clip {asset.id} cannot be drawn for {size.aspect}: its photo was removed; choose another clip"
            )
        path = await self.files.path(image.storage_key, image.content_hash)
        details = asset.clip_details
        # A beat has a framing of its own.
        view_type = image.view_type if details.place is None else asset.view_type
        approved = ApprovedImage(image.id, path, ViewType(view_type or ViewType.FRONT))
        facts = (approved, details.scene, size, clip.frames, details.seed, clip.words, clip.text_style)
        shot = Shot(*facts, composed_for=spec.composed_for)
        return replace(shot, captions=clip.captions, caption_style=clip.caption_style)

    async def file_clip(self, clip: FilmClip, view: SessionView, spec: FilmSpec) -> Clip:
        """The file of a bought clip, with the words that the film lays over it. Raises StorageError."""
        asset, size = clip.asset, spec.composed_for or spec.size
        source = await self.files.path(asset.storage_key, asset.content_hash)
        details = asset.clip_details
        # In the format that it was bought for, the picture is that of the stored segment.
        fit = fit_of_resolution(size, details.resolution) if details.segment.size == size else None
        return Clip(
            asset.id,
            clip.frames,
            source,
            model=asset.model,
            image_model=image_model(asset, view),
            smooth=True,
            words=clip.words,
            text_style=clip.text_style,
            fit=fit,
            captions=clip.captions,
            caption_style=clip.caption_style,
        )

    async def photos_of(self, clips: Sequence[FilmClip], view: SessionView) -> tuple[Path, ...]:
        """The photos of which clips are made, in the order of the film. Pictures that a model generated are none, and one that
        storage does not give is left out: the film's credentials then do not name it."""
        ids = dict.fromkeys(clip.asset.source_image_id for clip in clips)
        images = {image.id: image for image in view.of_kind(AssetKind.IMAGE) if image.model is None}
        found = [await self.kept(images[each]) for each in ids if each in images]
        return tuple(dict.fromkeys(path for path in found if path is not None))

    async def kept(self, asset: Asset) -> Path | None:
        """The stored file of an image or a clip that becomes part of the film's credentials; None where storage gives none: a
        film that is paid for is not lost for it."""
        try:
            return await self.files.path(asset.storage_key, asset.content_hash)
        except StorageError:
            return None


def image_model(clip: Asset, view: SessionView) -> str | None:
    """The model that generated the image of a clip; None for a photo, and for an image that was removed since."""
    image = next((each for each in view.of_kind(AssetKind.IMAGE) if each.id == clip.source_image_id), None)
    return None if image is None else image.model
