import errno
import functools
import http.server
import io
import shutil
import threading

import pytest

from lartpc_zoo.errors import CorruptWeights, NoWeights
from lartpc_zoo.pretrained import weights as weights_module
from lartpc_zoo.pretrained.catalogue import card
from lartpc_zoo.pretrained.weights import CACHE, SOURCE, find_weights

WEIGHTS = "small.weights.h5"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The directory of fetched weights, which is not there yet."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    monkeypatch.delenv(SOURCE, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def elsewhere(published, tmp_path):
    """(Card, a directory with its weights but not the card), so that they must be fetched."""
    place = tmp_path / "place"
    place.mkdir()
    shutil.copy(published.parent / WEIGHTS, place)
    return card(published), place


class Server(http.server.SimpleHTTPRequestHandler):
    """Files of a directory; `cut` promises more than it sends."""

    cut = False
    asked = 0

    def do_GET(self):
        type(self).asked += 1
        if not self.cut:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        self.wfile.write(b"x" * 1000)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(elsewhere):
    """(its address, its handler): a http server of the directory of the weights."""
    pytest.importorskip("aiohttp", reason="the extra 'http' is not installed")
    handler = type("Handler", (Server,), {})
    running = http.server.ThreadingHTTPServer(("localhost", 0), functools.partial(handler, directory=str(elsewhere[1])))
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{running.server_port}", handler
    running.shutdown()
    running.server_close()
    thread.join()


def test_weights_beside_the_card_are_taken_and_checked(published, cache, tmp_path):
    assert find_weights(card(published), published.parent) == published.parent / WEIGHTS
    copy = shutil.copytree(published.parent, tmp_path / "copy")
    damage(copy / WEIGHTS)
    with pytest.raises(
        CorruptWeights, match=rf"{WEIGHTS}: not the weights of small, which have the sha256 \w+\.\.\., but"
    ):
        find_weights(card(published), copy)
    assert not cache.exists()


def test_without_a_place_it_is_said_what_to_do(elsewhere, cache):
    with pytest.raises(NoWeights, match=rf"directory, a file or an http address: .*{SOURCE}"):
        find_weights(elsewhere[0])


@pytest.mark.parametrize("kind", ["directory", "file", "environment"])
def test_weights_of_a_named_place_are_kept(kind, elsewhere, cache, monkeypatch):
    ours, place = elsewhere
    source = place / WEIGHTS if kind == "file" else place
    if kind == "environment":
        monkeypatch.setenv(SOURCE, str(source))
        source = None
    found = find_weights(ours, source=source)
    assert found.parent == cache
    assert found.read_bytes() == (place / WEIGHTS).read_bytes()
    shutil.rmtree(place)
    monkeypatch.delenv(SOURCE, raising=False)
    assert find_weights(ours) == found


@pytest.mark.parametrize("tail", ["", "/", f"/{WEIGHTS}", f"/{WEIGHTS}?download=1"])
def test_weights_from_a_server_are_fetched_once(tail, elsewhere, server, cache):
    address, handler = server
    source = address + tail
    first = find_weights(elsewhere[0], source=source)
    asked = handler.asked
    assert asked >= 1
    assert find_weights(elsewhere[0], source=source) == first
    assert handler.asked == asked


def test_a_cut_transfer_leaves_nothing(elsewhere, server, cache):
    address, handler = server
    handler.cut = True
    with pytest.raises(NoWeights, match=r"could not be fetched\. http://localhost.*Nothing was kept; try again"):
        find_weights(elsewhere[0], source=address)
    assert list(cache.iterdir()) == []
    handler.cut = False
    assert find_weights(elsewhere[0], source=address).parent == cache


def test_other_weights_than_the_cards_are_refused(elsewhere, server, cache):
    ours, place = elsewhere
    damage(place / WEIGHTS)
    for source in (server[0], place):
        with pytest.raises(CorruptWeights, match="not the weights of small.* Nothing was kept"):
            find_weights(ours, source=source)
    assert list(cache.iterdir()) == []


def test_no_network_and_no_such_file(elsewhere, server, cache, tmp_path):
    address, _ = server
    with pytest.raises(NoWeights, match=r"could not be fetched\. http://localhost:9/small\.weights\.h5.* get small"):
        find_weights(elsewhere[0], source="http://localhost:9")
    with pytest.raises(NoWeights, match=r"other/small\.weights\.h5.*FileNotFoundError"):
        find_weights(elsewhere[0], source=f"{address}/other")
    with pytest.raises(NoWeights, match=r"nowhere/small\.weights\.h5.*FileNotFoundError"):
        find_weights(elsewhere[0], source=tmp_path / "nowhere")


def test_a_file_may_have_another_name(elsewhere, cache):
    ours, place = elsewhere
    renamed = (place / WEIGHTS).rename(place / "best.h5")
    assert find_weights(ours, source=renamed).read_bytes() == renamed.read_bytes()


def test_damaged_weights_in_the_cache_are_fetched_again(elsewhere, cache):
    ours, place = elsewhere
    found = find_weights(ours, source=place)
    damage(found)
    with pytest.raises(NoWeights):
        find_weights(ours)
    assert find_weights(ours, source=place).read_bytes() == (place / WEIGHTS).read_bytes()


def test_a_disk_that_is_full_is_no_fault_of_the_source(elsewhere, cache, monkeypatch):
    class Full(io.FileIO):
        def write(self, block):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(weights_module, "open", Full, raising=False)
    with pytest.raises(OSError, match="No space left") as caught:
        find_weights(elsewhere[0], source=elsewhere[1])
    assert not isinstance(caught.value, NoWeights)
    assert list(cache.iterdir()) == []


def damage(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
