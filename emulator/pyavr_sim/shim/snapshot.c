/* SPDX-License-Identifier: GPL-3.0-or-later */
/* snapshot.c  copies of all that a run changes, and the way back.
 *
 * A snapshot is one block: signals, functions, bytes on their way, then every area packed. Flash is
 * shared between snapshots as long as it is the same.
 *
 * libsimavr's pointers, callbacks and hooks are structure, not state: they stay as they are, so a
 * snapshot fits the sim that it was taken of and no other. */
#include "engine.h"
#include "packing.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_flash.h>
#include <simavr/avr_usb.h>

enum {
    AREAS_MAX = 40,
    PLAIN = offsetof(sim, frame), /* where the plain values of a sim begin */
};

struct flash_image {
    atomic_uint holders;
    uint8_t bytes[];
};

typedef struct {
    size_t to_chip, from_chip;
    uint8_t written, control_c, divisor_high;
} ring_counts;

struct sim_snapshot {
    uint64_t serial; /* of the sim */
    flash_image *flash;
    size_t flash_bytes;
    int signals, functions;
    ring_counts rings[SIM_UARTS_MAX];
    size_t packed_bytes;
    uint8_t packed[]; /* signals, functions, rings, areas */
};

void flash_image_release(flash_image *image) {
    if (image && atomic_fetch_sub(&image->holders, 1) == 1) {
        free(image);
    }
}

/* Flash as it is now; the caller holds it. */
static flash_image *flash_image_now(sim *s) {
    const size_t bytes = s->avr->flashend + 1u;
    if (!s->image || memcmp(s->image->bytes, s->avr->flash, bytes) != 0) {
        flash_image *image = malloc(sizeof *image + bytes);
        if (!image) {
            return NULL;
        }
        atomic_init(&image->holders, 1);
        memcpy(image->bytes, s->avr->flash, bytes);
        flash_image_release(s->image);
        s->image = image;
    }
    atomic_fetch_add(&s->image->holders, 1);
    return s->image;
}

/* What lies outside libsimavr's block and the data space, by module. */
static unsigned module_areas(const sim *s, area *out, unsigned n) {
    for (avr_io_t *io = s->avr->io_port; io && n + 2 <= AREAS_MAX; io = io->next) {
        if (strcmp(io->kind, "flash") == 0) {
            avr_flash_t *flash = (avr_flash_t *)io;
            out[n++] = (area){flash->tmppage, malloc_usable_size(flash->tmppage)};
            out[n++] = (area){flash->tmppage_used, malloc_usable_size(flash->tmppage_used)};
        } else if (strcmp(io->kind, "usb") == 0) {
            avr_usb_t *usb = (avr_usb_t *)io;
            out[n++] = (area){usb->state, malloc_usable_size(usb->state)};
        }
    }
    return n;
}

/* Every area that a run changes, in an order that is the same each time for one sim. */
static unsigned areas_of(sim *s, area out[AREAS_MAX]) {
    const size_t data = s->ram_end + 1u;
    unsigned n = 0;
    out[n++] = (area){(uint8_t *)s + PLAIN, sizeof *s - PLAIN};
    out[n++] = (area){s->avr, malloc_usable_size(s->avr)};
    out[n++] = (area){s->avr->data, data};
    out[n++] = (area){s->touched, data};
    out[n++] = (area){s->last_access, data * sizeof *s->last_access};
    out[n++] = (area){s->taken, s->words * sizeof *s->taken};
    out[n++] = (area){s->entered, s->words * sizeof *s->entered};
    out[n++] = (area){s->hits, s->words * sizeof *s->hits};
    out[n++] = (area){s->hit_cycles, s->words * sizeof *s->hit_cycles};
    out[n++] = (area){s->first_write, data * sizeof *s->first_write};
    out[n++] = (area){s->last_writer, data * sizeof *s->last_writer};
    out[n++] = (area){s->findings, SIM_FINDINGS_MAX * sizeof *s->findings};
    out[n++] = (area){s->findings_index, 2 * SIM_FINDINGS_MAX * sizeof *s->findings_index};
    out[n++] = (area){s->deepest, SIM_FRAMES_MAX * sizeof *s->deepest};
    out[n++] = (area){s->frames, (SIM_FRAMES_MAX + 1) * sizeof *s->frames};
    if (s->eeprom) {
        out[n++] = (area){s->eeprom, s->avr->e2end + 1u};
    }
    return module_areas(s, out, n);
}

