/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Classifies one image with weights from flash and halts; no wire. The host writes `sample` after
 * reset and before the run, and reads `score` and `prediction` at the end. */
#include "apps/codec_digits_net.h"
#include "chip/halt.h"

int main(void) {
    codec_digits_infer();
    chip_halt();
}
