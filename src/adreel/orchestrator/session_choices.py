"""Selects the inputs of a job from its session: approved images and clips, existing clips, the clip of a new take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adreel.billing.clip_jobs import ClipBeat, ClipsJob, ImageRef
from adreel.domain.errors import InputError, StageError
from adreel.domain.sessions.details import ClipDetails
from adreel.domain.sessions.session import Asset, AssetKind, SessionView

LOCAL = "local"


def approved_images(view: SessionView) -> list[Asset]:
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    approved = [images[each] for each in view.session.approved_image_ids if each in images]
    if not approved:
        raise StageError("cannot generate clips: no images are approved; approve images first")
    return approved


def approved_clips(view: SessionView) -> list[Asset]:
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    ordered = [clips[each] for each in view.session.clip_order if each in clips]
    if not ordered:
        raise StageError("cannot compose the final video: no clips are approved; approve clips first")
    return ordered


def missing_clips(view: SessionView, job: ClipsJob) -> list[int]:
    """The lengths in frames of the clips of the job that the session does not have yet: the others are not bought again."""
    if job.beats:
        made = clips_of_beats(view, job)
        return [beat.frames for beat, clip in zip(job.beats, made, strict=True) if clip is None]
    return [job.frames] * (len(job.images) - _count_made(view, job))


def _count_made(view: SessionView, job: ClipsJob) -> int:
    if view.session.video_prompt != job.prompt:
        return 0
    clips = view.of_kind(AssetKind.CLIP)
    same = [
        clip
        for clip in clips
        if clip.model == job.model and clip.take == job.take and clip.clip_details.segment.size == job.size
    ]
    # A bought clip may be a little shorter than ordered.
    long_enough = [clip for clip in same if 0.9 * job.frames <= clip.clip_details.clip_frames <= job.frames]
    made = {clip.source_image_id for clip in long_enough}
    return sum(image.id in made for image in job.images)


def clips_of_beats(view: SessionView, job: ClipsJob) -> list[Asset | None]:
    """The newest clip of each beat of the job that the session has: of its image, framing, words and length; None where there is
    none."""
    if view.session.video_prompt != job.prompt:
        return [None] * len(job.beats)
    clips = sorted(view.of_kind(AssetKind.CLIP), key=lambda clip: clip.take)
    return [_clip_of(beat, image, clips, job) for beat, image in zip(job.beats, job.images, strict=True)]


def _clip_of(beat: ClipBeat, image: ImageRef, clips: Sequence[Asset], job: ClipsJob) -> Asset | None:
    wanted = (job.model, job.size, beat.name, beat.words, image.id, image.view_type)
    made = [
        clip
        for clip in clips
        if clip.take >= job.take
        and _facts_of(clip) == wanted
        and 0.9 * beat.frames <= clip.clip_details.clip_frames <= beat.frames
    ]
    return made[-1] if made else None


def _facts_of(clip: Asset) -> tuple[object, ...]:
    details = clip.clip_details
    made = (clip.model, details.segment.size, details.beat, details.words)
    return (*made, clip.source_image_id, clip.view_type)


def retake(job_id: str, view: SessionView, clip: Asset) -> ClipsJob:
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    image = images.get(clip.source_image_id or "")
    if image is None:
        raise InputError(f"the image of clip {clip.id} was removed; generate clips of the images that are there")
    takes = [other.take for other in view.of_kind(AssetKind.CLIP) if other.source_image_id == clip.source_image_id]
    details, ref = clip.clip_details, ImageRef.of(image)
    return ClipsJob(
        job_id=job_id,
        session_id=view.session.id,
        user_id=view.session.user_id,
        images=(ref if details.place is None else replace(ref, view_type=clip.view_type or ref.view_type),),
        prompt=view.session.video_prompt,
        model=clip.model or LOCAL,
        frames=details.clip_frames,
        size=details.segment.size,
        seed=view.session.seed,
        take=max(takes) + 1,
        scenes=(details.scene,),
        beats=_beat_of(details),
    )


def _beat_of(details: ClipDetails) -> tuple[ClipBeat, ...]:
    """The beat that a clip was made for, if any, as it was then."""
    if details.place is None:
        return ()
    words = (details.words, details.text_style)
    return (ClipBeat(details.beat, details.place, details.clip_frames, None, None, *words),)
