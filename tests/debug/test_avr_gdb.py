# SPDX-License-Identifier: GPL-3.0-or-later
"""The real avr-gdb, in batch mode, on `pyavr-sim debug`."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

SOURCE = (Path(__file__).parent / "firmware" / "stations.c").read_text().splitlines()


def line_of(text: str) -> int:
    """Number of the first line of stations.c that holds a text."""
    return next(n for n, line in enumerate(SOURCE, 1) if text in line)


def printed(output: str) -> list[str]:
    """What `print` said, in order."""
    return re.findall(r"^\$\d+ = (.*)$", output, re.MULTILINE)


def test_it_breaks_at_functions_and_lines_and_knows_who_called(serve, stations):
    line = line_of("here.x = inner")
    done = serve(stations).gdb(
        "break twice", f"break stations.c:{line}", "continue", "backtrace", "continue", "delete",
        "tbreak around", "continue", "info breakpoints",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert re.search(r"Breakpoint 1, twice \(n=0\)", done.stdout)
    assert re.search(r"#0 +twice .*\n#1 .* in around .*\n#2 .* in main ", done.stdout)
    assert re.search(rf"Breakpoint 2, around .*stations\.c:{line}\n", done.stdout)
    assert re.search(r"Temporary breakpoint 3, around \(n=1\)", done.stdout)
    assert "No breakpoints" in done.stdout


def test_it_steps_into_over_and_out(serve, stations):
    done = serve(stations).gdb("break around", "continue", "step", "finish", "next", "stepi")

    assert done.returncode == 0, done.stdout
    assert re.search(r"^twice \(n=0\) at ", done.stdout, re.MULTILINE)
    assert "Value returned is $1 = 0" in done.stdout


def test_steps_pass_an_interrupt_by(serve, stations):
    """The timer overflows every 256 cycles: hundreds of steps meet it, and none ends in it."""
    done = serve(stations).gdb(
        "break around", "continue", "delete", "stepi 600", "print ticks", "info symbol $pc"
    )

    assert done.returncode == 0, done.stdout
    assert int(printed(done.stdout)[0].split()[0]) > 3
    assert "__vector" not in done.stdout.split("Breakpoint 1,")[1]


def test_it_prints_and_sets_variables_and_structs(serve, stations):
    done = serve(stations).gdb(
        "break twice if steps == 3", "continue", "print steps", "print here", "ptype here",
        "set var here.y = -1234", "set var first = 200", "print here.y", "print first",
        "print $SP", "set $r20 = 77", "print $r20", "set $SREG = 0x81", "print $SREG",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    steps, here, y, first, sp, r20, sreg = printed(done.stdout)
    assert steps == "3"
    assert here == r'{x = 4, y = 5, tag = "\000\000\003"}'
    assert y == "-1234"
    assert first.startswith("200")
    assert sp.endswith("0x8008f9")
    assert (r20, sreg) == ("77", "129")
    assert "int16_t x;" in done.stdout


def test_it_watches_the_first_byte_of_sram(serve, stations):
    done = serve(stations).gdb(
        "watch *(char*)0x800100", "continue", "continue", "continue", "print (int)first", "delete",
        "rwatch ticks", "continue", "delete", "awatch steps", "continue", "continue",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    changes = re.findall(r"Old value = (\d+).*\nNew value = (\d+)", done.stdout)
    assert changes == [("7", "1"), ("1", "17")]  # and before, from what it held at power-up
    assert printed(done.stdout) == ["17"]
    assert re.search(r"read watchpoint 2: ticks\n\nValue = \d+", done.stdout)
    assert done.stdout.count("Hardware access (read/write) watchpoint 3: steps") == 3


def test_it_goes_back_to_a_watched_write_and_out_of_a_function(serve, stations):
    done = serve(stations).gdb(
        "break twice if steps == 20", "continue", "delete", "print first",
        "watch first", "reverse-continue", "print first", "reverse-continue", "print steps",
        "delete", "break twice", "continue", "reverse-finish", "info symbol $pc",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    changes = re.findall(r"Old value = (\d+).*\nNew value = (\d+)", done.stdout)
    assert changes == [("17", "1"), ("1", "7")]
    assert [p.split()[0] for p in printed(done.stdout)] == ["17", "1", "1"]
    assert re.search(r"^around( \+ \d+)? in section .text", done.stdout, re.MULTILINE)


def test_a_step_back_undoes_a_step(serve, stations):
    done = serve(stations).gdb(
        "break twice if steps == 5", "continue", "delete", "print $pc", "stepi", "stepi",
        "print $pc", "reverse-stepi", "reverse-stepi", "print $pc", "print steps",
        "reverse-step", "reverse-next", "print steps",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    before, between, after, steps, _ = printed(done.stdout)
    assert before == after != between
    assert steps == "5"


def test_the_past_has_a_begin(serve, stations):
    done = serve(stations).gdb("break twice", "continue", "delete", "reverse-continue", "print $pc")

    assert done.returncode == 0, done.stdout
    assert "No more reverse-execution history" in done.stdout
    assert "(void (*)()) 0x0" in printed(done.stdout)[0]


def test_monitor_tells_what_gdb_has_no_word_for(serve, stations):
    done = serve(stations).gdb(
        "break twice", "continue", "monitor cycles", "monitor high-water", "monitor findings",
        "monitor history", "monitor help", "monitor nonsense", "monitor reset",
        "maintenance flush register-cache", "print $pc",
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d+ cycles, 0\.\d+ ms at 16 MHz$", done.stdout, re.MULTILINE)
    assert re.search(r"SRAM \d+ B \(\d+ static, \d+ stack\); the chip has 2,048 B", done.stdout)
    assert "nothing found" in done.stdout
    assert "back to cycle 0:" in done.stdout
    assert "there is no monitor command 'nonsense'" in done.stdout
    assert "(void (*)()) 0x0" in printed(done.stdout)[-1]


def test_load_programs_flash(serve, stations, tmp_path):
    """The server starts with another image; after `load` it runs the one that gdb knows."""
    source, other = tmp_path / "idle.c", tmp_path / "idle.elf"
    source.write_text("int main(void) { for (;;); }\n")
    command = ["avr-gcc", "-mmcu=atmega328p", "-Os", "-o", str(other), str(source)]
    subprocess.run(command, check=True)
    server = serve(other)
    server.place["firmware"] = str(stations)

    done = server.gdb("load", "monitor reset", "compare-sections .text", "break twice", "continue")

    assert done.returncode == 0, done.stdout
    assert "Transfer rate" in done.stdout
    assert "matched" in done.stdout
    assert "Breakpoint 1, twice (n=0)" in done.stdout


def test_detach_lets_gdb_and_the_server_end_well(serve, stations):
    server = serve(stations, "--once")

    done = server.gdb("break twice", "continue", "detach")

    assert done.returncode == 0, done.stdout
    assert "detached" in done.stdout
    assert server.ended()[0] == 0


def test_after_detach_the_chip_goes_on_without_breakpoints(serve, stations):
    server = serve(stations)
    first = server.gdb("break twice", "continue", "print steps", "detach")
    second = server.gdb("print steps", "info breakpoints", "kill")

    assert first.returncode == second.returncode == 0
    assert int(printed(second.stdout)[0]) > int(printed(first.stdout)[0]) == 0
    code, uart, _ = server.ended()
    assert code == 0
    assert set(uart) == {"r"}


def test_ctrl_c_stops_a_running_chip(serve, stations):
    server = serve(stations)
    command = ["avr-gdb", "-nx", "-q", str(stations)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, text=True, **pipes) as gdb:
        assert gdb.stdin
        assert gdb.stdout
        gdb.stdin.write(f"set confirm off\ntarget remote 127.0.0.1:{server.port}\ncontinue\n")
        gdb.stdin.flush()
        for line in gdb.stdout:
            if "Continuing" in line:
                break
        time.sleep(0.3)  # gdb takes a SIGINT only when it waits for the target
        gdb.send_signal(signal.SIGINT)
        said, _ = gdb.communicate("print steps > 0\nkill\nquit\n", timeout=60)

    assert "Program received signal SIGINT" in said
    assert printed(said.replace("(gdb) ", "")) == ["1"]
    assert server.ended()[0] == 0
