/* SPDX-License-Identifier: GPL-3.0-or-later */
/* vocabulary.h  the words in which execute.h says what an instruction does.
 *
 * They stand on the executor's locals and on the few words that differ between its variants:
 * ENTER_LINE, ADVANCE, FLAGS_WRITTEN, ASK_BUDGET, CYCLE_NOW, COUNT_TAKEN, COUNT_ENTERED,
 * STAMP_READ, STAMP_WRITE, CALLS_ENTER, CALLS_LEAVE. */
#ifndef PYAVR_SIM_VOCABULARY_H
#define PYAVR_SIM_VOCABULARY_H

/* A line's whole cost is taken from the budget at its start. */
#define ENTER(target)                                                                              \
    do {                                                                                           \
        ip = (target);                                                                             \
        ENTER_LINE;                                                                                \
    } while (0)
#define NEXT ADVANCE(1)
#define OPERATION(name) label_##name:

#define D data[ip->d]
#define R data[ip->r]
#define K ip->k
#define PAIR(n) pair_get(data + (n))
#define SET_PAIR(n, value) pair_set(data + (n), (value))

/* carries = a ^ b ^ wide are the carries or borrows into each bit of wide = a + b or a - b: that
 * into bit 4 is H, and V is where those into bits 7 and 8 differ. */
#define H_BIT 0x10u
#define V_BIT 0x80u
#define OVERFLOW ((carries ^ carries >> 1) & V_BIT)
#define SET_OVERFLOW(bit_7) carries = (carries & H_BIT) | ((bit_7)&V_BIT)
#define LOGIC_FLAGS(r)                                                                             \
    do {                                                                                           \
        zero = negative = (r);                                                                     \
        SET_OVERFLOW(0);                                                                           \
        FLAGS_WRITTEN;                                                                             \
    } while (0)
/* Right shifts: V = N ^ C. */
#define SHIFT_FLAGS(r, out)                                                                        \
    do {                                                                                           \
        carry = (out);                                                                             \
        zero = negative = (r);                                                                     \
        SET_OVERFLOW((r) ^ carry << 7);                                                            \
        FLAGS_WRITTEN;                                                                             \
    } while (0)

#define ADD(carry_in)                                                                              \
    {                                                                                              \
        const unsigned a = D, b = R, wide = a + b + (carry_in);                                    \
        D = zero = negative = (uint8_t)wide;                                                       \
        carry = wide >> 8;                                                                         \
        carries = a ^ b ^ wide;                                                                    \
        FLAGS_WRITTEN;                                                                             \
        NEXT;                                                                                      \
    }
/* keep: D = r or nothing; zero_: how Z takes r, since SBC and CPC only ever clear it. */
#define SUB(a_, b_, carry_in, keep, zero_)                                                         \
    {                                                                                              \
        const unsigned a = (a_), b = (b_), wide = a - b - (carry_in);                              \
        const uint8_t r = negative = (uint8_t)wide;                                                \
        keep;                                                                                      \
        zero_;                                                                                     \
        carry = wide >> 31;                                                                        \
        carries = a ^ b ^ wide;                                                                    \
        FLAGS_WRITTEN;                                                                             \
        NEXT;                                                                                      \
    }
#define LOGIC(expression)                                                                          \
    {                                                                                              \
        const uint8_t r = (uint8_t)(expression);                                                   \
        D = r;                                                                                     \
        LOGIC_FLAGS(r);                                                                            \
        NEXT;                                                                                      \
    }
#define MULTIPLY(product_, shift)                                                                  \
    {                                                                                              \
        const uint16_t product = (uint16_t)(product_), r = (uint16_t)(product << (shift));         \
        SET_PAIR(0, r);                                                                            \
        carry = product >> 15;                                                                     \
        zero = r != 0;                                                                             \
        NEXT;                                                                                      \
    }
#define SIGNED(x) ((int8_t)(x))

#define BRANCH(name, condition)                                                                    \
    OPERATION(name) {                                                                              \
        if (condition)                                                                             \
            JUMP(program + K);                                                                     \
        budget += 1;                                                                               \
        ENTER(ip + 1);                                                                             \
    }
