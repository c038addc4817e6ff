"""What a brand kit and the user's own files add to a film of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from adreel.domain.accounts.stored_brands import BrandSlot, StoredBrand, film_files
from adreel.domain.ad import Ad, EndCard
from adreel.domain.brand import BrandKit, branded_ad, branded_options, branded_request
from adreel.domain.errors import InputError
from adreel.domain.films.film_files import NO_FILES, FileRef, FilmFiles
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.logo import BrandLogo
from adreel.domain.ports import Speaker
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.sessions.session import SessionRecord
from adreel.media.speech.speakers import LineFile, OfflineSpeaker, RecordedSpeaker
from adreel.services.brands.files import UserFiles
from adreel.services.brands.kits import BrandService
from adreel.services.storage_service import LocalFiles


@dataclass(frozen=True, slots=True)
class LocalFilmFiles:
    """A film's own files on this machine."""

    logo: BrandLogo | None = None
    font: Path | None = None
    music: Path | None = None

    def options(self, options: FilmOptions) -> FilmOptions:
        """The options with the files in the place of names."""
        font = options.font if self.font is None else str(self.font)
        music = options.music if self.music is None else str(self.music)
        return replace(options, font=font, music=music)


async def brought(files: FilmFiles, store: LocalFiles) -> LocalFilmFiles:
    """The files on this machine, to be read only. Raises InputError for one that was deleted, StorageError."""
    light = await _path(files.logo_light, "logo", store)
    dark = await _path(files.logo_dark, "logo", store)
    logo = BrandLogo(light, dark) if files.has_logo else None
    return LocalFilmFiles(logo, await _path(files.font, "font", store), await _path(files.music, "music", store))


async def _path(file: FileRef | None, what: str, store: LocalFiles) -> Path | None:
    if file is None:
        return None
    path = await store.path(file.key, file.content_hash)
    if not path.is_file():
        raise InputError(
            f"the {what} of this film was deleted; choose another one, or leave it out, and make the film again"
        )
    return path


async def speaker_of(
    pronunciations: Sequence[tuple[str, str]], recordings: Mapping[str, FileRef], store: LocalFiles
) -> Speaker:
    """Who speaks the lines of a film: the people who recorded them, by their beat, else the offline voice. Raises InputError for
    a recording that was deleted, StorageError."""
    said = OfflineSpeaker(dict(pronunciations))
    files = {name: LineFile(await store.path(ref.key, ref.content_hash)) for name, ref in recordings.items()}
    gone = next((name for name, file in files.items() if not file.path.is_file()), None)
    if gone is not None:
        raise InputError(f"the recording of beat {gone!r} was deleted; record it again, or take it out of the script")
    return RecordedSpeaker(files, said) if files else said


@dataclass(frozen=True, slots=True)
class FilmBrand:
    """A kit and files; `files` are those of the kit, or given for the film alone."""

    kit: BrandKit | None = None
    files: FilmFiles = NO_FILES

    def options(self, film: FilmOptions, ad: Ad | None) -> FilmOptions:
        """The options with what the kit says where they say nothing. A script says itself whether there is a call to action."""
        if self.kit is None:
            return film
        return replace(
            branded_options(self._without_filed, film), cta=film.cta or (self.kit.cta if ad is None else None)
        )

    @property
    def _without_filed(self) -> BrandKit:
        """The kit without names of what it has a file for."""
        kit = self.kit or BrandKit("")
        return replace(kit, font=None if self.files.font else kit.font, music=None if self.files.music else kit.music)

    def ad(self, ad: Ad | None) -> Ad | None:
        return ad if ad is None or self.kit is None else branded_ad(self.kit, ad)

    def request(self, request: AdRequest) -> AdRequest:
        return request if self.kit is None else branded_request(self.kit, request)

    @property
    def end(self) -> EndCard | None:
        """The words of the end card of a film without a script: it has one where there is something to show on it."""
        address, legal = (None, None) if self.kit is None else (self.kit.address, self.kit.legal)
        return EndCard(None, address, legal) if self.files.has_logo or address or legal else None

    @property
    def pronunciations(self) -> tuple[tuple[str, str], ...]:
        """How the brand's words are spoken."""
        return () if self.kit is None else self.kit.pronunciations

    @property
    def color(self) -> str | None:
        return None if self.kit is None else self.kit.color


class Brands(Protocol):
    """Finds the brands of films."""

    async def named(self, user_id: str, name: str, /) -> FilmBrand: ...

    async def of(self, session: SessionRecord, name: str | None = None, /) -> FilmBrand: ...

    async def for_film(
        self, session: SessionRecord, film: FilmOptions, name: str | None, own: Mapping[BrandSlot, str], /
    ) -> FilmBrand: ...

    async def brought(self, files: FilmFiles, /) -> LocalFilmFiles: ...

    async def recordings(self, user_id: str, ad: Ad, /) -> Mapping[str, FileRef]: ...

    async def speaker(
        self, pronunciations: Sequence[tuple[str, str]], recordings: Mapping[str, FileRef], /
    ) -> Speaker: ...

    async def choose(self, user_id: str, session_id: str, name: str, /) -> None: ...