enum { SIGNAL_BYTES = 5 }; /* value, flags */

static size_t fixed_bytes(const sim *s) {
    size_t bytes = (size_t)s->avr->irq_pool.count * SIGNAL_BYTES + sizeof s->functions;
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        bytes += s->uarts[u].to_chip.count + s->uarts[u].from_chip.count;
    }
    return bytes;
}

static uint8_t *pack_signals(uint8_t *to, const sim *s) {
    for (int i = 0; i < s->avr->irq_pool.count; i++, to += SIGNAL_BYTES) {
        const avr_irq_t *irq = s->avr->irq_pool.irq[i];
        const uint32_t value = irq ? irq->value : 0;
        memcpy(to, &value, sizeof value);
        to[4] = irq ? irq->flags : 0;
    }
    return to;
}

static const uint8_t *unpack_signals(const uint8_t *from, const sim *s, int signals) {
    for (int i = 0; i < signals; i++, from += SIGNAL_BYTES) {
        avr_irq_t *irq = s->avr->irq_pool.irq[i];
        if (irq) {
            memcpy(&irq->value, from, 4);
            irq->flags = from[4];
        }
    }
    return from;
}

sim_snapshot *sim_snapshot_take(sim *s) {
    area areas[AREAS_MAX];
    const unsigned n = areas_of(s, areas);
    const size_t fixed = fixed_bytes(s);
    if (!s->scratch) {
        s->scratch = malloc(most_packed(areas, n));
    }
    if (!s->scratch) {
        return NULL;
    }
    uint8_t *end = s->scratch;
    for (unsigned i = 0; i < n; i++) {
        end = pack(end, areas[i]);
    }
    const size_t packed = (size_t)(end - s->scratch);
    sim_snapshot *out = malloc(sizeof *out + fixed + packed);
    flash_image *flash = out ? flash_image_now(s) : NULL;
    if (!flash) {
        free(out);
        return NULL;
    }
    *out = (sim_snapshot){.serial = s->serial,
                          .flash = flash,
                          .flash_bytes = s->avr->flashend + 1u,
                          .signals = s->avr->irq_pool.count,
                          .functions = s->functions_count,
                          .packed_bytes = fixed + packed};
    uint8_t *to = pack_signals(out->packed, s);
    memcpy(to, s->functions, sizeof s->functions);
    to += sizeof s->functions;
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        const sim_uart *uart = &s->uarts[u];
        out->rings[u] = (ring_counts){uart->to_chip.count, uart->from_chip.count, uart->written,
                                      uart->control_c, uart->divisor_high};
        ring_copy(&uart->to_chip, to);
        to += uart->to_chip.count;
        ring_copy(&uart->from_chip, to);
        to += uart->from_chip.count;
    }
    memcpy(to, s->scratch, packed);
    return out;
}

/* Fields of avr_t that say how modules hang together: not state. */
static const struct {
    size_t at, bytes;
} structure[] = {
#define FIELD(name)                                                                                \
    { offsetof(avr_t, name), sizeof((avr_t *)NULL)->name }
    FIELD(irq_pool),
    FIELD(io),
    FIELD(io_shared_io_count),
    FIELD(io_shared_io),
    FIELD(io_port),
    FIELD(commands),
    FIELD(custom),
    FIELD(vcd),
    FIELD(gdb),
    FIELD(trace_data),
    FIELD(io_console_buffer),
#undef FIELD
};

typedef struct avr_irq_hook_t hook;

static void keep_hooks(const avr_t *avr, hook **hooks, int put_back) {
    for (int i = 0; i < avr->irq_pool.count; i++) {
        avr_irq_t *irq = avr->irq_pool.irq[i];
        if (irq && put_back) {
            irq->hook = hooks[i];
        } else {
            hooks[i] = irq ? irq->hook : NULL;
        }
    }
}

static int has_room_for(sim *s, const sim_snapshot *snapshot) {
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        const ring_counts *counts = &snapshot->rings[u];
        sim_uart *uart = &s->uarts[u];
        if ((counts->to_chip && !ring_reserve(&uart->to_chip, counts->to_chip)) ||
            (counts->from_chip && !ring_reserve(&uart->from_chip, counts->from_chip))) {
            return 0;
        }
    }
    return 1;
}