#define SKIP(name, condition)                                                                      \
    OPERATION(name) {                                                                              \
        SKIP_IF(condition);                                                                        \
    }
#define SKIP_IF(condition)                                                                         \
    do {                                                                                           \
        if (condition) {                                                                           \
            const insn *target = program + K;                                                      \
            budget += target - ip == 2;                                                            \
            JUMP(target);                                                                          \
        }                                                                                          \
        budget += 2;                                                                               \
        ENTER(ip + 1);                                                                             \
    } while (0)
#define JUMP(target)                                                                               \
    do {                                                                                           \
        COUNT_TAKEN;                                                                               \
        ENTER(target);                                                                             \
    } while (0)
#define JUMP_INDIRECT(word)                                                                        \
    do {                                                                                           \
        uint32_t to = (word);                                                                      \
        if (UNLIKELY(to >= s->words)) {                                                            \
            WRITE_BACK;                                                                            \
            to = land_beyond_flash(s, to);                                                         \
        }                                                                                          \
        COUNT_ENTERED(to);                                                                         \
        ENTER(program + to);                                                                       \
    } while (0)

#define LANDING(word) ((word) < s->words ? (word) : land_beyond_flash(s, (word)))

/* A load or store of one byte; `done` is what follows it. Everything that is not plain SRAM goes
 * through the slow path and asks for the budget again, since the access may have moved a timer or
 * raised an interrupt. Handlers of I/O registers want the time and neither change SREG nor SP; only
 * an access to these three themselves goes with all state written back. */
#define LEAVE_ON_FAULT                                                                             \
    if (UNLIKELY(s->stop_now == SIM_STOP_FAULT))                                                   \
    goto leave
#define IS_CORE_REGISTER(address) UNLIKELY((uint16_t)((address)-R_SPL) <= R_SREG - R_SPL)
#define LOAD(address_, done)                                                                       \
    {                                                                                              \
        const uint16_t address = (uint16_t)(address_);                                             \
        uint8_t value;                                                                             \
        if (UNLIKELY(attribute[address] & SLOW_READ)) {                                            \
            WRITE_PLACE;                                                                           \
            if (IS_CORE_REGISTER(address))                                                         \
                WRITE_FLAGS;                                                                       \
            value = load_slowly(s, address);                                                       \
            LEAVE_ON_FAULT;                                                                        \
            done;                                                                                  \
            goto accessed;                                                                         \
        }                                                                                          \
        value = data[address];                                                                     \
        STAMP_READ(address);                                                                       \
        done;                                                                                      \
        ADVANCE(ip->words);                                                                        \
    }
#define STORE(address_, done)                                                                      \
    {                                                                                              \
        const uint16_t address = (uint16_t)(address_);                                             \
        if (UNLIKELY(attribute[address] & SLOW_WRITE)) {                                           \
            WRITE_PLACE;                                                                           \
            if (IS_CORE_REGISTER(address)) {                                                       \
                WRITE_FLAGS;                                                                       \
                store_slowly(s, address, D);                                                       \
                READ_BACK;                                                                         \
            } else {                                                                               \
                store_slowly(s, address, D);                                                       \
            }                                                                                      \
            LEAVE_ON_FAULT;                                                                        \
            done;                                                                                  \
            goto accessed;                                                                         \
        }                                                                                          \
        data[address] = D;                                                                         \
        STAMP_WRITE(address);                                                                      \
        done;                                                                                      \
        ADVANCE(ip->words);                                                                        \
    }

/* The stack is about to grow down to `to`: only a new depth is compared with static data. */
#define GROW_STACK(to)                                                                             \
    do {                                                                                           \
        if (UNLIKELY((to) < sp_checked)) {                                                         \
            WRITE_BACK;                                                                            \
            check_stack(s, (to));                                                                  \
            LEAVE_ON_FAULT;                                                                        \
            sp_checked = s->sp_checked;                                                            \
        }                                                                                          \
    } while (0)
