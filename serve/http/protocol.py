"""uvicorn's HTTP protocol, for clients that send the head of a request as slowly as they can.

uvicorn waits for a head without end, whatever its length; each such connection would hold a place,
and memory, for nothing.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MAX_HEAD = 65_536  # bytes; what is whole is held to less by the gate


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request's head is not whole within `HEAD_SECONDS`, or too long."""

    _head_timer: asyncio.TimerHandle | None = None
    _n_of_head = 0
    _waits_for_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, and wait for as long as only a part of a head has come."""
        self._n_of_head += len(data)
        super().data_received(data)
        if not (self._waits_for_head and self._n_of_head):
            self._stop_waiting()
        elif self._n_of_head > MAX_HEAD:
            self._give_up()
        elif self._head_timer is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """Take the head as it is: what follows is the body."""
        self._waits_for_head, self._n_of_head = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take what follows for the next head."""
        self._waits_for_head, self._n_of_head = True, 0
        super().on_message_complete()

    def _wait_for_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _give_up(self) -> None:
        self._stop_waiting()
        if self._waits_for_head and (self.cycle is None or self._is_answered):
            self.transport.close()

    @property
    def _is_answered(self) -> bool:
        return self.cycle.response_complete
