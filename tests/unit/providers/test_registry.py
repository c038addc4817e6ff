"""The registry of providers, and that nothing but a provider's own package and the wiring names it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from adreel.agents.image_generator import DEFAULT_MODEL
from adreel.bootstrap.local import settings_from
from adreel.bootstrap.provider_accounts import catalogue_of
from adreel.bootstrap.remedies import no_account, token_setting
from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import InputError
from adreel.providers import registry
from adreel.providers.common.provider import Provider

SOURCE = Path(__file__).parents[3] / "src" / "adreel"
ALLOWED = (
    "providers/replicate/",
    "providers/registry.py",
    "bootstrap/settings.py",
    "catalogue/models.toml",  # facts of models, each with its provider and source
    "testing/replicate/",  # the stand-in
)
OF_OPENCV = re.compile(r"\bBORDER_REPLICATE\b")


def _lines_that_name_replicate(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = [number for number, line in enumerate(lines, 1) if "replicate" in OF_OPENCV.sub("", line).lower()]
    return [f"{path.relative_to(SOURCE).as_posix()}:{number}" for number in found]


def test_only_its_package_and_the_wiring_name_replicate() -> None:
    texts = [path for ext in ("py", "toml", "html", "js", "css", "sql", "mako") for path in SOURCE.rglob(f"*.{ext}")]
    named = [line for path in sorted(texts) for line in _lines_that_name_replicate(path)]
    assert [line for line in named if not line.startswith(ALLOWED)] == []
    assert [line for line in named if line.startswith("providers/registry.py")]  # the search finds what there is


@pytest.mark.parametrize("provider", registry.PROVIDERS, ids=lambda provider: provider.name)
def test_a_provider_fits_into_settings_addresses_and_the_catalogue(provider: Provider) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", provider.name)
    assert provider.name != "local"
    catalogue = load_catalogue()
    assert provider.video_model is None or catalogue.videos[provider.video_model].provider == provider.name
    assert provider.image_model is None or catalogue.images[provider.image_model].provider == provider.name
    assert not provider.retired_texts & catalogue.texts.keys()
    assert token_setting(provider) in no_account(provider)


def test_names_are_unique_and_unknown_ones_refused() -> None:
    assert len(registry.providers()) == len(registry.PROVIDERS)
    assert registry.provider("replicate") is registry.usual_provider()
    with pytest.raises(InputError, match="no provider is called 'elsewhere'; choose one of replicate"):
        registry.provider("elsewhere")


def test_the_usual_image_model_is_one_for_all_ways_in() -> None:
    assert registry.usual_provider().image_model == DEFAULT_MODEL


def test_a_model_of_an_unknown_provider_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[models."wan-2.2-i2v-fast"]\nprovider = "elsewhere"\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"'wan-2\.2-i2v-fast': the field 'provider' must be one of local, replicate"):
        catalogue_of(settings_from(models=own))
