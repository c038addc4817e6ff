"""What `GuardedHttp` and `GuardedSocket` lean on inside of uvicorn. When this fails, read its new version first."""

from __future__ import annotations

import inspect

import httptools
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HTTP_METHODS = (
    "on_message_begin on_url on_header on_headers_complete on_body on_message_complete on_response_complete "
    "handle_websocket_upgrade send_400_response pause_writing resume_writing _unset_keepalive_if_required"
)


def test_the_methods_that_are_overridden_are_those_that_uvicorn_calls() -> None:
    source = inspect.getsource(HttpToolsProtocol) + inspect.getsource(RequestResponseCycle)
    for name in HTTP_METHODS.split():
        assert name in vars(HttpToolsProtocol), name
    assert "self.send_400_response(msg)" in source
    assert "self.handle_websocket_upgrade()" in source
    assert "on_response=self.on_response_complete" in source


def test_the_attributes_are_there() -> None:
    source = inspect.getsource(HttpToolsProtocol) + inspect.getsource(RequestResponseCycle)
    for name in ("cycle", "pipeline", "flow", "url", "headers", "client", "transport", "server_state"):
        assert f"self.{name}" in source, name
    for name in ("disconnected", "message_event", "response_complete", "response_started"):
        assert f"self.{name}" in inspect.getsource(RequestResponseCycle), name
    for name in ("handshake_complete", "client", "transport"):
        assert f"self.{name}" in inspect.getsource(WebSocketsSansIOProtocol), name


def test_an_error_in_a_callback_stops_the_parser_and_is_one_of_the_parser() -> None:
    class Stopping:
        def on_header(self, _name: bytes, _value: bytes) -> None:
            raise ValueError

    parser = httptools.HttpRequestParser(Stopping())
    try:
        parser.feed_data(memoryview(b"GET / HTTP/1.1\r\na: 1\r\nb: 2\r\n\r\n"))
    except httptools.HttpParserError:
        return
    raise AssertionError("the parser took no notice")


def test_classes_of_protocols_are_taken_as_they_are() -> None:
    config = Config(_nothing, http=HttpToolsProtocol, ws=WebSocketsSansIOProtocol, log_config=None)
    config.load()
    assert config.http_protocol_class is HttpToolsProtocol
    assert config.ws_protocol_class is WebSocketsSansIOProtocol


async def _nothing(_scope: object, _receive: object, _send: object) -> None: ...
