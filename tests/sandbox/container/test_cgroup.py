"""Control groups of both versions are read, and only a container's own."""

from pathlib import Path

from agentbench_sdk.sandbox.container.cgroup import ControlGroup

ID = "c0ffee"


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_version_2(tmp_path: Path) -> None:
    folder = f"system.slice/docker-{ID}.scope"
    write(
        tmp_path,
        {
            "proc/7/cgroup": f"0::/{folder}\n",
            f"fs/{folder}/memory.max": "1000\n",
            f"fs/{folder}/memory.stat": "anon 300\nfile 5000\nshmem 20\n",
            f"fs/{folder}/memory.events": "oom 3\noom_kill 2\n",
            f"fs/{folder}/cpu.stat": "usage_usec 1500000\nuser_usec 1\n",
            f"fs/{folder}/pids.current": "4\n",
        },
    )
    group = ControlGroup.of(7, ID, proc=tmp_path / "proc", root=tmp_path / "fs")
    assert group is not None
    assert (group.memory_limit(), group.memory_bytes(), group.out_of_memory()) == (1000, 320, 2)
    assert (group.cpu_seconds(), group.processes()) == (1.5, 4)


def test_a_group_within_the_containers(tmp_path: Path) -> None:
    """crun makes one, and systemd sets the limits of the outer one; or the other way round."""
    folder = f"user.slice/libpod-{ID}.scope"
    for limited in (folder, f"{folder}/container"):
        write(
            tmp_path,
            {
                "proc/7/cgroup": f"0::/{folder}/container\n",
                f"fs/{folder}/memory.max": "max\n",
                f"fs/{folder}/container/memory.max": "max\n",
                f"fs/{folder}/pids.current": "4\n",
                f"fs/{limited}/memory.max": "1000\n",
            },
        )
        group = ControlGroup.of(7, ID, proc=tmp_path / "proc", root=tmp_path / "fs")
        assert group is not None
        assert (group.memory_limit(), group.processes()) == (1000, 4)


def test_version_1(tmp_path: Path) -> None:
    folder = f"libpod_parent/libpod-{ID}"
    write(
        tmp_path,
        {
            "proc/7/cgroup": f"9:name=systemd:/{folder}\n4:memory:/{folder}\n2:cpu,cpuacct:/{folder}\n1:pids:/{folder}\n",
            f"fs/memory/{folder}/memory.limit_in_bytes": "1000\n",
            f"fs/memory/{folder}/memory.stat": "cache 9\nrss 1\ntotal_rss 300\ntotal_shmem 20\n",
            f"fs/memory/{folder}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            f"fs/cpuacct/{folder}/cpuacct.usage": "1500000000\n",
            f"fs/pids/{folder}/pids.current": "4\n",
        },
    )
    group = ControlGroup.of(7, ID, proc=tmp_path / "proc", root=tmp_path / "fs")
    assert group is not None
    assert (group.memory_limit(), group.memory_bytes(), group.out_of_memory()) == (1000, 320, 2)
    assert (group.cpu_seconds(), group.processes()) == (1.5, 4)


def test_a_group_that_is_shared_or_has_no_limit_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"proc/7/cgroup": "0::/user.slice\n", "fs/user.slice/memory.max": "1000\n"})
    assert ControlGroup.of(7, ID, proc=tmp_path / "proc", root=tmp_path / "fs") is None
    write(tmp_path, {"proc/7/cgroup": f"0::/{ID}\n", f"fs/{ID}/memory.max": "max\n"})
    assert ControlGroup.of(7, ID, proc=tmp_path / "proc", root=tmp_path / "fs") is None
    assert ControlGroup.of(8, ID, proc=tmp_path / "proc", root=tmp_path / "fs") is None
