# SPDX-License-Identifier: GPL-3.0-or-later
"""A group of commands whose modules are imported when they are asked for.

All of them together take most of a second to import; one takes a third of it.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

__all__ = ["CommandGroup"]


class CommandGroup(TyperGroup):
    """Commands by their names; a subclass says which, and where their modules are.

    The command ``power-cut`` is in the module ``power_cut`` of `package`: its function ``run``, or
    its group ``app``.
    """

    package: str
    names: tuple[str, ...]

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Modules(self.package, self.names)


class _Modules(MutableMapping[str, Any]):
    """Commands by name, imported on the first use."""

    def __init__(self, package: str, names: tuple[str, ...]) -> None:
        self._package = package
        self._commands: dict[str, Any] = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Any:
        if self._commands[name] is None:
            module = import_module(f"{self._package}.{name.replace('-', '_')}")
            if hasattr(module, "app"):
                command: Any = typer.main.get_group(module.app)
            else:
                alone = typer.Typer(add_completion=False)
                alone.command(name)(module.run)
                command = typer.main.get_command(alone)
            command.name = name
            self._commands[name] = command
        return self._commands[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._commands[name] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._commands)

    def __len__(self) -> int:
        return len(self._commands)