class _NoBrands:
    """For a process that keeps no kits and files of users. Raises InputError where one is asked for."""

    async def named(self, _user_id: str, name: str) -> FilmBrand:
        return self._none(name)

    async def of(self, _session: SessionRecord, name: str | None = None) -> FilmBrand:
        return self._none(name)

    async def for_film(
        self, _session: SessionRecord, _film: FilmOptions, name: str | None, own: Mapping[BrandSlot, str]
    ) -> FilmBrand:
        return self._none(name or next(iter(own.values()), None))

    async def brought(self, _files: FilmFiles) -> LocalFilmFiles:
        return LocalFilmFiles()

    async def recordings(self, _user_id: str, ad: Ad) -> Mapping[str, FileRef]:
        self._none(next((beat.recording for beat in ad.beats if beat.recording), None))
        return {}

    async def speaker(self, pronunciations: Sequence[tuple[str, str]], _recordings: Mapping[str, FileRef]) -> Speaker:
        return OfflineSpeaker(dict(pronunciations))

    async def choose(self, _user_id: str, _session_id: str, name: str) -> None:
        self._none(name)

    def _none(self, name: str | None) -> FilmBrand:
        if name:
            raise InputError(f"there is no brand kit or file {name!r} here")
        return FilmBrand()


NO_BRANDS: Brands = _NoBrands()


@dataclass(frozen=True, slots=True)
class FilmBrands:
    """The kits and files of the service's users; `store` gives their files on this machine."""

    kits: BrandService
    files: UserFiles
    store: LocalFiles

    async def named(self, user_id: str, name: str) -> FilmBrand:
        """The kit of this name, "" for none. Raises InputError for an unknown one."""
        if not name:
            return FilmBrand()
        found = await self.kits.find(user_id, name)
        if found is None:
            known = ", ".join(each.kit.name for each in await self.kits.list(user_id))
            raise InputError(f"there is no brand kit {name!r}; there are: {known or 'none'}")
        return _of(found)

    async def of(self, session: SessionRecord, name: str | None = None) -> FilmBrand:
        """The brand of a session's films: of the kit `name`, or of the session's own where that is None; none where that was
        deleted meanwhile."""
        if name is not None:
            return await self.named(session.user_id, name)
        found = await self.kits.find(session.user_id, session.brand_kit) if session.brand_kit else None
        return FilmBrand() if found is None else _of(found)

    async def for_film(
        self, session: SessionRecord, film: FilmOptions, name: str | None, own: Mapping[BrandSlot, str]
    ) -> FilmBrand:
        """As `of`, with the user's files `own` for this film alone; what the options name has precedence over the kit's files.

        Raises InputError for files that are not the user's, or of another kind, and for a file beside a name.
        """
        brand = await self.of(session, name)
        files = film_files(await self.files.chosen(session.user_id, own))
        _check_one(film.font, files.font, "font", BrandSlot.FONT)
        _check_one(film.music, files.music, "music", BrandSlot.MUSIC)
        kits = replace(
            brand.files,
            font=None if film.font else brand.files.font,
            music=None if film.music else brand.files.music,
        )
        return replace(brand, files=files.over(kits))

    async def brought(self, files: FilmFiles) -> LocalFilmFiles:
        """See `brought`."""
        return await brought(files, self.store)

    async def recordings(self, user_id: str, ad: Ad) -> Mapping[str, FileRef]:
        """The recordings of a script's lines, by the name of their beat. Raises InputError for one that is not the user's."""
        ids = {beat.name: beat.recording for beat in ad.beats if beat.recording}
        files = await self.files.recordings(user_id, set(ids.values()))
        return {name: files[each].ref for name, each in ids.items()}

    async def speaker(self, pronunciations: Sequence[tuple[str, str]], recordings: Mapping[str, FileRef]) -> Speaker:
        """See `speaker_of`."""
        return await speaker_of(pronunciations, recordings, self.store)

    async def choose(self, user_id: str, session_id: str, name: str) -> None:
        """Sets the kit of a session's films, "" for none. Raises NotFoundError, InputError for an unknown kit."""
        await self.kits.choose(user_id, session_id, name or None)


def _of(found: StoredBrand) -> FilmBrand:
    return FilmBrand(found.kit, found.film_files)


def _check_one(name: str | None, file: FileRef | None, what: str, slot: BrandSlot) -> None:
    if name is not None and file is not None:
        raise InputError(f"the film has {what} {name!r} and a {slot}; give one of the two")
