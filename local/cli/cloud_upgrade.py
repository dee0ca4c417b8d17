"""`recsmith cloud upgrade` and `rollback`: a thin layer over `gcloud`, `terraform` and `git`.

Every command that changes something is shown before it runs. What is looked at comes first, so that
a refusal leaves everything as it was; documents are exported before anything is applied.
"""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape

from local.cli.client import UserError
from local.cli.cloud_checks import Deployment
from local.cli.output import done, out

_TEMPLATES = ("quick_test.json", "full_training.json")
# What holds a team's work: no upgrade takes it away.
_KEPT = frozenset({"google_firestore_database", "google_storage_bucket"})
_BUNDLE = Path("build") / "functions.zip"
_TERRAFORM = Path("infra") / "terraform"
_RELEASE = "release.auto.tfvars"


@dataclass(frozen=True)
class Version:
    """What is deployed. `bundle`: the object of the functions' source; `commit`: that it was
    deployed from, None where that is not known."""

    release: str
    bundle: str
    commit: str | None = None


@dataclass(frozen=True)
class Upgrade:
    """A record beside the backup. `documents`: where they were exported to."""

    at: str
    before: Version
    after: Version
    documents: str


class Deployer:
    """
    Args:
        root: the repository's.
        agreed: asks whether to go on, with what is about to change.
        dry: shows what would run, and only looks.
    """

    def __init__(
        self, at: Deployment, root: Path, agreed: Callable[[str], bool], *, dry: bool = False
    ) -> None:
        self._at = at
        self._root = root
        self._agreed = agreed
        self._dry = dry

    def upgrade(self, now: datetime | None = None) -> Upgrade | None:
        """Deploys what is checked out here, with the release's templates. None where it was not
        agreed to, or is only shown.

        Raises:
            UserError: it cannot be, or a command failed; what had been done by then is shown.
        """
        running = self._running()
        commit = self._commit()
        self._check_templates(self._at.release)
        self._run("make", "bundle")
        variables = {"release": self._at.release}
        changes = self._planned(self._root, variables)
        if not changes:
            done(f"{self._at.release} is deployed already.")
            return None
        stamp = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
        documents = f"{self._at.bucket}/backups/{stamp}/documents"
        export = ["gcloud", "firestore", "export", documents, *self._database]
        if not self._goes_on(changes, export, self._applying(self._root)):
            return None
        self._run(*export)
        self._apply(self._root)
        self._keep_release(self._at.release)
        new = Version(self._at.release, self._running().bundle, commit)
        record = Upgrade(stamp, self._with_commit(running), new, documents)
        self._write(f"{self._at.bucket}/backups/{stamp}/upgrade.json", asdict(record))
        done(
            f"{new.release} is deployed. `recsmith cloud rollback` goes back to {running.release}."
        )
        return record

    def rollback(self, *, documents: bool = False) -> Upgrade | None:
        """Deploys what ran before the last upgrade, by its own Terraform files.

        Args:
            documents: brings back the documents as they were exported then; newer ones stay.

        Raises:
            UserError: nothing is known of what ran before.
        """
        running = self._running()
        last = next((one for one in self._records() if one.after.bundle == running.bundle), None)
        if last is None:
            raise UserError(
                "No upgrade by this command led to what runs now. Check out the version to go back "
                "to, and run `recsmith cloud upgrade --release` with its release."
            )
        if last.before.commit is None:
            raise UserError(
                f"Which commit {last.before.release} was deployed from is not known. Check it out, "
                f"and run `recsmith cloud upgrade --release {last.before.release}`."
            )
        self._check_bundle(last.before.bundle)
        tree = self._root / "build" / f"rollback-{last.at}"
        if tree.exists():
            self._run("git", "worktree", "remove", "--force", str(tree))
        self._run("git", "worktree", "add", "--detach", str(tree), last.before.commit)
        try:
            return self._roll_back(last, tree, documents=documents)
        finally:
            self._run("git", "worktree", "remove", "--force", str(tree))

    def _roll_back(self, last: Upgrade, tree: Path, *, documents: bool) -> Upgrade | None:
        bundle = tree / _BUNDLE
        bundle.parent.mkdir(parents=True, exist_ok=True)
        source = f"{self._at.bucket}/{last.before.bundle}"
        self._run("gcloud", "storage", "cp", source, str(bundle), *self._project)
        for kept in (self._root / _TERRAFORM).glob("*.tfvars"):
            if kept.name != _RELEASE:
                shutil.copy(kept, tree / _TERRAFORM / kept.name)
        backend = [f"-backend-config={name}={value}" for name, value in self._backend().items()]
        self._terraform(tree, "init", "-input=false", *backend)
        changes = self._planned(tree, {"release": last.before.release})
        brings = ["gcloud", "firestore", "import", last.documents, *self._database]
        after = [brings] if documents else []
        if not self._goes_on(changes, self._applying(tree), *after):
            return None
        self._apply(tree)
        self._keep_release(last.before.release)
        for command in after:
            self._run(*command)
        done(f"{last.before.release} runs again.")
        return last

    def release(self) -> str:
        """Of what runs."""
        return self._running().release

    @property
    def _project(self) -> list[str]:
        return ["--project", self._at.project]

    @property
    def _database(self) -> list[str]:
        return ["--database", self._at.database, *self._project]

    def _running(self) -> Version:
        """By the function that launches."""
        found = json.loads(
            self._told(
                *("gcloud", "functions", "describe", f"{self._at.name}-launch-quick-test"),
                *("--gen2", "--region", self._at.region, *self._project, "--format", "json"),
            )
        )
        try:
            uri = found["serviceConfig"]["environmentVariables"]["RECSMITH_TEMPLATE_URI"]
            bundle = found["buildConfig"]["source"]["storageSource"]["object"]
        except KeyError as missing:
            raise UserError(f"The function that launches does not say its {missing}.") from None
        return Version(uri.rpartition("/")[2], bundle)

    def _commit(self) -> str:
        """Raises UserError where what is here is not what is committed."""
        if self._told("git", "status", "--porcelain", "--untracked-files=no").strip():
            raise UserError("Files here are changed: commit them, so that there is a way back.")
        return self._told("git", "rev-parse", "HEAD").strip()

    def _check_templates(self, release: str) -> None:
        """Raises UserError where this version could not launch them."""
        from shared.gcp.template import TemplateError, check

        for name in _TEMPLATES:
            uri = f"{self._at.bucket}/templates/{release}/{name}"
            try:
                check(self._told("gcloud", "storage", "cat", uri, *self._project).encode())
            except TemplateError as error:
                raise UserError(f"{uri} does not fit this version: {error}") from None
        done(f"The templates of {release} take what this version launches them with.")

    def _check_bundle(self, bundle: str) -> None:
        self._told("gcloud", "storage", "ls", f"{self._at.bucket}/{bundle}", *self._project)

    def _planned(self, tree: Path, variables: dict[str, str]) -> str:
        """What an apply would change, in words; "" for nothing. Raises UserError where it would
        take away what holds a team's work."""
        given = [f"-var={name}={value}" for name, value in variables.items()]
        self._terraform(tree, "plan", "-input=false", f"-out={self._plan(tree)}", *given)
        where = f"-chdir={tree / _TERRAFORM}"
        shown = self._told("terraform", where, "show", "-json", self._plan(tree))
        changed = [
            (one["type"], one["address"], set(one["change"]["actions"]))
            for one in json.loads(shown).get("resource_changes", [])
        ]
        lost = [at for kind, at, actions in changed if kind in _KEPT and "delete" in actions]
        if lost:
            raise UserError(f"Terraform would delete {', '.join(lost)}: nothing was applied.")
        counts = {
            word: sum(action in actions for _, _, actions in changed)
            for action, word in (("create", "made"), ("update", "changed"), ("delete", "deleted"))
        }
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count)

    def _goes_on(self, changes: str, *commands: list[str]) -> bool:
        """Shows what would change and by which commands; whether they are to be run."""
        out.print(f"Resources: {changes or 'none changed'}. To be run:")
        for command in commands:
            out.print(f"  [note]$ {escape(shlex.join(command))}[/]", soft_wrap=True)
        return not self._dry and self._agreed(changes)

    @staticmethod
    def _plan(tree: Path) -> str:
        return str(tree.resolve() / "build" / "upgrade.tfplan")

    def _apply(self, tree: Path) -> None:
        self._run(*self._applying(tree))

    def _applying(self, tree: Path) -> list[str]:
        where = f"-chdir={tree / _TERRAFORM}"
        return ["terraform", where, "apply", "-input=false", self._plan(tree)]

    def _terraform(self, tree: Path, *arguments: str) -> None:
        self._run("terraform", f"-chdir={tree / _TERRAFORM}", *arguments)

    def _backend(self) -> dict[str, str]:
        """Where the state is, as `terraform init` has noted it. Raises UserError."""
        try:
            noted = self._root / _TERRAFORM / ".terraform" / "terraform.tfstate"
            config = json.loads(noted.read_text())["backend"]["config"]
            return {name: str(config[name]) for name in ("bucket", "prefix") if config.get(name)}
        except (OSError, ValueError, KeyError):
            raise UserError("Run `terraform init` first: step 3 of docs/google-cloud.md.") from None

    def _keep_release(self, release: str) -> None:
        """For the next apply, by whomever it is run."""
        (self._root / _TERRAFORM / _RELEASE).write_text(f'release = "{release}"\n')

    def _records(self) -> list[Upgrade]:
        """Of earlier upgrades, the latest first."""
        pattern = f"{self._at.bucket}/backups/*/upgrade.json"
        try:
            listed = self._told("gcloud", "storage", "ls", pattern, *self._project).split()
        except UserError:  # gcloud fails where nothing matches
            return []
        found = []
        for uri in sorted(listed, reverse=True):
            kept = json.loads(self._told("gcloud", "storage", "cat", uri, *self._project))
            before, after = Version(**kept.pop("before")), Version(**kept.pop("after"))
            found.append(Upgrade(before=before, after=after, **kept))
        return found

    def _with_commit(self, running: Version) -> Version:
        """The version with its commit, where the upgrade that led to it noted that."""
        noted = (one.after for one in self._records())
        return next((one for one in noted if one.bundle == running.bundle), running)

    def _write(self, uri: str, content: dict[str, Any]) -> None:
        self._run("gcloud", "storage", "cp", "-", uri, *self._project, given=json.dumps(content))

    def _run(self, *command: str, given: str | None = None) -> None:
        """Shows a command, and runs it."""
        out.print(f"[note]$ {escape(shlex.join(command))}[/]", soft_wrap=True)
        self._call(command, given=given, quiet=False)

    def _told(self, *command: str) -> str:
        return self._call(command, given=None, quiet=True)

    def _call(self, command: tuple[str, ...], *, given: str | None, quiet: bool) -> str:
        """Raises UserError with the command's own words."""
        try:
            ended = subprocess.run(
                command,
                cwd=self._root,
                input=given,
                stdout=subprocess.PIPE if quiet else None,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            raise UserError(f"There is no `{command[0]}`: install it first.") from None
        if ended.returncode:
            said = [line for line in ended.stderr.splitlines() if line.strip()]
            what = shlex.join(command[:3])
            raise UserError(f"`{what} …` failed: {' '.join(said[-6:])[:600]}")
        return ended.stdout if quiet else ""
