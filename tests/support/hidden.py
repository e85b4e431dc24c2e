"""A machine on which a library cannot be loaded."""

from pathlib import Path


def hidden(library: str, folder: Path) -> dict[str, str]:
    """The environment of a process that does not find it, as where there is no wheel for the platform."""
    (folder / library).mkdir(parents=True)
    (folder / library / "__init__.py").write_text(f"raise ImportError('there is no {library} for this machine')\n")
    return {"PYTHONPATH": str(folder)}
