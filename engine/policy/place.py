"""One image's place as far as a policy and a path tell: its role and concept, without looking at a dataset."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from tagmetry.errors import UsageError
from tagmetry.inference import concept_name_of, role_of
from tagmetry.layout import FolderReading
from tagmetry.messages import Message, message
from tagmetry.policy.match import Match
from tagmetry.policy.model import Policy, RulePatch
from tagmetry.rule import Rule
from tagmetry.trainers import kohya


@dataclass(frozen=True, slots=True)
class Place:
    """A path relative to the dataset's folder, with the role and the concept that an image there has."""

    path: str
    role: str
    concept: str

    def meets(self, match: Match) -> bool:
        return match.meets(path=self.path, concept=self.concept, role=self.role)

    def told(self) -> Message:
        return message("{path} (role {role}, concept {concept})", path=self.path, role=self.role, concept=self.concept)


def place_of(path: str, policy: Policy) -> Place:
    """The place of a path as the profile and the names of its folders tell it.

    Raises UsageError for a path that is not relative to the dataset.
    """
    forward = path.replace("\\", "/").removeprefix("./")
    parts = PurePosixPath(forward).parts
    if not parts or forward.startswith("/") or forward[1:2] == ":" or ".." in parts:
        raise UsageError(
            message("--at {path} is not relative to the dataset's folder", path=path),
            message("for example --at train/hats/001.png"),
        )
    forward = "/".join(parts)
    name = parts[-2] if len(parts) > 1 else ""
    named = kohya.parse_folder_name(name)
    folder = FolderReading(path="/".join(parts[:-1]) or ".", concept=(named.class_tokens if named else "") or name)
    profile = policy.profile()
    role = role_of(forward, folder, profile.roles)
    return Place(forward, role, concept_name_of(forward, folder, profile.concepts if role == "train" else ()))


def deciding(policy: Policy, rule: Rule, place: Place) -> tuple[RulePatch, ...]:
    """What the policy says of a rule for a place, in the order in which it is applied; the last one wins."""
    speaking = (patch for patch in policy.patches(rule) if patch.says_something)
    return tuple(patch for patch in speaking if patch.match is None or place.meets(patch.match))
