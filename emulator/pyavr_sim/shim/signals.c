/* SPDX-License-Identifier: GPL-3.0-or-later */
/* signals.c  see signals.h.
 *
 * Packed: of each signal value, flags and the number of its listeners, then these. */
#include "signals.h"

#include <string.h>

/* As in simavr 1.6 sim_irq.c, whose functions add and remove listeners and tell nothing. */
struct avr_irq_hook_t {
    struct avr_irq_hook_t *next;
    int busy;
    avr_irq_t *chain;
    avr_irq_notify_t notify;
    void *param;
};
typedef struct avr_irq_hook_t hook;

typedef struct {
    avr_irq_t *chain; /* NULL: a function listens */
    avr_irq_notify_t notify;
    void *param;
} listener;

typedef struct {
    uint32_t value;
    uint8_t flags, listeners;
} head;

static listener listener_of(const hook *h) {
    return (listener){h->chain, h->notify, h->param};
}

static int is_same(listener a, listener b) {
    return a.chain == b.chain && a.notify == b.notify && a.param == b.param;
}

unsigned signal_listeners(const avr_irq_t *irq) {
    unsigned count = 0;
    for (const hook *h = irq->hook; h; h = h->next) {
        count++;
    }
    return count;
}

size_t signals_packed(const avr_t *avr) {
    size_t bytes = 0;
    for (int i = 0; i < avr->irq_pool.count; i++) {
        const avr_irq_t *irq = avr->irq_pool.irq[i];
        bytes += sizeof(head) + (irq ? signal_listeners(irq) * sizeof(listener) : 0);
    }
    return bytes;
}

uint8_t *signals_pack(uint8_t *to, const avr_t *avr) {
    for (int i = 0; i < avr->irq_pool.count; i++) {
        const avr_irq_t *irq = avr->irq_pool.irq[i];
        head first;
        memset(&first, 0, sizeof first); /* its padding, too */
        if (irq) {
            first.value = irq->value;
            first.flags = irq->flags;
            first.listeners = (uint8_t)signal_listeners(irq);
        }
        memcpy(to, &first, sizeof first);
        to += sizeof first;
        for (const hook *h = irq ? irq->hook : NULL; h; h = h->next, to += sizeof(listener)) {
            const listener next = listener_of(h);
            memcpy(to, &next, sizeof next);
        }
    }
    return to;
}

static listener packed_listener(const uint8_t *from, unsigned n) {
    listener out;
    memcpy(&out, from + n * sizeof out, sizeof out);
    return out;
}

static int has_listeners(const avr_irq_t *irq, const uint8_t *from, unsigned count) {
    const hook *h = irq->hook;
    unsigned n = 0;
    while (h && n < count && is_same(listener_of(h), packed_listener(from, n))) {
        h = h->next;
        n++;
    }
    return !h && n == count;
}

/* libsimavr puts a new listener in front of the others. */
static void give_listeners(avr_irq_t *irq, const uint8_t *from, unsigned count) {
    while (irq->hook) {
        const listener first = listener_of(irq->hook);
        if (first.chain) {
            avr_unconnect_irq(irq, first.chain);
        } else {
            avr_irq_unregister_notify(irq, first.notify, first.param);
        }
    }
    while (count--) {
        const listener last = packed_listener(from, count);
        if (last.chain) {
            avr_connect_irq(irq, last.chain);
        } else {
            avr_irq_register_notify(irq, last.notify, last.param);
        }
    }
}

const uint8_t *signals_unpack(const uint8_t *from, int count, const avr_t *avr) {
    for (int i = 0; i < count; i++) {
        head first;
        memcpy(&first, from, sizeof first);
        from += sizeof first;
        avr_irq_t *irq = avr->irq_pool.irq[i];
        if (irq) {
            irq->value = first.value;
            irq->flags = first.flags;
            if (!has_listeners(irq, from, first.listeners)) {
                give_listeners(irq, from, first.listeners);
            }
        }
        from += first.listeners * sizeof(listener);
    }
    return from;
}
