/* SPDX-License-Identifier: GPL-3.0-or-later */
/* execute.h  the executor, a template: core.c includes it once a variant, EXECUTE being its name.
 * The words in capitals stand in vocabulary.h.
 *
 * It runs whole straight lines as long as they fit the budget of cycles, which is asked at every
 * change of flow and nowhere else. With ONE_INSTRUCTION it runs exactly one instruction; with
 * TRACKED it counts every change of flow and stamps every access to data.
 *
 * Flags are kept apart and lazily while it runs: carry 0 or 1; zero a byte that is 0 when Z is set;
 * negative bit 7; V and H in carries (vocabulary.h); transfer 0 or 1; I always in avr->sreg. S is N
 * ^ V, except after a firmware has written an SREG where it is not: then sign_flip is 1, and
 * instructions run one at a time until the next that sets N and V. */

#ifdef TRACKED
#define COUNT_TAKEN s->taken[ip - program]++
#define COUNT_ENTERED(word) s->entered[word]++
#define STAMP_READ(address) s->last_access[address] = CYCLE_NOW << 16 | (uint64_t)(ip - program)
#define STAMP_WRITE(address)                                                                       \
    do {                                                                                           \
        STAMP_READ(address);                                                                       \
        s->last_writer[address] = (uint16_t)(ip - program);                                        \
    } while (0)
#define CALLS_ENTER(callee)                                                                        \
    calls_enter(s, sp, (sim_frame){sp - 2, (uint16_t)(ip - program), (uint16_t)(callee), 0},       \
                CYCLE_NOW + operation_cycles[ip->op])
#define CALLS_LEAVE calls_leave(s, sp, CYCLE_NOW + operation_cycles[ip->op])
#else
#define COUNT_TAKEN (void)0
#define COUNT_ENTERED(word) (void)0
#define STAMP_READ(address) (void)0
#define STAMP_WRITE(address) (void)0
#define CALLS_ENTER(callee) (void)0
#define CALLS_LEAVE (void)0
#endif

#ifdef ONE_INSTRUCTION
#define ENTER_LINE goto one_done
#define ADVANCE(n)                                                                                 \
    do {                                                                                           \
        ip += (n);                                                                                 \
        goto one_done;                                                                             \
    } while (0)
#define FLAGS_WRITTEN sign_flip = 0
#define NOTHING_INTERRUPTS(next) 0
#define ASK_BUDGET base = avr->cycle /* the access may have halted the CPU */
#else
#define ENTER_LINE                                                                                 \
    budget -= ip->span;                                                                            \
    if (UNLIKELY(budget < 0))                                                                      \
        goto line_does_not_fit;                                                                    \
    goto * ip->handler
#define ADVANCE(n)                                                                                 \
    do {                                                                                           \
        ip += (n);                                                                                 \
        goto * ip->handler;                                                                        \
    } while (0)
#define FLAGS_WRITTEN (void)0
/* I may be set without counting the delay: nothing waits to interrupt, and nothing starts to before
 * `next` is done, since the line fits before the next event. */
#define NOTHING_INTERRUPTS(next)                                                                   \
    ((s->rules == SIM_RULES_DATASHEET || only_computes((next)->op)) &&                             \
     !s->watched[(next)-program] && !has_pending_interrupts(avr))
#define ASK_BUDGET                                                                                 \
    do {                                                                                           \
        budget = must_leave(s) || sign_flip ? -UINT16_MAX : cycles_to_next_event(s) - ip->span;    \
        base = avr->cycle + (uint64_t)(budget + ip->span);                                         \
    } while (0)
