import functools
import http.server
import importlib.util
import ssl
import threading

import fsspec
import numpy as np
import pytest
import trustme

from data_tools.conversion import convert
from data_tools.errors import InputNotFound
from data_tools.location import is_url, name_of, open_binary, size_of, version_of
from data_tools.readers import open_file


class _Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves ranges, as object stores do; the handler of the standard library does not."""

    ranges = True

    def log_message(self, *arguments):
        pass

    def send_head(self):
        wanted = self.headers.get("Range") if self.ranges else None
        path = self.translate_path(self.path)
        try:
            with open(path, "rb") as file:
                content = file.read()
        except OSError:
            self.send_error(404)
            return
        self.send_response(206 if wanted else 200)
        begin, end = 0, len(content) - 1
        if wanted:
            begin, end = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
            end = min(end, len(content) - 1)
            self.send_header("Content-Range", f"bytes {begin}-{end}/{len(content)}")
        if self.ranges:
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - begin + 1))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[begin : end + 1])
        return

    def copyfile(self, source, outputfile):
        pass


@pytest.fixture
def https(fixture_file, monkeypatch):
    """Address of a local https server of tests/data, whose certificate this process trusts."""
    pytest.importorskip("aiohttp", reason="the extra 'http' is not installed")
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setitem(fsspec.config.conf, "https", {"ssl": trusting})
    handler = functools.partial(_Quiet, directory=fixture_file("."))
    server = http.server.ThreadingHTTPServer(("localhost", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_what_a_url_is():
    assert is_url("https://host/a.root") and is_url("root://host//a.root") and is_url("s3://bucket/a.root")
    assert not is_url("/data/a.root") and not is_url("a.root") and not is_url("C:/a.root")
    assert name_of("https://host/folder/a.root") == "a.root"


@pytest.mark.parametrize("name", ["larcv2_256.root", "larcv3_256.h5"])
def test_a_file_behind_https_is_the_file(name, https, fixture_file):
    there, here = open_file(f"{https}/{name}"), open_file(fixture_file(name))
    assert size_of(f"{https}/{name}") == size_of(fixture_file(name))
    for one, two in zip(there.events(), here.events(), strict=True):
        assert np.array_equal(one.index, two.index) and one.truth == two.truth


def test_a_conversion_from_https_has_the_same_bytes(https, larcv2_256, tmp_path):
    samples = ["train=20", "testB@larcv2_256*"]
    here = convert(larcv2_256, tmp_path / "here", samples)
    there = convert(f"{https}/larcv2_256.root", tmp_path / "there", samples)
    assert here.fingerprint == there.fingerprint
    assert there.sources[0].path == f"{https}/larcv2_256.root"


def test_a_server_without_ranges_is_named_as_such(https, monkeypatch):
    monkeypatch.setattr(_Quiet, "ranges", False)
    with pytest.raises(InputNotFound, match=r"larcv2_256\.root: the server does not answer range requests"):
        open_file(f"{https}/larcv2_256.root")


def test_a_url_that_does_not_answer(https):
    with pytest.raises(InputNotFound, match="nothing.root: cannot be opened"):
        open_binary(f"{https}/nothing.root").read(1)


@pytest.mark.skipif(importlib.util.find_spec("s3fs") is not None, reason="s3fs is installed")
def test_a_protocol_whose_package_is_missing():
    with pytest.raises(InputNotFound, match=r"s3://bucket/a\.root: cannot be opened .*Install s3fs"):
        open_binary("s3://bucket/a.root")


def test_a_server_that_is_not_there_is_named():
    pytest.importorskip("aiohttp", reason="the extra 'http' is not installed")
    with pytest.raises(InputNotFound, match=r"http://127\.0\.0\.1:1/a\.root: cannot be (read|opened) \(Client"):
        open_file("http://127.0.0.1:1/a.root")


def test_a_version_changes_with_the_file(https, larcv2_copy):
    before = version_of(larcv2_copy)
    assert version_of(larcv2_copy) == before
    larcv2_copy.write_bytes(larcv2_copy.read_bytes() + b"x")
    assert version_of(larcv2_copy) != before
    told = version_of(f"{https}/larcv2_256.root")
    assert told.startswith("359377") and told == version_of(f"{https}/larcv2_256.root")
    with pytest.raises(InputNotFound):
        version_of(f"{https}/no.root")