/* Half of a call or return went the slow way, maybe to I/O: it may have moved flags and events. */
#define STACK_WAS_SLOW                                                                             \
    do {                                                                                           \
        READ_BACK;                                                                                 \
        ASK_BUDGET;                                                                                \
    } while (0)
#define PUSH_RETURN(words)                                                                         \
    do {                                                                                           \
        const uint16_t back = (uint16_t)(ip - program + (words));                                  \
        const uint16_t below = sp - 1;                                                             \
        GROW_STACK((uint16_t)(sp - 2));                                                            \
        if (UNLIKELY((attribute[sp] | attribute[below]) & SLOW_WRITE)) {                           \
            WRITE_BACK;                                                                            \
            store_slowly(s, sp, (uint8_t)back);                                                    \
            store_slowly(s, below, back >> 8);                                                     \
            LEAVE_ON_FAULT;                                                                        \
            STACK_WAS_SLOW;                                                                        \
        } else {                                                                                   \
            data[sp] = (uint8_t)back;                                                              \
            data[below] = back >> 8;                                                               \
            STAMP_WRITE(sp);                                                                       \
            STAMP_WRITE(below);                                                                    \
        }                                                                                          \
        sp = below - 1;                                                                            \
    } while (0)
#define POP_RETURN(to)                                                                             \
    do {                                                                                           \
        const uint16_t high = sp + 1, low = sp + 2;                                                \
        if (UNLIKELY((attribute[high] | attribute[low]) & SLOW_READ)) {                            \
            WRITE_BACK;                                                                            \
            to = load_slowly(s, high) << 8 | load_slowly(s, low);                                  \
            LEAVE_ON_FAULT;                                                                        \
            STACK_WAS_SLOW;                                                                        \
        } else {                                                                                   \
            to = data[high] << 8 | data[low];                                                      \
            STAMP_READ(high);                                                                      \
            STAMP_READ(low);                                                                       \
        }                                                                                          \
        sp = low;                                                                                  \
        CALLS_LEAVE;                                                                               \
    } while (0)

/* SBIC and SBIS ask an I/O register, of which the flags of the UART are polled most. */
#define SKIP_IO(name, condition)                                                                   \
    OPERATION(name) {                                                                              \
        if (UNLIKELY(attribute[ip->d] & SLOW_READ)) {                                              \
            WRITE_PLACE;                                                                           \
            const uint8_t value = load_slowly(s, ip->d);                                           \
            const insn *target = ip + 1;                                                           \
            if (condition) {                                                                       \
                COUNT_TAKEN;                                                                       \
                target = program + K;                                                              \
            }                                                                                      \
            avr->cycle += target - ip;                                                             \
            ip = target;                                                                           \
            goto resumed;                                                                          \
        }                                                                                          \
        const uint8_t value = data[ip->d];                                                         \
        SKIP_IF(condition);                                                                        \
    }
#define CHANGE_BIT(expression)                                                                     \
    {                                                                                              \
        if (UNLIKELY(attribute[ip->d])) {                                                          \
            WRITE_PLACE;                                                                           \
            const uint8_t value = load_slowly(s, ip->d);                                           \
            store_slowly(s, ip->d, (uint8_t)(expression));                                         \
            goto accessed;                                                                         \
        }                                                                                          \
        const uint8_t value = data[ip->d];                                                         \
        data[ip->d] = (uint8_t)(expression);                                                       \
        NEXT;                                                                                      \
    }
