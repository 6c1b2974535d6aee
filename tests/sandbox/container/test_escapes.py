"""What programs in a container try against the host fails, with the means of a shell; limits and floods, processes
that stay behind and the network are among the tests of conformance.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agentbench_sdk.errors import SandboxFileError
from agentbench_sdk.sandbox import Sandbox, SandboxSpec
from tests.sandbox.conformance.conftest import make_provider
from tests.sandbox.conftest import TIGHT, names_in


@pytest.fixture(params=["docker", "podman"])
async def sandbox(
    request: pytest.FixtureRequest, busybox: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Sandbox]:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-the-host")
    provider = await make_provider(request.param, busybox)
    async with await provider.create(SandboxSpec(limits=TIGHT)) as made:
        yield made
    await provider.close()


async def test_files_and_variables_of_the_host_are_not_there(sandbox: Sandbox, outside: Path) -> None:
    paths = " ".join([str(outside), str(outside / "secret"), str(Path(__file__)), "/root/.ssh", "/boot"])
    script = f"""
for path in {paths}; do
  for root in "" /proc/1/root /proc/self/root; do cat $root$path 2>/dev/null; ls -A $root$path 2>/dev/null; done
done
env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null
echo written > {outside}/new; mkdir -p {outside}; echo written > {outside}/secret
"""
    result = await sandbox.exec(script)
    assert "the host's secret" not in result.stdout.text
    assert "secret-of-the-host" not in result.stdout.text
    assert (outside / "secret").read_text() == "the host's secret"
    assert names_in(outside) == ["secret"]


async def test_links_lead_nowhere_on_the_host(sandbox: Sandbox, outside: Path) -> None:
    await sandbox.exec(f"ln -s {outside / 'secret'} link; ln -s {outside} folder; ln -s / root")
    for path in ("link", "folder/secret", f"root{outside}/secret", f"../../..{outside}/secret"):
        with pytest.raises(SandboxFileError):
            await sandbox.read(path)
    async with await sandbox.fork() as copy:
        assert (await copy.exec("cat link folder/secret")).stdout.text == ""
    assert names_in(outside) == ["secret"]


async def test_processes_of_the_host_cannot_be_signalled(sandbox: Sandbox) -> None:
    sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleep) as victim:  # noqa: ASYNC220 - it is looked at, not waited for
        result = await sandbox.exec(f"kill -9 {victim.pid} {os.getpid()} {os.getppid()} && echo SENT")
        assert victim.poll() is None
        victim.kill()
    assert "SENT" not in result.stdout.text


async def test_no_mount_no_device_nothing_of_the_kernels(sandbox: Sandbox) -> None:
    """Podman's own filter of system calls lets programs make user namespaces; what they reach stays inside."""
    result = await sandbox.exec(
        "unshare -m true && echo MOUNTS; nsenter -t 1 -m true && echo ENTERED; "
        "mount -o bind / /tmp && echo MOUNTED; mknod disk b 8 0 && echo DEVICE; chroot / true && echo CHROOT; "
        "echo 1 > /proc/sysrq-trigger && echo SYSRQ; cat /dev/mem /proc/kcore 2>/dev/null | head -c 1; true"
    )
    assert result.stdout.text == ""
