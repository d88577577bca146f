"""The actions of ``cac log``; each returns its exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from operator import index as operator_index
from pathlib import Path
from typing import TextIO

from cac.errors import InputError
from serve.access.audit import unlogged
from serve.cli.opening import opened, operator
from serve.log.chain import Link
from serve.log.heads import NAME, add_head, read_heads
from serve.log.verify import Head, Report, verify
from serve.secrets import load_secrets
from serve.settings import load_settings
from serve.store.audit import Found, audit
from serve.store.logbook import export_head, links_of, own_heads

_END = "log_head: is not the one last row of the log; nothing can be written after it"


def _verify(args: argparse.Namespace) -> int:
    settings = load_settings()
    heads = _kept_heads(args.heads, settings.secrets / NAME)
    if args.file:
        with args.file.open(encoding="utf-8") as lines:
            report = verify(_links(args.file, lines), load_secrets(settings.secrets).log, heads)
        return _say(report, heads, Found())
    with opened(settings) as store, store.read() as session:
        own = own_heads(session)
        report = verify(links_of(session), store.secrets.log, [*heads, *own])
        beside = audit(session, store.secrets)
        if [head.seq for head in own] != [report.head.seq]:
            beside.faults.append(_END)
        beside.add(unlogged(session, store.secrets))
        return _say(report, heads, beside)


def _kept_heads(given: Path | None, usual: Path) -> list[Head]:
    if given:
        return read_heads(given)
    return read_heads(usual) if usual.exists() else []


def _say(report: Report, heads: list[Head], beside: Found) -> int:
    lines = [f"FAULT {fault}" for fault in (*report.faults, *beside.faults)]
    lines += [f"remark: {remark}" for remark in (*report.remarks, *beside.remarks)]
    if not heads:
        lines.append("remark: no head was kept elsewhere; that the end is whole is not proven")
    n_faults = len(report.faults) + len(beside.faults)
    counted = f"{n_faults} fault{'s' * (n_faults > 1)}"
    verdict = f"NOT whole, {counted}" if n_faults else "whole"
    lines.append(f"{report.n_rows} rows, held against {len(heads)} kept heads: {verdict}.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if n_faults else 0


def _head(args: argparse.Namespace) -> int:
    with opened() as store:
        head = export_head(store, by=operator())
        at = store.clock().isoformat()
    if args.output:
        add_head(args.output, head, at=at)
    else:
        sys.stdout.write(json.dumps({"seq": head.seq, "mac": head.mac, "at": at}) + "\n")
    return 0


def _export(args: argparse.Namespace) -> int:
    with opened() as store:
        store.write(lambda unit: unit.log("log.exported", operator()))
        with store.read() as session:
            if args.output is None:
                _write(links_of(session), sys.stdout)
                return 0
            with args.output.open("w", encoding="utf-8") as file:
                _write(links_of(session), file)
    return 0


def _write(links: Iterable[Link], file: TextIO) -> None:
    for link in links:
        file.write(json.dumps(asdict(link)) + "\n")


def _links(path: Path, lines: Iterable[str]) -> Iterator[Link]:
    for number, line in enumerate(lines, start=1):
        try:
            link = Link(**json.loads(line))
            operator_index(link.seq)
        except (ValueError, TypeError):
            raise InputError(
                f"{path}: line {number} is no row of a log; `cac log export` writes them."
            ) from None
        yield link


ACTIONS: dict[str, Callable[[argparse.Namespace], int]] = {
    "verify": _verify,
    "head": _head,
    "export": _export,
}
