"""Nothing is sent anywhere and nothing is fetched, as SECURITY.md promises."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import g7classify

NETWORK = (
    "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket",
    "socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "xmlrpc",
)  # fmt: skip

CODE = """
import sys
from pathlib import Path

def refuse(event, arguments):
    if event.partition(".")[0] in ("ftplib", "http", "imaplib", "poplib", "smtplib", "socket", "urllib", "webbrowser"):
        raise RuntimeError(f"{event} {arguments}")

sys.addaudithook(refuse)
import g7classify
from click.testing import CliRunner
from g7classify import registry
from g7classify.cli import main

folder, text = Path(sys.argv[1]), "La police arrive, see https://example.org/a."
(folder / "a.txt").write_text(text)
(folder / "a.csv").write_text(f'text\\n"{text}"\\n')
tagger = g7classify.load()
tagger.tag(text), tagger.explain(text), list(tagger.tag_many([text] * 9, n_jobs=2)), g7classify.read(folder / "a.txt")
assert not any(one.problem for one in registry.verify())
for command in ("tag a.txt -f csv", "tag a.csv --text-column text -o b.csv", "explain police", "models", "--version"):
    done = CliRunner().invoke(main, [str(folder / word) if word[1:2] == "." else word for word in command.split()])
    assert done.exit_code == 0, done.output
try:
    import socket
    socket.socket()
except RuntimeError as error:
    print("told of", error)
"""


def opening(code: bytes) -> set[str]:
    """What opens connections among all that code imports, at whatever time."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{name.name}" for name in node.names}
    return {name for name in names if f"{name}.".startswith(tuple(f"{one}." for one in NETWORK))}


def test_no_module_imports_what_opens_connections() -> None:
    package = Path(g7classify.__file__).parent
    found = {path.name: names for path in sorted(package.rglob("*.py")) if (names := opening(path.read_bytes()))}
    assert found == {}
    assert opening(b"import socket, urllib.parse\nfrom urllib import request\ndef f(): import http.client") == {
        "socket", "urllib.request", "http.client"
    }  # fmt: skip


@pytest.mark.skipif(sys.platform == "win32", reason="subprocesses have sockets there")
def test_nothing_that_is_used_opens_a_connection(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", CODE, str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("told of socket.")
