"""The command line: a thin table of commands over the library. How they end: ends.py."""

from __future__ import annotations

import click

from g7classify import __version__
from g7classify.cli import advice, data, describing, judging, keeping, learning, reporting, tagging, verifying
from g7classify.cli.ends import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, package_name="g7classify", message="%(prog)s %(version)s")
def main() -> None:
    """Tag sentences of public-affairs text with actors, measures, threats and institutional roles.

    Everything runs on this machine; nothing is sent anywhere.
    """


for _command in (
    tagging.tag,
    tagging.explain,
    reporting.report,
    keeping.models,
    describing.codebook,
    describing.schema,
    data.validate,
    learning.train,
    learning.update,
    judging.evaluate,
    judging.compare,
    advice.audit,
    advice.suggest,
    verifying.verify,
):
    main.add_command(_command)
