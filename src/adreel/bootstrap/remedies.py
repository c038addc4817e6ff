"""Names the settings that remedy an error, for doors whose users set them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from adreel.bootstrap.settings import PREFIX
from adreel.domain.errors import AdreelError
from adreel.domain.remedy import Remedy
from adreel.providers.common.provider import Provider

SETTINGS: Mapping[Remedy, tuple[str, ...]] = MappingProxyType(
    {
        Remedy.DATA_FOLDER: ("data_dir",),
        Remedy.DATABASE: ("database_url",),
        Remedy.OWN_FOLDER_OR_DATABASE: ("data_dir", "database_url"),
        Remedy.BUCKET: ("s3_bucket",),
        Remedy.BUCKET_REGION: ("s3_region",),
        Remedy.BUCKET_PLACE: ("s3_bucket", "s3_region"),
        Remedy.BUCKET_ADDRESS: ("s3_endpoint",),
        Remedy.BUCKET_PUBLIC_ADDRESS: ("s3_public_url",),
        Remedy.BUCKET_KEYS: ("s3_access_key", "s3_secret_key"),
        Remedy.BUCKET_ACL: ("s3_acl",),
    }
)
"""Fields of Settings."""


def setting(field: str) -> str:
    """The environment variable of a field of Settings."""
    return f"{PREFIX}{field.upper()}"


def with_settings(error: AdreelError) -> str:
    """The message of an error with the settings that remedy it, as ``the bucket takes no ACLs (ADREEL_S3_ACL)``."""
    fields = () if error.remedy is None else SETTINGS.get(error.remedy, ())
    return with_names(str(error), tuple(setting(field) for field in fields))


def with_names(message: str, names: tuple[str, ...]) -> str:
    """A message with names in brackets behind it."""
    return f"{message} ({', '.join(names)})" if names else message


def token_setting(provider: Provider) -> str:
    """The setting without which there is no account at a provider."""
    return setting(f"{provider.name}_api_token")


def no_account(provider: Provider) -> str:
    """What to do when the account at a provider is missing."""
    advice = f"hosted models need an account at {provider.label}: set {token_setting(provider)}"
    return f"{advice}; {_try_out(provider)}" if provider.stand_in else advice


def _try_out(provider: Provider) -> str:
    stand_in = provider.stand_in
    if stand_in is None:
        return ""
    values = {
        token_setting(provider): "any",
        setting(f"{provider.name}_base_url"): stand_in.base_url,
        setting("download_hosts"): f"127.0.0.1:{stand_in.output_port}",
    }
    start = f"python -m {stand_in.module} --port {stand_in.port} --output-port {stand_in.output_port}"
    return f"to try without one, run the stand-in ({start}) and set " + " ".join(
        f"{name}={value}" for name, value in values.items()
    )
