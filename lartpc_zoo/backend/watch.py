"""Processes that watch each other: when one dies, the others say which one and end, instead of waiting for it.

Each of them holds a connection to the first, which the operating system closes when a process ends, however it does. A
host that is lost closes nothing; for that JAX has its own signs of life.
"""

import os
import socket
import struct
import threading
from collections.abc import Callable

from data_tools.progress import say

_NUMBER = struct.Struct("<q")
_DONE = -1
"""In the place of a process that died: the sender has done its work."""


class Watch:
    """The connections of one process to the others.

    Args:
        process: number of this process, from 0.
        processes: how many there are.
        host: name of the host of process 0, as the others reach it.
        announce: gives an address (host, port) of process 0 to all processes.
    """

    def __init__(
        self, process: int, processes: int, host: str, announce: Callable[[tuple[str, int]], tuple[str, int]]
    ) -> None:
        self._processes = processes
        if process:
            self._peers = {0: socket.create_connection(announce(("", 0)))}
            self._peers[0].sendall(_NUMBER.pack(process))
        else:
            with socket.create_server(("", 0), backlog=processes) as server:
                announce((host, server.getsockname()[1]))
                self._peers = dict(_accepted(server) for _ in range(1, processes))
        for number, peer in self._peers.items():
            threading.Thread(target=self._listen, args=(number, peer), daemon=True).start()

    def done(self) -> None:
        """Say that this process has done its work and may end."""
        for peer in self._peers.values():
            peer.sendall(_NUMBER.pack(_DONE))

    def _listen(self, number: int, peer: socket.socket) -> None:
        """Wait for what a process says, or for its end."""
        dead = _received(peer, number)
        if dead == _DONE:
            return
        for other in self._peers.values():
            try:
                other.sendall(_NUMBER.pack(dead))
            except OSError:
                continue  # that one has ended too
        say(
            f"Process {dead} of {self._processes} has ended before its work was done; what it printed may say why. "
            "This one ends too. What is complete is kept: start the same command again in all processes to go on."
        )
        os._exit(1)  # the main thread waits for a process that is not there any more


def _accepted(server: socket.socket) -> tuple[int, socket.socket]:
    """(number, connection) of a process."""
    peer, _ = server.accept()
    return _received(peer, 0), peer


def _received(peer: socket.socket, otherwise: int) -> int:
    """A number that the other side sends; `otherwise` where the connection ends."""
    try:
        content = peer.recv(_NUMBER.size, socket.MSG_WAITALL)
    except OSError:
        content = b""
    return int(_NUMBER.unpack(content)[0]) if len(content) == _NUMBER.size else otherwise
