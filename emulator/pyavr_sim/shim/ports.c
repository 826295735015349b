/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ports.c  the analogue and digital world outside the chip: voltages and driven pins. */
#include "engine.h"

#include <simavr/avr_adc.h>
#include <simavr/avr_ioport.h>

void sim_set_supply(sim *s, uint32_t vcc, uint32_t avcc, uint32_t aref) {
    s->avr->vcc = vcc;
    s->avr->avcc = avcc;
    s->avr->aref = aref;
}

int sim_adc_set(sim *s, uint32_t channel, uint32_t millivolts) {
    avr_irq_t *irq = channel < SIM_ADC_CHANNELS
                         ? avr_io_getirq(s->avr, AVR_IOCTL_ADC_GETIRQ, (int)channel)
                         : NULL;
    if (!irq) {
        return -1;
    }
    s->adc_millivolts[channel] = (int32_t)millivolts;
    avr_raise_irq(irq, millivolts);
    return 0;
}

void sim_supply(const sim *s, uint32_t *vcc, uint32_t *avcc, uint32_t *aref) {
    *vcc = s->avr->vcc;
    *avcc = s->avr->avcc;
    *aref = s->avr->aref;
}

int sim_adc(const sim *s, uint32_t channel) {
    return channel < SIM_ADC_CHANNELS ? s->adc_millivolts[channel] : -1;
}

static avr_irq_t *pin_irq(const sim *s, char port, uint32_t pin) {
    if (port < 'A' || port >= 'A' + SIM_PORTS_MAX || pin > 7) {
        return NULL;
    }
    return avr_io_getirq(s->avr, AVR_IOCTL_IOPORT_GETIRQ(port), (int)pin);
}

static avr_ioport_state_t port_state(const sim *s, char port) {
    avr_ioport_state_t state = {0};
    avr_ioctl(s->avr, AVR_IOCTL_IOPORT_GETSTATE(port), &state);
    return state;
}

/* libsimavr passes on changes only, and its reset clears PIN without telling: go by way of the
 * other level when PIN does not say yet what is driven. */
static void raise_pin(sim *s, char port, uint32_t pin, uint32_t level) {
    avr_irq_t *irq = pin_irq(s, port, pin);
    avr_raise_irq(irq, level);
    if (((port_state(s, port).pin >> pin) & 1) != level) {
        avr_raise_irq(irq, !level);
        avr_raise_irq(irq, level);
    }
}

/* Tell libsimavr which levels come from outside, for when DDR makes inputs of outputs. */
static void declare_driven(sim *s, char port) {
    unsigned mask = 0, value = 0;
    for (unsigned pin = 0; pin < 8; pin++) {
        const int8_t drive = s->drive[port - 'A'][pin];
        mask |= (unsigned)(drive >= 0) << pin;
        value |= (unsigned)(drive == 1) << pin;
    }
    avr_ioport_external_t external = {
        .name = (unsigned)port & 0x7F, .mask = mask & 0xFF, .value = value & 0xFF};
    avr_ioctl(s->avr, AVR_IOCTL_IOPORT_SET_EXTERNAL(port), &external);
}

int sim_pin_drive(sim *s, char port, uint32_t pin, int level) {
    if (!pin_irq(s, port, pin)) {
        return -1;
    }
    s->drive[port - 'A'][pin] = (int8_t)(level < 0 ? -1 : level != 0);
    declare_driven(s, port);
    const avr_ioport_state_t state = port_state(s, port);
    if (!((state.ddr >> pin) & 1)) {
        /* An input that nobody drives follows its pull-up. */
        raise_pin(s, port, pin, level < 0 ? (state.port >> pin) & 1 : level != 0);
    }
    if (s->recording) {
        recording_pins(s);
    }
    return 0;
}

int sim_pin_level(const sim *s, char port, uint32_t pin) {
    if (!pin_irq(s, port, pin)) {
        return -1;
    }
    const avr_ioport_state_t state = port_state(s, port);
    const unsigned levels = (state.ddr & state.port) | (~state.ddr & state.pin);
    return (levels >> pin) & 1;
}

void ports_restore(sim *s) {
    for (char port = 'A'; port < 'A' + SIM_PORTS_MAX; port++) {
        for (uint32_t pin = 0; pin < 8; pin++) {
            const int level = s->drive[port - 'A'][pin];
            if (level >= 0) {
                sim_pin_drive(s, port, pin, level);
            }
        }
    }
    for (uint32_t channel = 0; channel < SIM_ADC_CHANNELS; channel++) {
        if (s->adc_millivolts[channel] >= 0) {
            sim_adc_set(s, channel, (uint32_t)s->adc_millivolts[channel]);
        }
    }
}
