"""`postkorb demo` as it is typed."""

from __future__ import annotations

import socket

from click.testing import CliRunner

from postkorb.__main__ import main


def test_it_fills_a_folder_and_a_second_run_keeps_it(tmp_path, free_port):
    typed = ["demo", "--folder", str(tmp_path / "demo"), "--port", str(free_port), "--no-serve"]
    first = CliRunner().invoke(main, typed, catch_exceptions=False)
    made = (tmp_path / "demo/config.toml").stat().st_mtime_ns
    second = CliRunner().invoke(main, typed, catch_exceptions=False)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert second.output.startswith(f"Filled {tmp_path / 'demo'}")
    assert (tmp_path / "demo/config.toml").stat().st_mtime_ns == made


def test_a_port_that_is_taken_is_told_before_anything_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        typed = ["demo", "--folder", str(tmp_path / "demo"), "--port", port]
        result = CliRunner().invoke(main, typed)
    assert result.exit_code == 1
    assert f"port {port} is taken; choose another with --port" in result.output
    assert not (tmp_path / "demo").exists()
