/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls `classify` for many samples, on the host. SAMPLE_TYPE, SAMPLE_WIDTH: as for one. */
void classify_all(const SAMPLE_TYPE *samples, unsigned count, uint8_t *answers);

void classify_all(const SAMPLE_TYPE *samples, unsigned count, uint8_t *answers) {
    for (unsigned i = 0; i < count; i++) {
        answers[i] = classify(samples + (unsigned long)i * SAMPLE_WIDTH);
    }
}
