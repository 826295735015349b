/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "apps/xor_trainer.h"

#define NOINIT __attribute__((section(".noinit")))

NOINIT xor_network net;
NOINIT xor_result result;
NOINIT uint16_t seed;

/* The high byte of a linear congruential generator of period 2^16: multiplier 257, for chips
 * without a multiplier. */
static int8_t random_q6(void) {
    seed = (uint16_t)((seed << 8) + seed + 0x3619u);
    return (int8_t)(seed >> 8) >> 1;
}

void xor_randomise(void) {
    int8_t *weight = (int8_t *)&net;
    do {
        *weight++ = random_q6();
    } while (weight != (int8_t *)(&net + 1));
}

/* a + b, or the end of the range it would leave. */
__attribute__((always_inline)) static inline int8_t add_saturated(int8_t a, int8_t b) {
#ifdef __AVR__
    /* 3 cycles where gcc's 16-bit comparison takes 9. LDI leaves the flags of ADD alone. */
    __asm__("add %0, %1\n\t"
            "brvc 1f\n\t"
            "ldi %0, 0x7F\n\t"
            "brge 1f\n\t"
            "ldi %0, 0x80\n"
            "1:"
            : "+d"(a)
            : "r"(b));
    return a;
#else
    int16_t sum = a + b;
    return sum > INT8_MAX ? INT8_MAX : sum < INT8_MIN ? INT8_MIN : (int8_t)sum;
#endif
}

/* a * b */
__attribute__((always_inline)) static inline int16_t product(int8_t a, int8_t b) {
#if defined(__AVR__) && !defined(__AVR_HAVE_MUL__)
    /* Bit by bit from the sign on, 60 cycles faster than libgcc's 16-bit routine. */
    int16_t sum = 0;
    if (b < 0) {
        sum -= a;
    }
    for (uint8_t left = 7; left; left--) {
        b += b;
        sum += sum;
        if (b < 0) {
            sum += a;
        }
    }
    return sum;
#else
    return a * b;
#endif
}

int16_t xor_infer(uint8_t pattern) {
    int16_t output = net.output_bias * XOR_ONE;
    xor_unit *unit = net.hidden;
    do {
        int16_t sum = unit->bias;
        if (pattern & 1) {
            sum += unit->weight[0];
        } else {
            sum -= unit->weight[0];
        }
        if (pattern & 2) {
            sum += unit->weight[1];
        } else {
            sum -= unit->weight[1];
        }
        int8_t activation = (int8_t)sum;
        if (sum > XOR_ONE) {
            activation = XOR_ONE;
        }
        if (sum < -XOR_ONE) {
            activation = -XOR_ONE;
        }
        unit->activation = activation;
        output += product(unit->output_weight, activation);
    } while (++unit != net.hidden + XOR_HIDDEN);
    return output;
}

__attribute__((noinline)) uint8_t xor_train(uint8_t pattern) {
    int16_t score = xor_infer(pattern);
    uint8_t one = pattern == 1 || pattern == 2;
    if (!one) {
        score = -score;
    }
    if (score >= XOR_MARGIN) {
        return 1;
    }
    int8_t step = XOR_ONE >> XOR_RATE_SHIFT;
    if (!one) {
        step = -step;
    }
    net.output_bias = add_saturated(net.output_bias, step);
    xor_unit *unit = net.hidden;
    do {
        int8_t h = unit->activation;
        int8_t v = unit->output_weight;
        int8_t step_v = h >> XOR_RATE_SHIFT; // cppcheck-suppress shiftNegativeLHS
        step = v >> XOR_RATE_SHIFT;
        if (!one) {
            step = -step;
            step_v = -step_v;
        }
        unit->output_weight = add_saturated(v, step_v);
        if (h != XOR_ONE && h != -XOR_ONE) {
            unit->bias = add_saturated(unit->bias, step);
            unit->weight[0] = add_saturated(unit->weight[0], pattern & 1 ? step : -step);
            unit->weight[1] = add_saturated(unit->weight[1], pattern & 2 ? step : -step);
        }
    } while (++unit != net.hidden + XOR_HIDDEN);
    return 0;
}

void xor_learn(void) {
    result.status = 0;
    result.steps = 0;
    uint8_t pattern = 0;
    uint8_t right = 0; /* patterns in a row that left the weights alone */
    while (right != XOR_PATTERNS && result.steps != XOR_STEPS_MAX) {
        if (result.steps % XOR_RESTART_STEPS == 0) {
            xor_randomise();
            right = 0;
        }
        result.steps++;
        right++;
        if (!xor_train(pattern)) {
            right = 0;
        }
        pattern = (pattern + 1) % XOR_PATTERNS;
    }
    result.status = right == XOR_PATTERNS;
}
