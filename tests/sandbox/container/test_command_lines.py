"""What is asked of an engine: nothing of the isolation is ever left out."""

import io
import itertools
import tarfile

import pytest

from agentbench_sdk.sandbox import Limits
from agentbench_sdk.sandbox.container import Docker, Podman
from agentbench_sdk.sandbox.container.command import Owner, exec_line, folder_archive, run_line, with_parents

LIMITS = Limits(memory_bytes=100 << 20, processes=50)


def line(limits: Limits = LIMITS, **options: object) -> list[str]:
    given = {"owner": Owner("lease", "place"), "env": {"A": "b c"}, **options}
    return run_line("sha256:1", limits=limits, **given)  # type: ignore[arg-type]


def pairs(argv: list[str]) -> set[tuple[str, str]]:
    return set(itertools.pairwise(argv))


def test_a_container_is_isolated_limited_and_labelled() -> None:
    assert pairs(line()) >= {
        ("--network", "none"),
        ("--cap-drop", "ALL"),
        ("--security-opt", "no-new-privileges"),
        ("--memory", str(100 << 20)),
        ("--memory-swap", str(100 << 20)),
        ("--pids-limit", "53"),
        ("--label", "agentbench.lease=lease"),
        ("--label", "agentbench.place=place"),
        ("--env", "A=b c"),
        ("--env", "TZ=UTC"),
    }
    assert {"--rm", "--detach", "--no-healthcheck"} <= set(line())
    assert not {"--privileged", "--volume", "--mount", "--cap-add", "--device"} & set(line())


def test_a_network_is_there_only_when_it_is_allowed() -> None:
    assert "--network" not in line(Limits(network=True))
    assert "--network" in line(Limits(network=False))


def test_an_engine_has_room_to_start_a_command() -> None:
    """It needs some threads inside for a moment, however few processes the command may have."""
    assert ("--pids-limit", "32") in pairs(line(Limits(processes=1)))


def test_the_image_comes_after_all_options_and_before_the_first_process() -> None:
    argv = line(flags=("--own", "flag"))
    place = argv.index("sha256:1")
    assert argv[place - 2 : place] == ["--entrypoint", "/bin/sh"]
    assert argv[place + 1] == "-c"
    assert argv.index("--own") < place


def test_a_command_is_passed_on_behind_the_container() -> None:
    argv = exec_line("c1", ["sh", "-c", "--rm"], env={"B": "1=2"})
    assert argv == ["exec", "--interactive", "--env", "B=1=2", "c1", "sh", "-c", "--rm"]


def test_podman_does_not_bring_the_hosts_proxies() -> None:
    assert "--http-proxy=false" in Podman()._flags
    assert Docker()._flags == ()


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["/work"], ["/work"]),
        (["/a/b/c", "/a/d"], ["/a", "/a/b", "/a/b/c", "/a/d"]),
        (["/"], []),
    ],
)
def test_folders_come_with_those_above_them(folders: list[str], expected: list[str]) -> None:
    assert with_parents(folders) == expected


def test_missing_folders_belong_to_whoever_commands_run_as() -> None:
    with tarfile.open(fileobj=io.BytesIO(folder_archive(["/tmp", "/ü"], 1000, 7))) as archive:
        found = [(each.name, each.isdir(), each.mode, each.uid, each.gid) for each in archive]
    assert found == [("tmp", True, 0o1777, 1000, 7), ("ü", True, 0o755, 1000, 7)]
