from __future__ import annotations

import pytest

from adreel.domain.errors import StorageError
from adreel.domain.redaction import without_credentials


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ada:geheim@db/adreel", "postgresql://***@db/adreel"),
        ("postgresql+asyncpg://ada:ge:he@im@db:5432/a", "postgresql+asyncpg://***@db:5432/a"),
        ("postgresql://ada:ge/heim@db/adreel", "postgresql://***@db/adreel"),
        ("https://geheim@s3.example/bucket", "https://***@s3.example/bucket"),
        ("two: HTTP://a:geheim@b and http://c:geheim@d", "two: HTTP://***@b and http://***@d"),
        ("postgresql://db/a?user=ada&password=geheim&sslmode=on", "postgresql://db/a?user=ada&password=***&sslmode=on"),
        (
            "https://s3/x?X-Amz-Signature=geheim&X-Amz-Credential=geheim/1",
            "https://s3/x?X-Amz-Signature=***&X-Amz-Credential=***",
        ),
        ("cannot use 'https://u:geheim@h'; set another", "cannot use 'https://***@h'; set another"),
    ],
)
def test_credentials_in_urls_are_hidden(text: str, shown: str) -> None:
    assert without_credentials(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com has a new password",
        "https://host:8000/photos/mug@2x.png",
        "https://host/a?name=mug&expires=1",
        "sqlite:////data/adreel.db",
        "http://[::1]:8000/mug@2x.png",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert without_credentials(text) == text


def test_no_error_of_ours_shows_credentials() -> None:
    error = StorageError("cannot reach postgresql://ada:geheim@db/adreel")
    assert str(error) == "cannot reach postgresql://***@db/adreel"
