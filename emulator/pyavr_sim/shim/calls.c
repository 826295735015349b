/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calls.c  the shadow call stack, and its copy from the moment when SP was lowest.
 *
 * A frame is pushed by a CALL or an interrupt and left by whatever lifts SP above its return
 * address: RET and RETI at once, longjmp and a switch of stacks at the next call or return. So it
 * needs no matching pairs. A tail call's target runs in the frame of the function that jumped. */
#include "engine.h"

#include <string.h>

void calls_forget(sim *s) {
    s->frames[0].sp = UINT16_MAX; /* which no SP is above */
    s->frame = s->frames;
    if (s->recording) {
        recording_left(s, s->avr->cycle, stack_pointer(s->avr));
    }
}

static uint32_t copy(const sim *s, sim_frame *out) {
    const size_t count = (size_t)(s->frame - s->frames);
    memcpy(out, s->frames + 1, count * sizeof *out);
    return (uint32_t)count;
}

void calls_capture(sim *s) {
    if (s->tracked) {
        s->deepest_count = copy(s, s->deepest);
        s->deepest_pc = s->avr->pc;
        s->deepest_cycle = s->avr->cycle;
    }
}

/* While SPH and SPL are half written there is no stack pointer to begin with. */
void sim_stack_window(sim *s) {
    s->sp_window = s->sp_halves ? UINT16_MAX : stack_pointer(s->avr);
    s->sp_checked = s->sp_window;
}

uint32_t sim_stack_window_lowest(const sim *s) {
    return s->sp_window;
}

uint32_t sim_calls(const sim *s, sim_frame *out) {
    const uint16_t sp = stack_pointer(s->avr);
    uint32_t count = copy(s, out);
    while (count && out[count - 1].sp < sp) {
        count--;
    }
    return count;
}

uint32_t sim_calls_deepest(const sim *s, sim_frame *out, uint32_t *pc, uint64_t *cycle) {
    memcpy(out, s->deepest, s->deepest_count * sizeof *out);
    *pc = s->deepest_pc;
    *cycle = s->deepest_cycle;
    return s->deepest_count;
}