#endif
/* Returns the table of labels when s is NULL, else NULL. */
static NOINLINE const void *const *EXECUTE(sim *s, int64_t budget) {
    static const void *const labels[OP_COUNT] = {
#define X(name, cycles, ends_line) &&label_##name,
        OPERATIONS(X)
#undef X
    };
    if (!s) {
        return labels;
    }

    avr_t *const avr = s->avr;
    uint8_t *const data = avr->data;
    const uint8_t *const flash = avr->flash;
    const uint8_t *const attribute = s->attribute;
    const insn *const program = s->program;
    const insn *ip = program + avr->pc / 2;
    unsigned carry, transfer, sign_flip;
    unsigned carries;
    uint8_t zero, negative;
    uint16_t sp, sp_checked;

    READ_BACK;
#ifdef ONE_INSTRUCTION
    uint64_t base = avr->cycle;
    budget = 0; /* gets back what the instruction does not use */
    const int64_t most = operation_cycles[ip->op];
#define CYCLE_NOW base
    goto *labels[ip->op];
#else
    uint64_t base = avr->cycle + (uint64_t)budget; /* the cycle at which the budget is used up */
#define CYCLE_NOW (base - (uint64_t)(budget + ip->span))
    ENTER_LINE;
#endif

    /* arithmetic and logic */
    OPERATION(add) {
        ADD(0);
    }
    OPERATION(adc) {
        ADD(carry);
    }
    OPERATION(sub) {
        SUB(D, R, 0, D = r, zero = r);
    }
    OPERATION(subi) {
        SUB(D, (uint8_t)K, 0, D = r, zero = r);
    }
    OPERATION(sbc) {
        SUB(D, R, carry, D = r, zero |= r);
    }
    OPERATION(sbci) {
        SUB(D, (uint8_t)K, carry, D = r, zero |= r);
    }
    OPERATION(cp) {
        SUB(D, R, 0, (void)0, zero = r);
    }
    OPERATION(cpc) {
        SUB(D, R, carry, (void)0, zero |= r);
    }
    OPERATION(cpi) {
        SUB(D, (uint8_t)K, 0, (void)0, zero = r);
    }
    OPERATION(and) {
        LOGIC(D & R);
    }
    OPERATION(andi) {
        LOGIC(D & K);
    }
    OPERATION(or) {
        LOGIC(D | R);
    }
    OPERATION(ori) {
        LOGIC(D | K);
    }
    OPERATION(eor) {
        LOGIC(D ^ R);
    }
    OPERATION(com) {
        carry = 1;
        LOGIC(~D);
    }
    OPERATION(neg) {
        SUB(0, D, 0, D = r, zero = r);
    }
    OPERATION(inc) {
        const uint8_t r = D + 1;
        D = zero = negative = r;
        SET_OVERFLOW(r == 0x80 ? V_BIT : 0);
        FLAGS_WRITTEN;
        NEXT;
    }
    OPERATION(dec) {
        const uint8_t r = D - 1;
        D = zero = negative = r;
        SET_OVERFLOW(r == 0x7f ? V_BIT : 0);
        FLAGS_WRITTEN;
        NEXT;
    }
    OPERATION(adiw) {
        const uint16_t a = PAIR(ip->d), r = a + K;
        SET_PAIR(ip->d, r);
        carry = (uint16_t)(~r & a) >> 15;
        SET_OVERFLOW((~a & r) >> 8);
        negative = r >> 8;
        zero = r != 0;
        FLAGS_WRITTEN;
        NEXT;
    }
    OPERATION(sbiw) {
        const uint16_t a = PAIR(ip->d), r = a - K;
        SET_PAIR(ip->d, r);
        carry = (uint16_t)(r & ~a) >> 15;
        SET_OVERFLOW((a & ~r) >> 8);
        negative = r >> 8;
        zero = r != 0;
        FLAGS_WRITTEN;
        NEXT;
    }
    OPERATION(mul) {
        MULTIPLY(D * R, 0);
    }
    OPERATION(muls) {
        MULTIPLY(SIGNED(D) * SIGNED(R), 0);
    }
    OPERATION(mulsu) {
        MULTIPLY(SIGNED(D) * R, 0);
    }
    OPERATION(fmul) {
        MULTIPLY(D * R, 1);
    }
    OPERATION(fmuls) {
        MULTIPLY(SIGNED(D) * SIGNED(R), 1);
    }
    OPERATION(fmulsu) {
        MULTIPLY(SIGNED(D) * R, 1);
    }

    /* change of flow */
    OPERATION(rjmp) {
        JUMP(program + K);
    }
    OPERATION(jmp) {
        JUMP_INDIRECT(K);
    }
    OPERATION(ijmp) {
        JUMP_INDIRECT(PAIR(30));
    }
    OPERATION(rcall) {
        if (K != (uint16_t)(ip - program + 1)) { /* else gcc's way to make room for a local */
            CALLS_ENTER(K);
        }
        PUSH_RETURN(1);
        JUMP(program + K);
    }
    OPERATION(call) {
        CALLS_ENTER(K);
        PUSH_RETURN(2);
        JUMP_INDIRECT(K);
    }
    OPERATION(icall) {
        CALLS_ENTER(PAIR(30));
        PUSH_RETURN(1);
        JUMP_INDIRECT(PAIR(30));
    }
    OPERATION(ret) {
        uint16_t back;
        POP_RETURN(back);
        if (UNLIKELY(sp > s->return_above)) { /* a measured function returns */
            WRITE_BACK;
            avr->cycle += operation_cycles[OP_ret];
            avr->pc = 2 * LANDING(back);
            COUNT_ENTERED(avr->pc / 2);
            timing_leave(s);
            return NULL;
        }
        JUMP_INDIRECT(back);
    }
    OPERATION(reti) {
        uint16_t back;
        POP_RETURN(back);
        WRITE_PLACE;
        avr->cycle += operation_cycles[OP_reti];
        avr->pc = 2 * LANDING(back);
        COUNT_ENTERED(avr->pc / 2);
        set_interrupts(avr, 1);
        avr_interrupt_reti(avr);
        interrupts_return(s);
        if (UNLIKELY(sp > s->return_above)) {
            timing_leave(s);
        }
        ip = program + avr->pc / 2;
        if (NOTHING_INTERRUPTS(ip) && cycles_to_next_event(s) >= ip->span) {
            avr->interrupt_state = 0; /* no delay to count */
        }
        goto resumed;
    }
    SKIP(cpse, D == R);
    SKIP(sbrc, !(D & ip->r));
    SKIP(sbrs, D & ip->r);
    SKIP_IO(sbic, !(value & ip->r));
    SKIP_IO(sbis, value & ip->r);
    BRANCH(brcs, carry);
    BRANCH(brcc, !carry);
    BRANCH(breq, !zero);
    BRANCH(brne, zero);
    BRANCH(brmi, negative & 0x80);
    BRANCH(brpl, !(negative & 0x80));
    BRANCH(brvs, OVERFLOW);
    BRANCH(brvc, !OVERFLOW);
    BRANCH(brlt, SIGN);
    BRANCH(brge, !(SIGN));
    BRANCH(brhs, carries & H_BIT);
    BRANCH(brhc, !(carries & H_BIT));
    BRANCH(brts, transfer);
    BRANCH(brtc, !transfer);
    BRANCH(brie, avr->sreg[S_I]);
    BRANCH(brid, !avr->sreg[S_I]);

    /* data transfer */
    OPERATION(mov) {
        D = R;
        NEXT;
    }
    OPERATION(movw) {
        SET_PAIR(ip->d, PAIR(ip->r));
        NEXT;
    }
    OPERATION(ldi) {
        D = (uint8_t)K;
        NEXT;
    }
    OPERATION(lds) {
        LOAD(K, D = value);
    }
    OPERATION(ld) {
        LOAD(PAIR(ip->r), D = value);
    }
    OPERATION(ld_inc) {
        LOAD(PAIR(ip->r), (SET_PAIR(ip->r, address + 1), D = value));
    }
    OPERATION(ld_dec) {
        LOAD(PAIR(ip->r) - 1, (SET_PAIR(ip->r, address), D = value));
    }
    OPERATION(ldd) {
        LOAD(PAIR(ip->r) + K, D = value);
    }
    OPERATION(sts) {
        STORE(K, (void)0);
    }
    OPERATION(st) {
        STORE(PAIR(ip->r), (void)0);
    }
    OPERATION(st_inc) {
        STORE(PAIR(ip->r), SET_PAIR(ip->r, address + 1));
    }
    OPERATION(st_dec) {
        STORE(PAIR(ip->r) - 1, SET_PAIR(ip->r, address));
    }
    OPERATION(std) {
        STORE(PAIR(ip->r) + K, (void)0);
    }
    OPERATION(push) {
        const uint16_t below = sp - 1;
        GROW_STACK(below);
        if (UNLIKELY(attribute[sp] & SLOW_WRITE)) {
            WRITE_BACK;
            store_slowly(s, sp, D);
            LEAVE_ON_FAULT;
            pair_set(data + R_SPL, below);
            READ_BACK;
            goto accessed;
        }
        data[sp] = D;
        STAMP_WRITE(sp);
        sp = below;
        NEXT;
    }
    OPERATION(pop) {
        const uint16_t from = sp + 1;
        if (UNLIKELY(attribute[from] & SLOW_READ)) {
            WRITE_BACK;
            const uint8_t value = load_slowly(s, from);
            LEAVE_ON_FAULT;
            pair_set(data + R_SPL, from);
            D = value;
            READ_BACK;
            goto accessed;
        }
        STAMP_READ(from);
        sp = from;
        D = data[from];
        NEXT;
    }
    OPERATION(lpm) {
        LOAD_FLASH(PAIR(30), (void)0);
    }
    OPERATION(lpm_inc) {
        LOAD_FLASH(PAIR(30), SET_PAIR(30, (uint16_t)(z + 1)));
    }
    OPERATION(elpm) {
        LOAD_FLASH(EXTENDED_Z, (void)0);
    }
    OPERATION(elpm_inc) {
        LOAD_FLASH(EXTENDED_Z, SET_EXTENDED_Z(z + 1));
    }
    OPERATION(in) {
        switch (K) {
        case R_SPL:
            D = (uint8_t)sp;
            NEXT;
        case R_SPH:
            D = sp >> 8;
            NEXT;
        case R_SREG:
            D = SREG_BYTE;
            NEXT;
        default:
            LOAD(K, D = value);
        }
    }
    OPERATION(out) {
        const uint8_t value = D;
        switch (K) {
        case R_SPL: {
            const uint16_t before = sp;
            sp = (sp & 0xff00) | value;
            WRITE_PLACE;
            stack_pointer_written(s, 1, before, sp);
            NEXT;
        }
        case R_SPH: {
            const uint16_t before = sp;
            sp = (uint16_t)(value << 8 | (sp & 0xff));
            WRITE_PLACE;
            stack_pointer_written(s, 2, before, sp);
            NEXT;
        }
        case R_SREG:
            if ((value >> 7 > avr->sreg[S_I] && !NOTHING_INTERRUPTS(ip + 1)) ||
                sign_is_odd(value)) {
                break; /* the slow path leaves the executor */
            }
            if (value >> 7) {
                avr->sreg[S_I] = 1;
            } else {
                set_interrupts(avr, 0);
            }
            UNPACK(value);
            NEXT;
        }
        STORE(K, (void)0);
    }

    /* bits */
    OPERATION(lsr) {
        const uint8_t a = D, r = a >> 1;
        D = r;
        SHIFT_FLAGS(r, a & 1);
        NEXT;
    }
    OPERATION(ror) {
        const uint8_t a = D, r = a >> 1 | carry << 7;
        D = r;
        SHIFT_FLAGS(r, a & 1);
        NEXT;
    }
    OPERATION(asr) {
        const uint8_t a = D, r = a >> 1 | (a & 0x80);
        D = r;
        SHIFT_FLAGS(r, a & 1);
        NEXT;
    }
    OPERATION(swap) {
        const uint8_t a = D;
        D = a >> 4 | a << 4;
        NEXT;
    }
    OPERATION(bst) {
        transfer = (D & ip->r) != 0;
        NEXT;
    }
    OPERATION(bld) {
        D = transfer ? D | ip->r : D & ~ip->r;
        NEXT;
    }
    OPERATION(sbi) {
        CHANGE_BIT(value | ip->r);
    }
    OPERATION(cbi) {
        CHANGE_BIT(value & ~ip->r);
    }
    OPERATION(bclr) {
        SET_FLAG(0);
    }
    OPERATION(bset) {
        SET_FLAG(1);
    }

    /* control */
    OPERATION(nop) {
        NEXT;
    }
    OPERATION(break) {
        NEXT; /* without a debugger a NOP */
    }
    OPERATION(wdr) {
        SYSTEM(avr_ioctl(avr, AVR_IOCTL_WATCHDOG_RESET, NULL));
    }
    OPERATION(spm) {
        SYSTEM(store_in_flash(s));
    }
    OPERATION(sleep) {
        SYSTEM(fall_asleep(s));
    }
    OPERATION(illegal) {
        FAULT(SIM_FAULT_ILLEGAL);
        ENTER(ip + 1);
    }
    OPERATION(erased) {
        FAULT(SIM_FAULT_ERASED_FLASH);
        SKIP_IF(data[31] & 0x80);
    }
    OPERATION(end_of_flash) {
        const uint32_t beyond = (uint32_t)(ip - program) - s->words;
        ip = program + s->words;
        FAULT(SIM_FAULT_PC);
        budget += operation_cycles[OP_end_of_flash]; /* charged so that a run can end before it */
        JUMP_INDIRECT(beyond);
    }
    OPERATION(watch) {
        WRITE_BACK;
        s->at_watch = 1;
        return NULL;
    }

accessed: /* the place before the instruction at ip was written */
    avr->cycle += operation_cycles[ip->op];
    ip += ip->words;
resumed:
    avr->pc = (uint32_t)(ip - program) * 2;
#ifdef ONE_INSTRUCTION
    goto leave;
one_done:
    WRITE_PLACE;
    avr->cycle = base + (uint64_t)(most - budget);
#else
    if (must_leave(s) || UNLIKELY(sign_flip)) {
        goto leave;
    }
    budget = cycles_to_next_event(s);
    base = avr->cycle + (uint64_t)budget;
    ENTER_LINE;
line_does_not_fit:
    WRITE_PLACE;
#endif
leave: /* all but the flags was written */
    WRITE_FLAGS;
    return NULL;
}

#undef ENTER_LINE
#undef ADVANCE
#undef FLAGS_WRITTEN
#undef NOTHING_INTERRUPTS
#undef ASK_BUDGET
#undef CYCLE_NOW
#undef COUNT_TAKEN
#undef COUNT_ENTERED
#undef STAMP_READ
#undef STAMP_WRITE
#undef CALLS_ENTER
#undef CALLS_LEAVE
#undef EXECUTE
#undef TRACKED
#undef ONE_INSTRUCTION
