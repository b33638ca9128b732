"""Make one archive that installs gecip on a machine without a package index.

It holds a wheel of every pinned package, Java included, gecip's own wheel, the notebooks, and an install script:

    .venv/bin/python -m tools.make_bundle              # dist/gecip-VERSION-PLATFORM-PYTHON.tar

The wheels are kept in build/wheelhouse-…, so that the next bundle of the same pins is made without downloading.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
CONSTRAINTS = PROJECT / "constraints.txt"
INSTRUCTIONS = PROJECT / "tools" / "bundle"

COMPLETE = "complete"


def say(sentence: str) -> None:
    """Tell the user what happens, at once."""
    print(f"gecip: {sentence}", flush=True)


def python_tag() -> str:
    """Return the short name of the running Python, such as py311."""
    return f"py{sys.version_info.major}{sys.version_info.minor}"


def bundle_name(version: str) -> str:
    """Return the name of the archive, and of the folder that it unpacks to."""
    return f"gecip-{version}-{sysconfig.get_platform()}-{python_tag()}"


def read_version() -> str:
    """Return the version that pyproject.toml states."""
    text = (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def wheelhouse_of(build: Path) -> Path:
    """Return the folder of wheels that belongs to the present pins, platform and Python."""
    metadata = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = "\n".join([CONSTRAINTS.read_text(encoding="utf-8"), *metadata["dependencies"]])
    key = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    return build / f"wheelhouse-{sysconfig.get_platform()}-{python_tag()}-{key}"


def pip_wheel(folder: Path, arguments: list[str]) -> None:
    """Run `pip wheel` with the pins, into a folder."""
    command = [sys.executable, "-m", "pip", "wheel", "--disable-pip-version-check"]
    command += ["--constraint", str(CONSTRAINTS), "--wheel-dir", str(folder), *arguments]
    subprocess.run(command, cwd=PROJECT, check=True)


def collect_wheels(wheelhouse: Path) -> None:
    """Fill the wheelhouse with everything that gecip needs, and pip to install it with."""
    if (wheelhouse / COMPLETE).exists():
        say(f"using the wheels in {wheelhouse.name}.")
        return
    say("collecting the wheels of all pinned packages; pyspark is built once.")
    # What an interrupted run left is offered to pip, which takes it instead of downloading again.
    wheelhouse.mkdir(parents=True, exist_ok=True)
    offered = ["--find-links", str(wheelhouse), "--build-constraint", str(CONSTRAINTS)]
    pip_wheel(wheelhouse, [*offered, ".", "pip"])
    for own in wheelhouse.glob("gecip-*.whl"):
        own.unlink()
    (wheelhouse / COMPLETE).touch()


def build_own_wheel(folder: Path) -> Path:
    """Build gecip's own wheel with the tools that are installed here, without an index."""
    # Modules that have since been removed would stay in what setuptools gathered the last time.
    shutil.rmtree(PROJECT / "build" / "lib", ignore_errors=True)
    pip_wheel(folder, ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "."])
    (wheel,) = folder.glob("gecip-*.whl")
    return wheel


def unpacked_bytes(wheels: Iterable[Path]) -> int:
    """Return how much room the wheels take once installed."""
    total = 0
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            total += sum(member.file_size for member in archive.infolist())
    return total


def sha256_of(path: Path) -> str:
    """Return the SHA-256 sum of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def notebooks() -> list[Path]:
    """Return the notebooks of the project."""
    found = sorted((PROJECT / "notebooks").rglob("*.ipynb"))
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def write_settings(path: Path, *, wheels: list[Path]) -> None:
    """Write down what the install script has to know: which Python, how much room."""
    # Python compiles what is installed, which takes about a third more.
    megabytes = unpacked_bytes(wheels) * 4 // 3 // 1_000_000
    pip = next(wheel.name for wheel in wheels if wheel.name.startswith("pip-"))
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    text = f"python={minor}\nmegabytes={megabytes}\npip={pip}\nversion={read_version()}\n"
    path.write_text(text, encoding="utf-8")


def contents(own_wheel: Path, *, wheelhouse: Path, aside: Path) -> list[tuple[Path, str]]:
    """Return every file of the bundle with its place in it, and the sums of them all last.

    Parameters
    ----------
    own_wheel
        gecip's own wheel.
    wheelhouse
        The folder with all others.
    aside
        A folder for the files that are written for this bundle.
    """
    wheels = sorted([*wheelhouse.glob("*.whl"), own_wheel], key=lambda path: path.name)
    settings = aside / "bundle.conf"
    write_settings(settings, wheels=wheels)
    files = [(INSTRUCTIONS / "install.sh", "install.sh"), (INSTRUCTIONS / "README.md", "README.md")]
    files += [(settings, settings.name), (CONSTRAINTS, CONSTRAINTS.name)]
    files += [(PROJECT / name, name) for name in ("LICENSE", "NOTICE")]
    files += [(path, str(path.relative_to(PROJECT))) for path in notebooks()]
    files += [(path, f"wheels/{path.name}") for path in wheels]
    sums = aside / "SHA256SUMS"
    lines = [f"{sha256_of(path)}  {place}\n" for path, place in files]
    sums.write_text("".join(lines), encoding="utf-8")
    return [*files, (sums, sums.name)]


def write_archive(target: Path, *, files: Iterable[tuple[Path, str]]) -> None:
    """Write the archive aside, then rename it.

    It is not compressed: wheels are.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with tarfile.open(partial, "w") as archive:
        for path, place in files:
            member = archive.gettarinfo(path, arcname=f"{target.stem}/{place}")
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if place == "install.sh" else 0o644
            with path.open("rb") as stream:
                archive.addfile(member, stream)
    partial.replace(target)


def make_bundle(folder: Path, *, build: Path) -> Path:
    """Make the bundle and return where it lies.

    Parameters
    ----------
    folder
        Where the archive goes.
    build
        Where the wheels are kept for the next time.
    """
    wheelhouse = wheelhouse_of(build)
    collect_wheels(wheelhouse)
    target = folder / f"{bundle_name(read_version())}.tar"
    with tempfile.TemporaryDirectory() as temporary:
        aside = Path(temporary)
        own_wheel = build_own_wheel(aside)
        say(f"writing {target.name}.")
        write_archive(target, files=contents(own_wheel, wheelhouse=wheelhouse, aside=aside))
    return target


def main() -> int:
    """Make the bundle of this checkout."""
    parser = argparse.ArgumentParser(description="Make one archive that installs without an index.")
    parser.add_argument("--output", type=Path, default=PROJECT / "dist", help="its folder")
    parser.add_argument(
        "--build", type=Path, default=PROJECT / "build", help="where wheels are kept"
    )
    arguments = parser.parse_args()
    started = time.monotonic()
    try:
        bundle = make_bundle(arguments.output.resolve(), build=arguments.build.resolve())
    except subprocess.CalledProcessError:
        print("gecip: pip could not bring every wheel; its last lines say why.", file=sys.stderr)
        return 2
    except OSError as problem:
        free = shutil.disk_usage(PROJECT).free / 1e9
        print(
            f"gecip: the bundle was not written: {problem} ({free:.1f} GB free).", file=sys.stderr
        )
        return 2
    size = bundle.stat().st_size / 1e6
    say(f"{bundle} is ready: {size:.0f} MB in {time.monotonic() - started:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
