/* SPDX-License-Identifier: GPL-3.0-or-later */
/* call_tree.c  cycles by path of calls: a node for every chain of call sites and callees.
 *
 * Nodes follow the shadow call stack. Whenever it changes, the cycles since the last change are
 * given to the node that was innermost. A CALL belongs to the caller, a RET to the callee, an
 * interrupt's response to the interrupt, whose call site is left out, since it may be any. When the
 * table is full or a path too long, a call shares its caller's node. */
#include "recording.h"

void call_tree_charge(recording *r, uint64_t cycle) {
    r->nodes[r->node].cycles += cycle - r->since;
    r->since = cycle;
}

static uint32_t hash(uint32_t parent, uint32_t site, uint32_t callee) {
    const uint64_t key = (uint64_t)parent << 32 | site << 16 | callee;
    return (uint32_t)(key * 0x9E3779B97F4A7C15u >> 40) % CALL_SLOTS;
}

/* The node of a call from `parent`, made if need be. */
static uint32_t child_of(recording *r, uint32_t parent, const sim_frame *frame) {
    const uint16_t site = frame->is_interrupt ? UINT16_MAX : frame->site;
    uint32_t slot = hash(parent, site, frame->callee);
    for (; r->slots[slot]; slot = (slot + 1) % CALL_SLOTS) {
        const sim_call_node *n = &r->nodes[r->slots[slot]];
        if (n->parent == parent && n->site == site && n->callee == frame->callee &&
            n->is_interrupt == frame->is_interrupt) {
            return r->slots[slot];
        }
    }
    if (r->nodes_count == SIM_CALL_NODES_MAX) {
        return parent;
    }
    r->nodes[r->nodes_count] = (sim_call_node){.parent = parent,
                                               .site = site,
                                               .callee = frame->callee,
                                               .is_interrupt = frame->is_interrupt};
    return r->slots[slot] = r->nodes_count++;
}

/* Place the innermost frame; returns whether it has a node of its own. */
static int place(sim *s, size_t depth) {
    recording *r = s->recording;
    const uint32_t parent = r->node;
    if (depth <= CALL_PATH_MAX) {
        r->node = child_of(r, parent, &s->frames[depth]);
    }
    r->node_of[depth] = r->node;
    return r->node != parent;
}

void recording_resumed(sim *s) {
    recording *r = s->recording;
    r->node = r->node_of[0] = 0;
    r->since = s->avr->cycle;
    for (size_t depth = 1; depth <= (size_t)(s->frame - s->frames); depth++) {
        place(s, depth);
    }
}

void recording_entered(sim *s, uint64_t cycle) {
    recording *r = s->recording;
    const sim_frame *frame = s->frame;
    call_tree_charge(r, cycle);
    if (place(s, (size_t)(frame - s->frames))) {
        r->nodes[r->node].calls++;
    } else {
        r->merged++;
    }
    note_change(&r->flow,
                (sim_change){.cycle = cycle,
                             .subject = frame->callee,
                             .value = frame->sp,
                             .kind = frame->is_interrupt ? SIM_CHANGE_INTERRUPT : SIM_CHANGE_CALL});
}

void recording_left(sim *s, uint64_t cycle, uint16_t sp) {
    recording *r = s->recording;
    const uint32_t open = (uint32_t)(s->frame - s->frames);
    call_tree_charge(r, cycle);
    r->node = r->node_of[open];
    note_change(
        &r->flow,
        (sim_change){.cycle = cycle, .subject = open, .value = sp, .kind = SIM_CHANGE_RETURN});
}
