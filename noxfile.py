#!/usr/bin/env -S uv run --script

# /// script
# dependencies = ["nox>=2025.2.9"]
# ///
"""What is run before a change lands: `nox` for all of it, `nox -s tests` for one, `nox -l` for the list."""

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "venv"


@nox.session
def lint(session: nox.Session) -> None:
    """Style and formatting."""
    session.install("ruff>=0.8")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Annotations of types."""
    session.install(".[dev]")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """The tests, but for those that take minutes; arguments go to pytest, as in: nox -s tests -- -m slow"""
    session.install(".[test]")
    session.run("pytest", *session.posargs)


if __name__ == "__main__":
    nox.main()
