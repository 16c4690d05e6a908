"""The command line: ``tactful check``, ``test``, ``baseline``, ``init``, ``rules``, ``explain``, ``schema``, ``import``."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated
from zoneinfo import reset_tzpath

import typer
from tactful.engine.messages import say

from .console import Refused, clean, err, language_of

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Checks planned campaigns against contact policies before anything is sent.",
)

Language = Annotated[str | None, typer.Option("--language", metavar="en|zh", help="Language of the output.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DAY", help="Report touches on or after this day (today).")
]
Root = Annotated[Path, typer.Argument(help="The repository of campaigns.", show_default="this folder")]


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version

        typer.echo(f"tactful {version('tactful')}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Checks planned campaigns against contact policies before anything is sent."""


@app.command()
def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="The repository, or with --form files.", show_default="this folder")
    ] = None,
    as_of: AsOf = None,
    language: Language = None,
    select: Annotated[
        list[str] | None, typer.Option("--select", metavar="NAME", help="Only these rules, policies or kinds.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option("--ignore", metavar="NAME", help="Not these rules, policies or kinds.")
    ] = None,
    format: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", help="text, concise, json, sarif, junit, github, gitlab, markdown."),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option("--output", metavar="FILE", help="Where a format goes; text still goes to the terminal."),
    ] = None,
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="error|warning|info", help="The severity that fails.")
    ] = "error",
    form: Annotated[bool, typer.Option("--form", help="Only the form of the files given, each alone.")] = False,
    stdin_filename: Annotated[
        str | None,
        typer.Option(
            "--stdin-filename", metavar="PATH", help="Read this file from standard input, as an editor has it."
        ),
    ] = None,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Use what earlier runs found out.")] = True,
    jobs: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Processes for long work.", show_default="all processors")
    ] = None,
) -> None:
    """Check the planned campaigns against the policies.

    Exit codes: 0 nothing at or above the failing severity, 1 findings, 2 wrong use or unusable policies, 3 nothing was
    checked.
    """
    from .commands import check as command

    options = command.Options(
        paths or [],
        as_of,
        language,
        select or [],
        ignore or [],
        format or [],
        output or [],
        fail_on,
        form,
        stdin_filename,
        cache,
        jobs,
    )
    raise typer.Exit(command.run(options))


@app.command()
def test(
    paths: Annotated[list[Path] | None, typer.Argument(help="Case files or folders.", show_default="cases/")] = None,
    language: Language = None,
) -> None:
    """Run policy cases: small plans with what must be found in them, and nothing else."""
    from .commands import test as command

    raise typer.Exit(command.run(paths or [], language))


@app.command()
def baseline(folder: Root = Path("."), as_of: AsOf = None, language: Language = None) -> None:
    """Write down what is found now, so that only what is new or worse fails; later runs let it shrink."""
    from .commands import baseline as command

    raise typer.Exit(command.run(folder, as_of, language))


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Where to put it.", show_default="this folder")] = Path("."),
    language: Language = None,
) -> None:
    """Make a small repository that passes, and say how to make it fail."""
    from .commands import init as command

    raise typer.Exit(command.run(folder, language))


@app.command()
def rules(folder: Root = Path("."), language: Language = None) -> None:
    """List the rules of the repository, and the kinds there are."""
    from .commands import rules as command

    raise typer.Exit(command.run(folder, language))


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="RULE-OR-KIND", help="A rule (policy/rule) or a kind.")],
    folder: Annotated[Path, typer.Option("--root", help="The repository of campaigns.")] = Path("."),
    language: Language = None,
) -> None:
    """Explain a rule of the repository, or a rule kind."""
    from .commands import explain as command

    raise typer.Exit(command.run(name, folder, language))


@app.command()
def schema(
    document: Annotated[
        str | None, typer.Argument(metavar="DOCUMENT", help="One kind of document.", show_default="list them")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", metavar="FOLDER", help="Write all schemas here.")] = None,
) -> None:
    """Print the JSON Schema of a kind of document, for editors."""
    from .commands import schema as command

    raise typer.Exit(command.run(document, output))


@app.command(name="import")
def import_(
    calendar: Annotated[Path, typer.Argument(metavar="CSV", help="A campaign calendar.")],
    mapping: Annotated[Path, typer.Option("--mapping", metavar="FILE", help="Which column means what (YAML).")],
    to: Annotated[Path, typer.Option("--to", metavar="FOLDER", help="Where the campaigns go.")] = Path("campaigns"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
    language: Language = None,
) -> None:
    """Turn a campaign calendar in CSV into campaigns."""
    from .commands import import_calendar as command

    raise typer.Exit(command.run(calendar, mapping, to, overwrite, language))


def main() -> None:
    """The entry point. A fault of ours is said in one line; TACTFUL_DEBUG=1 shows where it is."""
    gc.disable()  # a short run that makes no cycles worth collecting
    reset_tzpath(to=())  # the zones of the tzdata package, the same on every machine
    try:
        app(prog_name="tactful")
    except Refused as refused:
        err(clean(refused.message.render(language_of(None))) + "\n")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:  # the last resort: people get words, not a traceback
        if os.environ.get("TACTFUL_DEBUG"):
            raise
        message = say(
            "this is a defect of tactful, not of your files: {kind}: {what} (set TACTFUL_DEBUG=1 for details)",
            "这是 tactful 自身的缺陷，不是您的文件有误：{kind}：{what}（设置 TACTFUL_DEBUG=1 查看详情）",
            kind=type(error).__name__,
            what=str(error)[:300],
        )
        err(clean(message.render(language_of(None))) + "\n")
        sys.exit(2)
