"""Selects the inputs of a job from its session: approved images and clips, existing clips, the clip of a new take."""

from __future__ import annotations

from adreel.billing.clip_jobs import ClipsJob, ImageRef
from adreel.domain.errors import InputError, StageError
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


def count_made(view: SessionView, job: ClipsJob) -> int:
    """How many of the job's images have a matching clip already: those are not bought again."""
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


def retake(job_id: str, view: SessionView, clip: Asset) -> ClipsJob:
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    image = images.get(clip.source_image_id or "")
    if image is None:
        raise InputError(f"the image of clip {clip.id} was removed; generate clips of the images that are there")
    takes = [other.take for other in view.of_kind(AssetKind.CLIP) if other.source_image_id == clip.source_image_id]
    details = clip.clip_details
    return ClipsJob(
        job_id=job_id,
        session_id=view.session.id,
        user_id=view.session.user_id,
        images=(ImageRef.of(image),),
        prompt=view.session.video_prompt,
        model=clip.model or LOCAL,
        frames=details.clip_frames,
        size=details.segment.size,
        seed=view.session.seed,
        take=max(takes) + 1,
        scenes=(details.scene,),
    )
