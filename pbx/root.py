"""Run Asterisk from a private root: Debian's packages unpacked below `.ramal`; no rights, no chroot.

apt resolves, downloads and verifies; dpkg-deb unpacks; nothing is configured and no package script runs.
Asterisk then starts through the root's own loader with the root's own libraries:

    ROOT/usr/lib64/ld-linux-x86-64.so.2 --library-path ROOT/usr/lib/x86_64-linux-gnu ROOT/usr/sbin/asterisk -f

so it runs under the caller's uid, sees the same paths as everything else, and many instances share one root.
"""

from __future__ import annotations

import fcntl
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from pbx.backend import PACKAGES, SUITE, Command, Mode, PbxError, Progress, check_version, output
from pbx.mirror import debian_mirror

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
TRIPLETS = {"x86_64": ("amd64", "x86_64-linux-gnu"), "aarch64": ("arm64", "aarch64-linux-gnu")}
LOADERS = {"x86_64": "usr/lib64/ld-linux-x86-64.so.2", "aarch64": "usr/lib/ld-linux-aarch64.so.1"}
LAYOUT = "1"
"""Raise it when the way of unpacking changes, so that older roots are made anew."""


class PrivateRoot:
    """Debian's Asterisk unpacked into `<state>/pbx/root`; downloads stay in `<state>/cache`."""

    mode: Mode = "root"

    def __init__(self, state_dir: Path) -> None:
        self._root = state_dir.absolute() / "pbx" / "root"
        self._cache = state_dir.absolute() / "cache" / "apt"
        self._stamp = self._root / "ramal-version"

    @staticmethod
    def why_not() -> str | None:
        """Say why it cannot be used, or None."""
        if platform.machine() not in TRIPLETS:
            return f"Debian's packages are used on {' and '.join(TRIPLETS)}, and this is {platform.machine()}"
        for tool, package in (("apt-get", "apt"), ("dpkg-deb", "dpkg"), ("tar", "tar")):
            if shutil.which(tool) is None:
                return f"{tool} is missing (package {package}): use Debian or Ubuntu, or install Docker"
        return None

    @property
    def _machine(self) -> str:
        return platform.machine()

    @property
    def _libraries(self) -> Path:
        return self._root / "usr/lib" / TRIPLETS[self._machine][1]

    @property
    def module_dir(self) -> str:
        return str(self._libraries / "asterisk/modules")

    @property
    def documentation_dir(self) -> str:
        return str(self._root / "usr/share/asterisk/documentation")

    def _argv(self) -> tuple[str, ...]:
        loader = self._root / LOADERS[self._machine]
        paths = ("--library-path", str(self._libraries), "--argv0", "asterisk")
        return (str(loader), *paths, str(self._root / "usr/sbin/asterisk"))

    def version(self) -> str:
        return (output([*self._argv(), "-V"]) or "").strip()

    def command(self, conf_dir: Path, _writable: Sequence[Path], /) -> Command:
        return Command((*self._argv(), "-C", str(conf_dir / "asterisk.conf"), "-f"))

    def prepare(self, progress: Progress = print) -> None:
        wanted = f"{LAYOUT} {SUITE} {self._machine} {' '.join(PACKAGES)}"
        if self._is_ready(wanted):
            return
        self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another process may be at it: then only wait for it
            if self._is_ready(wanted):
                return
            _need_keyring(progress)
            self._fetch_lists(progress)
            packages = self._download(progress)
            self._unpack(packages, progress)
            check_version(self.version())
            self._stamp.write_text(wanted)
        progress(f"{self.version()} is ready in {self._root}")

    def _is_ready(self, wanted: str) -> bool:
        return self._stamp.exists() and self._stamp.read_text() == wanted

    # ---- apt, kept away from the machine's own package state ----

    def _apt(self, *arguments: str) -> list[str]:
        """apt-get on an empty package state of our own: it resolves the whole tree, libc included."""
        cache = self._cache
        options = {
            "Dir::Etc::sourcelist": str(cache / "sources.list"),
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": str(cache),
            "Dir::State::lists": str(cache / "lists"),
            "Dir::State::status": str(cache / "status"),
            "Dir::Cache": str(cache),
            "Dir::Cache::archives": str(cache / "archives"),
            "APT::Architecture": TRIPLETS[self._machine][0],
            "APT::Architectures": TRIPLETS[self._machine][0],
            "APT::Default-Release": "",
            "APT::Install-Recommends": "false",
            "APT::Sandbox::User": "",
            "APT::Get::Assume-Yes": "true",
            "APT::Update::Post-Invoke-Success": "",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
            "Debug::NoLocking": "true",
        }
        return [
            "apt-get",
            *(part for key, value in options.items() for part in ("-o", f"{key}={value}")),
            *arguments,
        ]

    def _fetch_lists(self, progress: Progress) -> None:
        for folder in ("lists/partial", "archives/partial"):
            (self._cache / folder).mkdir(parents=True, exist_ok=True)
        (self._cache / "status").touch()
        mirror = debian_mirror()
        line = f"deb [signed-by={KEYRING} arch={TRIPLETS[self._machine][0]}] {mirror} {SUITE} main\n"
        (self._cache / "sources.list").write_text(line)
        progress(f"PBX: reading Debian {SUITE}'s package list (about 10 MB)")
        _run(self._apt("update"), f"Debian {SUITE}'s package list cannot be read from {mirror}")

    def _download(self, progress: Progress) -> list[Path]:
        """Download what is not yet in the cache; gives the package files of this set and no others."""
        listed = _run(
            self._apt("install", "--print-uris", *PACKAGES), "the packages' dependencies do not resolve"
        )
        found = re.findall(r"^'[^']+' (\S+) (\d+)", listed, re.MULTILINE)
        missing = sum(int(size) for _, size in found)
        if missing:
            progress(
                f"PBX: downloading Asterisk and its libraries, {missing / 1e6:.0f} MB, {len(found)} packages"
            )
            _run(self._apt("install", "--download-only", *PACKAGES), "the download failed")
        files = _simulated(
            _run(self._apt("install", "--simulate", *PACKAGES), "the packages cannot be listed")
        )
        archives = self._cache / "archives"
        return [next(_archives(archives, name, version)) for name, version in files]

    def _unpack(self, packages: Sequence[Path], progress: Progress) -> None:
        progress(f"PBX: unpacking {len(packages)} packages")
        fresh = self._root.with_name(f"root.new.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        unwanted = [f"--exclude=./usr/share/{part}" for part in ("doc", "man", "locale", "info", "lintian")]
        for package in packages:
            read = ["dpkg-deb", "--fsys-tarfile", str(package)]
            untar = ["tar", "-x", "--no-same-owner", "--keep-directory-symlink", *unwanted, "-C", str(fresh)]
            with subprocess.Popen(read, stdout=subprocess.PIPE) as data:
                done = subprocess.run(untar, stdin=data.stdout, capture_output=True, text=True, check=False)
            if data.returncode != 0 or done.returncode != 0:
                raise PbxError(f"{package.name} cannot be unpacked: {done.stderr.strip() or 'damaged file'}")
        shutil.rmtree(self._root, ignore_errors=True)
        fresh.rename(self._root)


def _simulated(listing: str) -> list[tuple[str, str]]:
    """Names and versions of what `apt-get --simulate` would install: `Inst name (version …)`."""
    return re.findall(r"^Inst (\S+) \((\S+) ", listing, re.MULTILINE)


def _archives(folder: Path, name: str, version: str) -> Iterator[Path]:
    """File that apt saved a package under: colons in the version are written %3a."""
    quoted = version.replace(":", "%3a")
    yield from folder.glob(f"{name}_{quoted}_*.deb")
    raise PbxError(f"{name} {version} is missing from {folder}: delete that folder and try again")


def _need_keyring(progress: Progress) -> None:
    """Ubuntu does not bring Debian's signing keys: install them, or say how."""
    if KEYRING.exists():
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", "debian-archive-keyring"]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            raise PbxError(f"Debian's signing keys are missing; run as root: {' '.join(install)}")
        install.insert(0, "sudo")
    progress(f"PBX: installing Debian's signing keys, to verify the download: {' '.join(install)}")
    _run(install, "Debian's signing keys cannot be installed")


def _run(argv: Sequence[str], failure: str) -> str:
    """Run a long step; on failure raise with its last words."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
        raise PbxError(f"{failure}:\n  " + "\n  ".join(words))
    return done.stdout
