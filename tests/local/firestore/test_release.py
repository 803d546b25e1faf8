"""Downloading the release of the Firestore emulator, and checking its hash."""

import hashlib
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tock.local.errors import DownloadFailed, FirestoreMissing
from tock.local.firestore.jar import cache, find_jar, needed_java
from tock.local.firestore.release import PINNED, Release, download
from tock.local.tcp_ports import unused_port

JAR = os.urandom(3 << 20)
GOOD = Release(version="1.2.3", size=len(JAR), sha256=hashlib.sha256(JAR).hexdigest())


class Bucket(BaseHTTPRequestHandler):
    """Serves the release under /good, its first half under /short (as /cut, promising the whole), more under /long."""

    def do_GET(self) -> None:
        bodies = {"good": JAR, "short": JAR[:1000], "cut": JAR[:1000], "long": JAR + b"more"}
        kind = self.path.split("/")[1]
        if kind not in bodies:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("content-length", str(len(JAR) if kind == "cut" else len(bodies[kind])))
        self.end_headers()
        self.wfile.write(bodies[kind])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        pass


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Bucket) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_good_release_is_kept_whole_and_its_progress_told(bucket: str, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []

    jar = download(
        GOOD,
        to=tmp_path / "cache" / GOOD.name,
        base_url=f"{bucket}/good",
        progress=lambda done, total: heard.append((done, total)),
    )

    assert jar.read_bytes() == JAR
    assert list(jar.parent.iterdir()) == [jar]
    assert heard[-1] == (GOOD.size, GOOD.size)
    assert heard == sorted(heard)


@pytest.mark.parametrize(
    ("kind", "release", "reason"),
    [
        pytest.param("short", GOOD, "it has 1000 bytes, not 3145728", id="truncated file"),
        pytest.param("cut", GOOD, "could not be downloaded", id="connection cut"),
        pytest.param("long", GOOD, "it has more than 3145728 bytes", id="longer file"),
        pytest.param("good", Release("1.2.3", GOOD.size, "0" * 64), "its SHA-256 is", id="wrong digest"),
        pytest.param("absent", GOOD, "the server answered 404", id="not found"),
    ],
)
def test_a_bad_release_leaves_nothing_behind(
    bucket: str, tmp_path: Path, kind: str, release: Release, reason: str
) -> None:
    with pytest.raises(DownloadFailed, match=reason):
        download(release, to=tmp_path / release.name, base_url=f"{bucket}/{kind}")

    assert list(tmp_path.iterdir()) == []


def test_a_bad_release_leaves_the_one_before(bucket: str, tmp_path: Path) -> None:
    jar = tmp_path / GOOD.name
    jar.write_bytes(b"before")

    with pytest.raises(DownloadFailed):
        download(GOOD, to=jar, base_url=f"{bucket}/short")

    assert jar.read_bytes() == b"before"


def test_without_network_the_error_says_all_the_ways(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{unused_port()}"

    with pytest.raises(FirestoreMissing) as raised:
        find_jar(environment={"PATH": ""}, home=tmp_path, base_url=nobody)

    text = str(raised.value)
    assert nobody in text
    assert "gcloud components install cloud-firestore-emulator" in text
    assert "firebase setup:emulators:firestore" in text
    assert "FIRESTORE_EMULATOR_HOST" in text
    assert f"put the emulator's jar at {tmp_path / '.cache' / 'tock' / PINNED.name}" in text


def test_the_download_happens_once(bucket: str, tmp_path: Path) -> None:
    environment = {"PATH": "", "XDG_CACHE_HOME": str(tmp_path / "xdg")}
    first = find_jar(environment=environment, home=tmp_path, release=GOOD, base_url=f"{bucket}/good")

    second = find_jar(environment=environment, home=tmp_path, release=GOOD, base_url=f"{bucket}/absent")

    assert first == second == tmp_path / "xdg" / "tock" / GOOD.name


def test_the_cloud_sdk_comes_before_the_firebase_tools_and_those_before_the_cache(tmp_path: Path) -> None:
    root = tmp_path / "sdk"
    sdk = _file(root / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar")
    tools = tmp_path / ".cache" / "firebase" / "emulators"
    _file(tools / "cloud-firestore-emulator-v1.9.2.jar")
    newest = _file(tools / "cloud-firestore-emulator-v1.22.0.jar")
    own = _file(cache({}, home=tmp_path) / PINNED.name)

    assert find_jar(environment={"PATH": "", "CLOUDSDK_ROOT_DIR": str(root)}, home=tmp_path) == sdk
    assert find_jar(environment={"PATH": ""}, home=tmp_path) == newest
    for jar in tools.iterdir():
        jar.unlink()
    assert find_jar(environment={"PATH": ""}, home=tmp_path) == own


def test_gcloud_is_asked_where_its_sdk_is(tmp_path: Path) -> None:
    sdk = _file(tmp_path / "sdk" / "platform" / "cloud-firestore-emulator" / "cloud-firestore-emulator.jar")
    gcloud = _file(tmp_path / "bin" / "gcloud")
    gcloud.write_text(f'#!/bin/sh\n[ "$*" = "info --format=value(installation.sdk_root)" ] && echo "{tmp_path}/sdk"\n')
    gcloud.chmod(0o755)

    assert find_jar(environment={"PATH": str(gcloud.parent)}, home=tmp_path) == sdk


def test_a_jar_tells_the_java_it_needs(tmp_path: Path) -> None:
    jar = tmp_path / "new.jar"
    with zipfile.ZipFile(jar, "w") as archive:
        entry = "com/google/cloud/datastore/emulator/firestore/CloudFirestore.class"
        archive.writestr(entry, bytes.fromhex("cafebabe00000041"))

    assert needed_java(jar) == 21


@pytest.mark.parametrize("content", [b"no archive", b""], ids=["text", "empty"])
def test_a_file_that_is_no_emulator_is_refused(tmp_path: Path, content: bytes) -> None:
    jar = tmp_path / "odd.jar"
    jar.write_bytes(content)

    with pytest.raises(FirestoreMissing, match="is not a Firestore emulator"):
        needed_java(jar)


def _file(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path
