"""Web pages of any bytes: their text, or refused."""

from __future__ import annotations

from choices import is_text
from refusing import told
from seeding import texts

from g7classify.documents import html
from g7classify.errors import DataError

SMOKE, LONGEST = 4000, 500
WORDS = (b"<p>", b"</p>", b"<br>", b"<pre>", b"<script>", b"<style>", b"<template>", b"<td>", b"<!--", b"-->", b"<svg>",
         b"<meta charset=shift_jis>", b"<meta http-equiv=content-type content='text/html; charset=x'>", b"&#xd800;",
         b"&nbsp;", b" hidden", b" style='display:none'", b"<![CDATA[", b"\xfe\xff", b"<select><option>")  # fmt: skip


def seeds() -> list[bytes]:
    found = [f"<!doctype html><title>t</title><p>{text}</p>".encode() for text in texts()]
    found += [
        b"<table><tr><td>a<td hidden>b</table><pre>c\n  d</pre><ul><li>e<li style='display: none'>f</ul>",
        '<meta charset="shift_jis"><p>警察'.encode("shift_jis"),
        b"\xff\xfe" + "<p>été<br>hiver".encode("utf-16-le"),
        b"<?xml version='1.0' encoding='cp1252'?><div>\xe9<template>x</template><!-- y --><b>z",
    ]
    return [data[:LONGEST] for data in found]


def one_input(data: bytes) -> None:
    try:
        text, pages = html.extract(data)
    except DataError as error:
        told(error)
        return
    assert pages == ()
    assert all(block.strip() for block in text.split("\n\n")) or not text
    assert is_text(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
