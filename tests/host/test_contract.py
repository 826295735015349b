# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract is read from the headers, and a header that is none is refused."""

from __future__ import annotations

import subprocess

import pytest

from kilolearn import contract, firmware
from kilolearn.errors import ContractError


def test_every_struct_has_the_size_and_offsets_that_a_c_compiler_gives_it(tmp_path):
    """gcc is the oracle; it honours the headers' own #pragma pack."""
    ours = firmware.contract()
    lines = []
    for name, layout in ours.structs.items():
        lines.append(f"_Static_assert(sizeof({name}) == {layout.itemsize}, {name!r});")
        for member in layout.names:
            offset = layout.fields[member][1]
            lines.append(f"_Static_assert(offsetof({name}, {member}) == {offset}, {member!r});")
    headers = sorted((firmware.avr_folder() / "contract").glob("*.h"))
    source = tmp_path / "layout.c"
    source.write_text(
        "#include <stddef.h>\n"
        + "".join(f'#include "{header}"\n' for header in headers)
        + "\n".join(lines).replace("'", '"')
    )
    subprocess.run(["gcc", "-std=c11", "-fsyntax-only", str(source)], check=True)
    assert len(lines) > 15


def test_every_constant_has_the_value_that_the_preprocessor_gives_it(tmp_path):
    ours = firmware.contract()
    source = tmp_path / "constants.c"
    headers = sorted((firmware.avr_folder() / "contract").glob("*.h"))
    source.write_text(
        "".join(f'#include "{header}"\n' for header in headers)
        + "\n".join(f'_Static_assert({k} == {v}, "{k}");' for k, v in ours.constants.items())
    )
    subprocess.run(["gcc", "-std=c11", "-fsyntax-only", str(source)], check=True)
    assert ours.constant("COMMAND_TRAIN") == 4


def written(folder, text):
    (folder / "frame.h").write_text(text)
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "typedef struct { int size; } thing;",
        "typedef struct { uint8_t *body; } thing;",
        "typedef struct { float rate; } thing;",
        "static inline int twice(int a) { return 2 * a; }",
    ],
    ids=["int", "pointer", "float", "code"],
)
def test_what_has_no_fixed_layout_is_no_contract(tmp_path, text):
    with pytest.raises(ContractError):
        contract.load(written(tmp_path, text))


def test_a_folder_without_headers_is_refused(tmp_path):
    with pytest.raises(ContractError, match="no headers"):
        contract.load(tmp_path)


def test_a_name_that_is_not_there_is_refused(tmp_path):
    empty = contract.load(written(tmp_path, "#define ONE 1\n"))
    assert empty.constant("ONE") == 1
    with pytest.raises(ContractError, match="COMMAND_HELLO"):
        empty.constant("COMMAND_HELLO")
    with pytest.raises(ContractError, match="frame_header"):
        empty.struct("frame_header")


def test_a_value_that_does_not_fit_its_member_is_refused():
    ours = firmware.contract()
    assert ours.pack("read_request", 0x0201, 3) == b"\x01\x02\x03"
    for values in ((65536, 1), (-1, 1), (0, 256)):
        with pytest.raises(ValueError, match="expected 0"):
            ours.pack("read_request", *values)
