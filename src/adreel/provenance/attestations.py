"""What advertisers state about generated content where they upload a film: values of each platform, with their source. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from adreel.provenance.history import FilmHistory

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of a platform: its values for a film with generated parts, and for one without."""

    platform: str
    field: str
    generated: str
    other: str
    source: str
    seen_on: str
    note: str = ""


_REALISTIC = (
    "asks about realistic scenes that did not happen; whether generated motion of a product is one is yours to judge"
)

_FIELDS: Sequence[_Field] = (
    _Field(
        "Google Ads",
        "synthetic_content_info.advertiser_attestation.status",
        "IS_SYNTHETIC",
        "NOT_SYNTHETIC",
        "developers.google.com, Google Ads API v26, SyntheticContentAttestationStatus",
        "2026-11",
    ),
    _Field(
        "Display & Video 360",
        "syntheticContentAttestationStatus",
        "IS_SYNTHETIC",
        "NOT_SYNTHETIC",
        "Display & Video 360 API, Creative and AdAsset",
        "2026-11",
    ),
    _Field(
        "Taboola",
        "ai_disclosure.status",
        "AI_GENERATED",
        "NOT_AI_GENERATED",
        "developers.taboola.com, AI Disclosure Object",
        "2026-11",
    ),
    _Field(
        "TikTok",
        "aigc_disclosure_type",
        "SELF_DISCLOSURE",
        "NOT_DECLARED",
        "TikTok API for Business, ad/create, read in clients of other makers",
        "2026-11",
        "TikTok reads content credentials on upload too",
    ),
    _Field(
        "Meta",
        "AI info, declared by hand",
        "yes",
        "no",
        "no field of the Marketing API was found; Meta's label comes from C2PA, IPTC metadata and own declaration",
        "2026-11",
    ),
    _Field(
        "YouTube",
        "status.containsSyntheticMedia",
        "true",
        "false",
        "developers.google.com, YouTube Data API v3, revision of 2024-10-30",
        "2026-11",
        _REALISTIC,
    ),
    _Field(
        "YouTube, uploaded by Google Ads",
        "video_content_metadata.generative_content_disclosure",
        "GENERATIVE_CONTENT",
        "NON_GENERATIVE_CONTENT",
        "developers.google.com, Google Ads API v26, YouTubeVideoUpload",
        "2026-12",
        "can be set when the video is uploaded only",
    ),
)

_DISCLOSED = (("EU", "eu_ai_act_article_50"),)
"""Places whose rules ask that generated content is marked, by AdCP's names."""


def attestations(history: FilmHistory) -> list[Json]:
    """The value of each platform for a film of this history."""
    has_models = bool(history.models)
    return [
        {
            "platform": each.platform,
            "field": each.field,
            "value": each.generated if has_models else each.other,
            "source": each.source,
            "seen_on": each.seen_on,
            "note": each.note or None,
        }
        for each in _FIELDS
    ]


def adcp_provenance(history: FilmHistory, made_at: datetime) -> Json:
    """The `provenance` object of the Ad Context Protocol (core/provenance.json, read in November 2026).

    AdCP has no "composite": a film without a trained model is `digital_creation`, made with tools that do not generate.
    """
    moment = made_at.isoformat(timespec="seconds")
    common: Json = {
        "declared_by": {"role": "tool"},
        "declared_at": moment,
        "created_time": moment,
        "human_oversight": "directed",
    }
    if not history.models:
        return {"digital_source_type": "digital_creation", **common, "disclosure": {"required": False}}
    provider, _, name = history.models[0].partition("/")
    tool: Mapping[str, str] = {"name": name, "provider": provider} if name else {"name": provider}
    regulated = [{"country": country, "regulation": regulation} for country, regulation in _DISCLOSED]
    return {
        "digital_source_type": "composite_with_trained_algorithmic_media",
        "ai_tool": dict(tool),
        **common,
        "disclosure": {"required": True, "jurisdictions": regulated},
    }


def ingredients_json(history: FilmHistory) -> list[Json]:
    """What a film is made of, without the names of the user's files."""
    return [{name: value for name, value in asdict(each).items() if name != "file"} for each in history.ingredients]