static void restore_functions(sim *s, const uint8_t *from, int count) {
    for (int i = 0; i < s->functions_count; i++) {
        sim_function *f = &s->functions[i];
        if (i < count) {
            memcpy(f, from + (size_t)i * sizeof *f, sizeof *f);
        } else { /* measured since: it starts over */
            *f = (sim_function){.address = f->address};
        }
    }
}

static void restore_flash(sim *s, const sim_snapshot *snapshot) {
    atomic_fetch_add(&snapshot->flash->holders, 1);
    flash_image_release(s->image);
    s->image = snapshot->flash;
    uint8_t *const flash = s->avr->flash;
    const uint8_t *const then = s->image->bytes;
    size_t first = 0, end = snapshot->flash_bytes;
    if (memcmp(flash, then, end) == 0) {
        return;
    }
    while (flash[first] == then[first]) {
        first++;
    }
    while (flash[end - 1] == then[end - 1]) {
        end--;
    }
    memcpy(flash, then, snapshot->flash_bytes);
    predecode_range(s, (uint32_t)first, (uint32_t)end - 1);
}

sim_restored sim_snapshot_restore(sim *s, const sim_snapshot *snapshot) {
    if (snapshot->serial != s->serial) {
        return SIM_NOT_OURS;
    }
    hook **hooks = malloc((size_t)s->avr->irq_pool.count * sizeof *hooks + 1);
    avr_t *kept = malloc(sizeof *kept);
    if (!hooks || !kept || !has_room_for(s, snapshot)) {
        free(hooks);
        free(kept);
        return SIM_RESTORE_NO_MEMORY;
    }
    memcpy(kept, s->avr, sizeof *kept);
    keep_hooks(s->avr, hooks, 0);

    area areas[AREAS_MAX];
    const unsigned n = areas_of(s, areas);
    const uint8_t *const functions = snapshot->packed + (size_t)snapshot->signals * SIGNAL_BYTES;
    const uint8_t *from = functions + sizeof s->functions;
    for (int u = 0; u < SIM_UARTS_MAX; u++) {
        const ring_counts *counts = &snapshot->rings[u];
        ring_replace(&s->uarts[u].to_chip, from, counts->to_chip);
        from += counts->to_chip;
        ring_replace(&s->uarts[u].from_chip, from, counts->from_chip);
        from += counts->from_chip;
        s->uarts[u].written = counts->written;
        s->uarts[u].control_c = counts->control_c;
        s->uarts[u].divisor_high = counts->divisor_high;
    }
    for (unsigned i = 0; i < n; i++) {
        from = unpack(from, areas[i]);
    }
    for (size_t i = 0; i < sizeof structure / sizeof *structure; i++) {
        memcpy((uint8_t *)s->avr + structure[i].at, (uint8_t *)kept + structure[i].at,
               structure[i].bytes);
    }
    keep_hooks(s->avr, hooks, 1);
    unpack_signals(snapshot->packed, s, snapshot->signals);
    restore_functions(s, functions, snapshot->functions);
    restore_flash(s, snapshot);
    for (uint32_t address = 0; address <= s->ram_end; address++) {
        attribute_update(s, (uint16_t)address);
    }
    if (s->recording) {
        recording_resumed(s);
    }
    free(hooks);
    free(kept);
    return SIM_RESTORED;
}

void sim_snapshot_free(sim_snapshot *snapshot) {
    if (snapshot) {
        flash_image_release(snapshot->flash);
        free(snapshot);
    }
}

size_t sim_snapshot_bytes(const sim_snapshot *snapshot) {
    return sizeof *snapshot + snapshot->packed_bytes + snapshot->flash_bytes;
}

size_t sim_raw(sim *s, unsigned part, uint8_t *out, size_t capacity) {
    area areas[AREAS_MAX];
    const unsigned n = areas_of(s, areas);
    if (part > n) {
        return 0;
    }
    if (part == 0) {
        const size_t bytes = (size_t)s->avr->irq_pool.count * SIGNAL_BYTES;
        if (bytes <= capacity) {
            pack_signals(out, s);
        }
        return bytes;
    }
    const area a = areas[part - 1];
    if (a.bytes <= capacity) {
        memcpy(out, a.at, a.bytes);
    }
    return a.bytes;
}
