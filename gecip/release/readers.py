"""Who may open which release: the user's role against where the release comes from."""

from __future__ import annotations

from gecip.configuration import policy_document
from gecip.errors import AccessError, ConfigurationError
from gecip.governance.access import Use, problem_of_role, uses_by_origin
from gecip.governance.policy import parse_policy
from gecip.release.layout import Manifest


def require_open(manifest: Manifest, role: str) -> None:
    """Refuse a release that is closed to somebody of this role.

    Raises
    ------
    ConfigurationError
        When there is no such role.
    AccessError
        When the release is closed to it.
    """
    policy = parse_policy(policy_document())
    problem = problem_of_role(role, policy)
    if problem:
        raise ConfigurationError(problem)
    if Use.ROWS in uses_by_origin(manifest.origin, role=role, policy=policy):
        return
    raise AccessError(
        f"The release {manifest.name} is not open to a {role}, who works on synthetic releases and on data of their own: "
        f"{policy.access['trainees'].remedy}."
    )
