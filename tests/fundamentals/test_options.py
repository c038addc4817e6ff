"""The options of a film are one type; the command line, the API, the page and the jobs derive theirs from it."""

from __future__ import annotations

from adreel.domain.films.film_options import FilmOptions, read_json, read_request, to_json, to_request


def test_options_survive_every_way_they_are_written() -> None:
    """A job keeps options as JSON, a client gives them as a request: both come back as they were."""
    options = FilmOptions(name="Morgen", music="chill", intro_seconds=2)
    assert read_json(to_json(options), aspect="16:9") == options
    assert read_request(to_request(options)) == options
