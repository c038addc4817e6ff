"""Makes a film over the HTTP API of a running service, with the standard library alone.

    adreel serve
    python examples/api.py examples/mug/mug-front.jpg examples/mug/mug-detail.jpg --out ad.mp4

It finds every id in the answers and waits for each job by ``GET /api/jobs/{id}``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any

Json = dict[str, Any]

PAUSE_SECONDS = 1.0


class Api:
    """`key` is an API key; a service without logins needs none."""

    def __init__(self, address: str, key: str | None = None) -> None:
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    def get(self, path: str) -> Json:
        return json.loads(self._send("GET", path))

    def post(self, path: str, **body: object) -> Json:
        return json.loads(self._send("POST", path, json.dumps(body).encode(), "application/json"))

    def upload(self, path: str, photos: list[Path]) -> Json:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{photo.name}"\r\n\r\n'.encode()
            + photo.read_bytes()
            for photo in photos
        ]
        body = b"\r\n".join([*parts, f"--{boundary}--\r\n".encode()])
        return json.loads(self._send("POST", path, body, f"multipart/form-data; boundary={boundary}"))

    def download(self, url: str) -> bytes:
        """A file of a signed link."""
        return self._send("GET", url)

    def wait(self, job: Json) -> Json:
        """The job, once it has ended. Ends the program if it did not succeed."""
        while (job := self.get(f"/api/jobs/{job['id']}"))["state"] == "running":
            print(f"{job['progress']:5.1f} %  {job['message']}", file=sys.stderr)
            time.sleep(PAUSE_SECONDS)
        if job["state"] != "completed":
            sys.exit(f"{job['action']}: {job['state']}: {job['error'] or 'by another program'}")
        return job

    def _send(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> bytes:
        url = path if path.startswith("http") else f"{self._address}{path}"
        headers = {**self._headers, **({"Content-Type": content_type} if content_type else {})}
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 (the service's address)
        try:
            with urllib.request.urlopen(request) as answer:  # noqa: S310 (the same)
                return answer.read()
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path.partition('?')[0]}: {json.loads(error.read())['detail']}")


def make_film(api: Api, photos: list[Path], name: str, cta: str) -> Json:
    """The film's data, with its signed addresses."""
    session = api.post("/api/sessions/create", product_prompt=name)["id"]
    images = api.upload(f"/api/sessions/{session}/images", photos)["images"]
    api.post("/api/save-approved-images", session_id=session, approved_image_ids=[image["id"] for image in images])
    clips = api.wait(api.post("/api/generate-clips", session_id=session, video_prompt="calm", clip_duration=1))["clips"]
    api.post("/api/save-approved-clips", session_id=session, approved_clip_ids=[clip["id"] for clip in clips])
    words = {"product_name": name, "cta": cta}
    return api.wait(api.post("/api/compose-final-video", session_id=session, text_overlay=words))["films"][0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:8000", help="of the service")
    parser.add_argument("--key", help="an API key, where people log in")
    parser.add_argument("--name", default="Morgen")
    parser.add_argument("--cta", default="Order yours")
    parser.add_argument("--out", type=Path, default=Path("ad.mp4"))
    given = parser.parse_args()
    api = Api(given.address, given.key)
    film = make_film(api, given.photos, given.name, given.cta)
    given.out.write_bytes(api.download(film["url"]))
    print(f"{given.out}: {film['resolution']}, {film['duration']} s")


if __name__ == "__main__":
    main()
