/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The prior's logits after a text's symbols, for a test with another opinion of them. */
#include "charlm/prior.h"

/* symbol (count,) -> logit (NODES,). */
void prior_logits(const uint8_t *symbol, uint32_t count, int16_t *logit) {
    history past;
    prior seen;
    history_start(&past);
    for (uint32_t i = 0; i < count; i++) {
        history_push(&past, symbol[i]);
    }
    prior_look(&seen, &past);
    for (uint8_t node = 0; node < NODES; node++) {
        logit[node] = prior_logit(&seen, node);
    }
}