#define SET_FLAG(to)                                                                               \
    {                                                                                              \
        switch (ip->r) {                                                                           \
        case S_C:                                                                                  \
            carry = (to);                                                                          \
            NEXT;                                                                                  \
        case S_Z:                                                                                  \
            zero = !(to);                                                                          \
            NEXT;                                                                                  \
        case S_H:                                                                                  \
            carries = (carries & ~H_BIT) | (to) << 4;                                              \
            NEXT;                                                                                  \
        case S_T:                                                                                  \
            transfer = (to);                                                                       \
            NEXT;                                                                                  \
        case S_I:                                                                                  \
            if (!(to)) {                                                                           \
                set_interrupts(avr, 0);                                                            \
                NEXT;                                                                              \
            }                                                                                      \
            if (NOTHING_INTERRUPTS(ip + 1)) {                                                      \
                avr->sreg[S_I] = 1;                                                                \
                NEXT;                                                                              \
            }                                                                                      \
            WRITE_PLACE;                                                                           \
            set_interrupts(avr, 1);                                                                \
            goto accessed;                                                                         \
        default: /* N, V and S change how the others are kept */                                   \
            WRITE_BACK;                                                                            \
            avr->sreg[ip->r] = (to);                                                               \
            READ_BACK;                                                                             \
            goto accessed;                                                                         \
        }                                                                                          \
    }
/* LPM and ELPM: z is 32 bits wide; done moves the pointer behind it. */
#define LOAD_FLASH(z_, done)                                                                       \
    {                                                                                              \
        const uint32_t z = (z_);                                                                   \
        if (UNLIKELY(z > avr->flashend)) {                                                         \
            WRITE_BACK;                                                                            \
            fault(s, SIM_FAULT_FLASH_READ, z);                                                     \
            LEAVE_ON_FAULT;                                                                        \
        }                                                                                          \
        done;                                                                                      \
        D = flash[z & avr->flashend];                                                              \
        NEXT;                                                                                      \
    }
#define EXTENDED_Z (PAIR(30) | (uint32_t)data[avr->rampz] << 16)
#define SET_EXTENDED_Z(value)                                                                      \
    do {                                                                                           \
        SET_PAIR(30, (uint16_t)(value));                                                           \
        data[avr->rampz] = (uint8_t)((value) >> 16);                                               \
    } while (0)
/* What the rest of the chip has to do. */
#define SYSTEM(action)                                                                             \
    {                                                                                              \
        WRITE_PLACE;                                                                               \
        action;                                                                                    \
        goto accessed;                                                                             \
    }
#define FAULT(kind)                                                                                \
    do {                                                                                           \
        WRITE_BACK;                                                                                \
        fault(s, (kind), avr->pc);                                                                 \
        LEAVE_ON_FAULT;                                                                            \
    } while (0)

#define SREG_BYTE                                                                                  \
    (uint8_t)(carry | (zero == 0) << 1 | negative >> 7 << 2 | OVERFLOW >> 4 | SIGN << 4 |          \
              (carries & H_BIT) << 1 | transfer << 6 | avr->sreg[S_I] << 7)
#define UNPACK(byte)                                                                               \
    do {                                                                                           \
        const uint8_t flags = (byte);                                                              \
        carry = flags & 1;                                                                         \
        zero = ~flags & 2;                                                                         \
        negative = (uint8_t)(flags << 5) & 0x80;                                                   \
        sign_flip = ((flags >> 4) ^ (flags >> 3) ^ (flags >> 2)) & 1;                              \
        carries = (flags << 4 & V_BIT) | (flags >> 1 & H_BIT);                                     \
        transfer = flags >> 6 & 1;                                                                 \
    } while (0)

#define SIGN (((negative ^ OVERFLOW) >> 7 & 1) ^ sign_flip)

/* From locals to avr_t as it stands before the instruction at ip, and back. */
#define WRITE_BACK                                                                                 \
    do {                                                                                           \
        WRITE_PLACE;                                                                               \
        WRITE_FLAGS;                                                                               \
    } while (0)
#define WRITE_PLACE                                                                                \
    do {                                                                                           \
        avr->cycle = CYCLE_NOW;                                                                    \
        avr->pc = (uint32_t)(ip - program) * 2;                                                    \
        pair_set(data + R_SPL, sp);                                                                \
    } while (0)
#define WRITE_FLAGS write_sreg(avr, SREG_BYTE)
#define READ_BACK                                                                                  \
    do {                                                                                           \
        UNPACK(read_sreg(avr));                                                                    \
        sp = stack_pointer(avr);                                                                   \
        sp_checked = s->sp_checked;                                                                \
    } while (0)

#endif
