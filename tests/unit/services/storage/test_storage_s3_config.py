from __future__ import annotations

from collections.abc import Callable

import pytest

from adreel.cli.remedies import described
from adreel.domain.errors import SetupError
from adreel.services.storage.s3_client import S3Config
from adreel.services.storage.s3_store import S3Store

KEY = "videos/a.mp4"


def test_urls_on_aws_name_bucket_and_region() -> None:
    store = S3Store(S3Config("films", "eu-west-1"))
    assert store.url(KEY) == "https://films.s3.eu-west-1.amazonaws.com/videos/a.mp4"
    assert store.key_of(store.url(KEY)) == KEY
    assert store.key_of("https://other.s3.eu-west-1.amazonaws.com/videos/a.mp4") is None


def test_urls_elsewhere_name_the_endpoint() -> None:
    store = S3Store(S3Config("films", endpoint="http://minio:9000/", public_url="https://films.example"))
    assert store.url(KEY) == "http://minio:9000/films/videos/a.mp4"
    assert store.key_of("https://films.example/films/videos/a.mp4?X-Amz-Expires=1") == KEY
    assert store.key_of("https://films.example/other/videos/a.mp4") is None


def test_credentials_are_not_shown() -> None:
    word = "hidden"
    assert word not in repr(S3Config("films", access_key=word, secret_key=word))


@pytest.mark.parametrize(
    ("make", "setting"),
    [
        (lambda: S3Config(""), "ADREEL_S3_BUCKET"),
        (lambda: S3Config("films", ""), "ADREEL_S3_REGION"),
        (lambda: S3Config("films", endpoint="minio:9000"), "ADREEL_S3_ENDPOINT"),
        (lambda: S3Config("films", public_url="films.example"), "ADREEL_S3_PUBLIC_URL"),
        (lambda: S3Config("films", acl="public"), "ADREEL_S3_ACL"),
        (lambda: S3Config("films", access_key="a"), "ADREEL_S3_SECRET_KEY"),
    ],
)
def test_what_cannot_be_right_names_the_setting(make: Callable[[], S3Config], setting: str) -> None:
    with pytest.raises(SetupError) as refused:
        make()
    assert setting not in str(refused.value)
    assert setting in described(refused.value)
