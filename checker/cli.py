"""The command line: ``tactful check``, ``test``, ``baseline``, ``init``, ``rules``, ``explain``, ``schema``, ``import``."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import reset_tzpath

import typer
from tactful.engine.messages import say

from . import VERSION, completion
from .console import Refused, clean, err
from .options import HERE, AsOf, At, Language, Root, words
from .report import FORMATS

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help=words(
        "Checks planned campaigns against contact policies before anything is sent.",
        "在发送之前，按触达政策检查计划中的活动。",
    ),
)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"tactful {VERSION}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=words("Show the version.", "显示版本。"))
    ] = False,
) -> None:
    """Checks planned campaigns against contact policies before anything is sent."""


@app.command(
    help=words(
        "Check the planned campaigns against the policies.\n\nExit codes: 0 nothing at or above the failing severity, 1 findings, 2 wrong use or unusable policies, 3 nothing was checked.",
        "按政策检查计划中的活动。\n\n退出码：0 没有达到该级别的发现；1 有发现；2 用法错误或政策无法使用；3 未检查任何内容。",
    )
)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help=words("The repository, or with --form files.", "仓库；使用 --form 时为文件。"),
            show_default=words("this folder", "当前文件夹"),
        ),
    ] = None,
    as_of: AsOf = None,
    language: Language = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            metavar="NAME",
            autocompletion=completion.rules_and_policies,
            help=words("Only these rules, policies or kinds.", "只检查这些规则、政策或类型。"),
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore",
            metavar="NAME",
            autocompletion=completion.rules_and_policies,
            help=words("Not these rules, policies or kinds.", "不检查这些规则、政策或类型。"),
        ),
    ] = None,
    format: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="FORMAT", autocompletion=completion.formats, help=", ".join(FORMATS)),
    ] = None,
    output: Annotated[
        list[Path] | None,
        typer.Option(
            "--output",
            metavar="FILE",
            help=words("Where a format goes; text still goes to the terminal.", "该格式写入的文件；终端仍显示文本。"),
        ),
    ] = None,
    fail_on: Annotated[
        str,
        typer.Option(
            "--fail-on",
            autocompletion=completion.severities,
            metavar="error|warning|info",
            help=words("The severity that fails.", "达到此级别即为不通过。"),
        ),
    ] = "error",
    form: Annotated[
        bool,
        typer.Option(
            "--form", help=words("Only the form of the files given, each alone.", "只逐个检查所列文件的格式。")
        ),
    ] = False,
    stdin_filename: Annotated[
        str | None,
        typer.Option(
            "--stdin-filename",
            metavar="PATH",
            help=words(
                "Read this file from standard input, as an editor has it.",
                "从标准输入读取此文件（编辑器中尚未保存的内容）。",
            ),
        ),
    ] = None,
    cache: Annotated[
        bool, typer.Option("--cache/--no-cache", help=words("Use what earlier runs found out.", "使用以前运行的结果。"))
    ] = True,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            metavar="N",
            help=words("Processes for long work.", "耗时工作使用的进程数。"),
            show_default=words("all processors", "全部处理器"),
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="REVISION",
            help=words(
                "Count only what is new or worse since this revision of git.",
                "只计算自此 git 版本以来新增或加重的发现。",
            ),
        ),
    ] = None,
    timings: Annotated[
        bool,
        typer.Option(
            "--timings",
            help=words(
                "List the seconds that each rule takes (asks all anew).", "列出每条规则所用的秒数（全部重新检查）。"
            ),
        ),
    ] = False,
) -> None:
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
        since,
        timings,
    )
    raise typer.Exit(command.run(options))


@app.command(
    help=words(
        "Run policy cases: small plans with what must be found in them, and nothing else.",
        "运行政策用例：小型计划及其应有且仅有的结论。",
    )
)
def test(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help=words("Case files or folders.", "用例文件或文件夹。"), show_default="cases/"),
    ] = None,
    language: Language = None,
) -> None:
    from .commands import test as command

    raise typer.Exit(command.run(paths or [], language))


@app.command(
    help=words(
        "Write down what is found now, so that only what is new or worse fails; later runs let it shrink.",
        "记录现有发现，此后只有新增或加重的才不通过；再次运行只会缩减。",
    )
)
def baseline(folder: Root = Path("."), as_of: AsOf = None, language: Language = None) -> None:
    from .commands import baseline as command

    raise typer.Exit(command.run(folder, as_of, language))


@app.command(
    help=words(
        "Make a small repository that passes, and say how to make it fail.",
        "生成一个能通过检查的小仓库，并说明怎样使它不通过。",
    )
)
def init(
    folder: Annotated[
        Path,
        typer.Argument(help=words("Where to put it.", "放在哪里。"), show_default=words("this folder", "当前文件夹")),
    ] = Path("."),
    language: Language = None,
) -> None:
    from .commands import init as command

    raise typer.Exit(command.run(folder, language))


@app.command(
    help=words("List the rules of the repository, and the kinds there are.", "列出仓库中的规则和所有规则类型。")
)
def rules(folder: Root = Path("."), language: Language = None) -> None:
    from .commands import rules as command

    raise typer.Exit(command.run(folder, language))


@app.command(help=words("Explain a rule of the repository, or a rule kind.", "解释仓库中的一条规则，或一种规则类型。"))
def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="RULE-OR-KIND",
            autocompletion=completion.rules,
            help=words("A rule (policy/rule) or a kind.", "规则（政策/规则）或类型。"),
        ),
    ],
    folder: At = Path("."),
    as_of: AsOf = None,
    language: Language = None,
) -> None:
    from .commands import explain as command

    raise typer.Exit(command.run(name, folder, as_of, language))


@app.command(
    help=words(
        "Tell what the rules say of a campaign, and where it could go.",
        "说明各规则对一个活动的结论，以及可以改到何时。",
    )
)
def why(
    campaign: Annotated[
        str,
        typer.Argument(metavar="CAMPAIGN", help=words("The name of a campaign.", "活动的名称。")),
    ],
    folder: At = Path("."),
    as_of: AsOf = None,
    language: Language = None,
    form: Annotated[
        str, typer.Option("--format", metavar="text|json", help=words("How it is told.", "输出格式。"))
    ] = "text",
) -> None:
    from .commands import why as command

    raise typer.Exit(command.run(campaign, folder, as_of, language, form))


@app.command(
    help=words(
        "Tell what a change does to the findings, beside a revision of git.",
        "与 git 的某个修订版本相比，说明改动对发现的影响。",
    )
)
def diff(
    base: Annotated[str, typer.Argument(metavar="BASE", help=words("A revision, like main.", "修订版本，例如 main。"))],
    folder: At = Path("."),
    as_of: AsOf = None,
    language: Language = None,
    form: Annotated[str, typer.Option("--format", metavar="text|json|markdown")] = "text",
    fail_on: Annotated[
        str, typer.Option("--fail-on", metavar="SEVERITY", autocompletion=completion.severities)
    ] = "error",
) -> None:
    from .commands import diff as command

    raise typer.Exit(command.run(base, folder, as_of, language, form, fail_on))


@app.command(
    help=words(
        "Print the JSON Schema of a kind of document, for editors.", "输出一种文档的 JSON Schema，供编辑器使用。"
    )
)
def schema(
    document: Annotated[
        str | None,
        typer.Argument(
            metavar="DOCUMENT",
            autocompletion=completion.documents,
            help=words("One kind of document.", "一种文档。"),
            show_default=words("list them", "列出全部"),
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help=words("Write all schemas here.", "把全部 schema 写到这里。")),
    ] = None,
) -> None:
    from .commands import schema as command

    raise typer.Exit(command.run(document, output))


@app.command(
    name="import", help=words("Turn a campaign calendar in CSV into campaigns.", "把 CSV 活动日历转换为活动。")
)
def import_(
    calendar: Annotated[Path, typer.Argument(metavar="CSV", help=words("A campaign calendar.", "活动日历。"))],
    mapping: Annotated[
        Path,
        typer.Option(
            "--mapping", metavar="FILE", help=words("Which column means what (YAML).", "各列的含义（YAML）。")
        ),
    ],
    to: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help=words("Where the campaigns go.", "活动写到哪里。"))
    ] = Path("campaigns"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help=words("Replace files that are there.", "覆盖已有文件。"))
    ] = False,
    language: Language = None,
) -> None:
    from .commands import import_calendar as command

    raise typer.Exit(command.run(calendar, mapping, to, overwrite, language))


def run() -> None:
    """Runs the command line. A fault of ours is said in one line; TACTFUL_DEBUG=1 shows where it is."""
    gc.disable()  # a short run that makes no cycles worth collecting
    reset_tzpath(to=())  # the zones of the tzdata package, the same on every machine
    try:
        sys.exit(app(prog_name="tactful", standalone_mode=False) or 0)
    except Refused as refused:
        err(clean(refused.message.render(HERE)) + "\n")
        sys.exit(2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        from .usage import refused_by_system

        err(clean(refused_by_system(error).render(HERE)) + "\n")
        sys.exit(2)
    except Exception as error:  # the last resort: people get words, not a traceback
        sys.exit(_misused(error) if hasattr(error, "format_message") else _defect(error))


def _misused(error: Any) -> int:
    """Says what is wrong with the command line; without any argument the help is shown."""
    from .usage import hint, usage_words

    shown = error.format_message() if type(error).__name__ == "NoArgsIsHelpError" else None
    lines = [shown] if shown is not None else [*hint(error, HERE), usage_words(error).render(HERE)]
    err("\n".join(clean(line) for line in "\n".join(lines).split("\n")) + "\n")
    return 2


def _defect(error: Exception) -> int:
    if os.environ.get("TACTFUL_DEBUG"):
        raise error
    message = say(
        "this is a defect of tactful, not of your files: {kind}: {what} (set TACTFUL_DEBUG=1 for details)",
        "这是 tactful 自身的缺陷，不是您的文件有误：{kind}：{what}（设置 TACTFUL_DEBUG=1 查看详情）",
        kind=type(error).__name__,
        what=str(error)[:300],
    )
    err(clean(message.render(HERE)) + "\n")
    return 2
