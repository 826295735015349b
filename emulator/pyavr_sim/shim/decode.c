/* SPDX-License-Identifier: GPL-3.0-or-later */
/* decode.c  the opcode map, as a table. */
#include "decode.h"

#include <pthread.h>

/* How the operands lie in the opcode word; letters as in the manual. */
typedef enum {
    NONE,
    RD_RR,  /* .... ..rd dddd rrrr */
    RD_RD,  /* one register; r repeats it */
    MOVW,   /* .... .... dddd rrrr, pairs */
    MULS,   /* .... .... dddd rrrr, r16..r31 */
    MULSU,  /* .... .... .ddd .rrr, r16..r23 */
    RD_K,   /* .... KKKK dddd KKKK, r16..r31 */
    RDW_K,  /* .... .... KKdd KKKK, r24, r26, r28, r30 */
    RD_BIT, /* .... ...d dddd .bbb */
    FLAG,   /* .... .... .sss .... */
    IO_RD,  /* .... .AAd dddd AAAA */
    IO_BIT, /* .... .... AAAA Abbb */
    REL7,   /* .... ..kk kkkk k... */
    REL12,  /* .... kkkk kkkk kkkk */
    ABS16,  /* 22-bit target, of which our chips use the second word */
    DATA16, /* .... ...d dddd ...., address in the second word */
    X_POINTER,
    Y_POINTER,
    Z_POINTER,
    DISPLACED /* ..q. qq.d dddd yqqq */
} operand_format;

typedef struct {
    uint16_t mask, match;
    uint8_t op, format;
} pattern;

/* First match wins. */
static const pattern patterns[] = {
    {0xffff, 0x0000, OP_nop, NONE},         {0xffff, 0xffff, OP_erased, NONE},
    {0xff00, 0x0100, OP_movw, MOVW},        {0xff00, 0x0200, OP_muls, MULS},
    {0xff88, 0x0300, OP_mulsu, MULSU},      {0xff88, 0x0308, OP_fmul, MULSU},
    {0xff88, 0x0380, OP_fmuls, MULSU},      {0xff88, 0x0388, OP_fmulsu, MULSU},
    {0xfc00, 0x0400, OP_cpc, RD_RR},        {0xfc00, 0x0800, OP_sbc, RD_RR},
    {0xfc00, 0x0c00, OP_add, RD_RR},        {0xfc00, 0x1000, OP_cpse, RD_RR},
    {0xfc00, 0x1400, OP_cp, RD_RR},         {0xfc00, 0x1800, OP_sub, RD_RR},
    {0xfc00, 0x1c00, OP_adc, RD_RR},        {0xfc00, 0x2000, OP_and, RD_RR},
    {0xfc00, 0x2400, OP_eor, RD_RR},        {0xfc00, 0x2800, OP_or, RD_RR},
    {0xfc00, 0x2c00, OP_mov, RD_RR},        {0xf000, 0x3000, OP_cpi, RD_K},
    {0xf000, 0x4000, OP_sbci, RD_K},        {0xf000, 0x5000, OP_subi, RD_K},
    {0xf000, 0x6000, OP_ori, RD_K},         {0xf000, 0x7000, OP_andi, RD_K},
    {0xd200, 0x8000, OP_ldd, DISPLACED},    {0xd200, 0x8200, OP_std, DISPLACED},
    {0xfe0f, 0x9000, OP_lds, DATA16},       {0xfe0f, 0x9001, OP_ld_inc, Z_POINTER},
    {0xfe0f, 0x9002, OP_ld_dec, Z_POINTER}, {0xfe0f, 0x9004, OP_lpm, RD_RD},
    {0xfe0f, 0x9005, OP_lpm_inc, RD_RD},    {0xfe0f, 0x9006, OP_elpm, RD_RD},
    {0xfe0f, 0x9007, OP_elpm_inc, RD_RD},   {0xfe0f, 0x9009, OP_ld_inc, Y_POINTER},
    {0xfe0f, 0x900a, OP_ld_dec, Y_POINTER}, {0xfe0f, 0x900c, OP_ld, X_POINTER},
    {0xfe0f, 0x900d, OP_ld_inc, X_POINTER}, {0xfe0f, 0x900e, OP_ld_dec, X_POINTER},
    {0xfe0f, 0x900f, OP_pop, RD_RD},        {0xfe0f, 0x9200, OP_sts, DATA16},
    {0xfe0f, 0x9201, OP_st_inc, Z_POINTER}, {0xfe0f, 0x9202, OP_st_dec, Z_POINTER},
    {0xfe0f, 0x9209, OP_st_inc, Y_POINTER}, {0xfe0f, 0x920a, OP_st_dec, Y_POINTER},
    {0xfe0f, 0x920c, OP_st, X_POINTER},     {0xfe0f, 0x920d, OP_st_inc, X_POINTER},
    {0xfe0f, 0x920e, OP_st_dec, X_POINTER}, {0xfe0f, 0x920f, OP_push, RD_RD},
    {0xfe0f, 0x9400, OP_com, RD_RD},        {0xfe0f, 0x9401, OP_neg, RD_RD},
    {0xfe0f, 0x9402, OP_swap, RD_RD},       {0xfe0f, 0x9403, OP_inc, RD_RD},
    {0xfe0f, 0x9405, OP_asr, RD_RD},        {0xfe0f, 0x9406, OP_lsr, RD_RD},
    {0xfe0f, 0x9407, OP_ror, RD_RD},        {0xfe0f, 0x940a, OP_dec, RD_RD},
    {0xff8f, 0x9408, OP_bset, FLAG},        {0xff8f, 0x9488, OP_bclr, FLAG},
    {0xffff, 0x9409, OP_ijmp, NONE},        {0xffff, 0x9509, OP_icall, NONE},
    {0xffff, 0x9508, OP_ret, NONE},         {0xffff, 0x9518, OP_reti, NONE},
    {0xffff, 0x9588, OP_sleep, NONE},       {0xffff, 0x9598, OP_break, NONE},
    {0xffff, 0x95a8, OP_wdr, NONE},         {0xffff, 0x95c8, OP_lpm, NONE},
    {0xffff, 0x95d8, OP_elpm, NONE},        {0xffff, 0x95e8, OP_spm, NONE},
    {0xfe0e, 0x940c, OP_jmp, ABS16},        {0xfe0e, 0x940e, OP_call, ABS16},
    {0xff00, 0x9600, OP_adiw, RDW_K},       {0xff00, 0x9700, OP_sbiw, RDW_K},
    {0xff00, 0x9800, OP_cbi, IO_BIT},       {0xff00, 0x9900, OP_sbic, IO_BIT},
    {0xff00, 0x9a00, OP_sbi, IO_BIT},       {0xff00, 0x9b00, OP_sbis, IO_BIT},
    {0xfc00, 0x9c00, OP_mul, RD_RR},        {0xf800, 0xb000, OP_in, IO_RD},
    {0xf800, 0xb800, OP_out, IO_RD},        {0xf000, 0xc000, OP_rjmp, REL12},
    {0xf000, 0xd000, OP_rcall, REL12},      {0xf000, 0xe000, OP_ldi, RD_K},
    {0xfc00, 0xf000, OP_brcs, REL7}, /* the eight of brbs and brbc follow each other, */
    {0xfc00, 0xf400, OP_brcc, REL7}, /* the last three bits of the opcode pick one */
    {0xfe08, 0xf800, OP_bld, RD_BIT},       {0xfe08, 0xfa00, OP_bst, RD_BIT},
    {0xfe08, 0xfc00, OP_sbrc, RD_BIT},      {0xfe08, 0xfe00, OP_sbrs, RD_BIT},
    {0x0000, 0x0000, OP_illegal, NONE},
};

static uint8_t pattern_of[65536];

static void classify_every_word(void) {
    for (unsigned word = 0; word < 65536; word++) {
        uint8_t i = 0;
        while ((word & patterns[i].mask) != patterns[i].match)
            i++;
        pattern_of[word] = i;
    }
}

static const pattern *find_pattern(uint16_t word) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, classify_every_word);
    return &patterns[pattern_of[word]];
}

static uint8_t words_of(uint16_t word) {
    const uint8_t format = find_pattern(word)->format;
    return format == DATA16 || format == ABS16 ? 2 : 1;
}

static int sign_extend(unsigned value, unsigned bits) {
    const int sign = 1 << (bits - 1);
    return (int)(value ^ (unsigned)sign) - sign;
}

static int lacks(uint8_t op, unsigned core_has) {
    switch (op) {
    case OP_mul:
    case OP_muls:
    case OP_mulsu:
    case OP_fmul:
    case OP_fmuls:
    case OP_fmulsu:
        return !(core_has & CORE_MUL);
    case OP_jmp:
    case OP_call:
        return !(core_has & CORE_JMP_CALL);
    case OP_elpm:
    case OP_elpm_inc:
        return !(core_has & CORE_RAMPZ);
    default:
        return 0;
    }
}

insn decode(const uint8_t *flash, uint32_t flash_words, uint32_t at, unsigned core_has) {
#define WORD(i) ((uint16_t)(flash[2 * (i)] | flash[2 * (i) + 1] << 8))
    const uint16_t w = WORD(at);
    const uint16_t following = at + 1 < flash_words ? WORD(at + 1) : 0xffff;
    const pattern *p = find_pattern(w);
    const uint8_t d5 = w >> 4 & 31, d4 = 16 + (w >> 4 & 15);
    insn out = {.op = p->op, .words = words_of(w)};

    switch ((operand_format)p->format) {
    case NONE:
        break;
    case RD_RR:
        out.d = d5;
        out.r = (w >> 5 & 16) | (w & 15);
        break;
    case RD_RD:
        out.d = out.r = d5;
        break;
    case MOVW:
        out.d = 2 * (w >> 4 & 15);
        out.r = 2 * (w & 15);
        break;
    case MULS:
        out.d = d4;
        out.r = 16 + (w & 15);
        break;
    case MULSU:
        out.d = 16 + (w >> 4 & 7);
        out.r = 16 + (w & 7);
        break;
    case RD_K:
        out.d = d4;
        out.k = (w >> 4 & 0xf0) | (w & 15);
        break;
    case RDW_K:
        out.d = 24 + 2 * (w >> 4 & 3);
        out.k = (w >> 2 & 0x30) | (w & 15);
        break;
    case RD_BIT:
        out.d = d5;
        out.r = 1 << (w & 7);
        break;
    case FLAG:
        out.r = w >> 4 & 7;
        break;
    case IO_RD:
        out.d = d5;
        out.k = 32 + ((w >> 5 & 0x30) | (w & 15));
        break;
    case IO_BIT:
        out.d = 32 + (w >> 3 & 31);
        out.r = 1 << (w & 7);
        break;
    case REL7:
        out.op += w & 7;
        out.k = (at + 1 + sign_extend(w >> 3 & 0x7f, 7)) % flash_words;
        break;
    case REL12:
        out.k = (at + 1 + sign_extend(w & 0xfff, 12)) % flash_words;
        break;
    case ABS16:
        out.k = following;
        break;
    case DATA16:
        out.d = d5;
        out.k = following;
        break;
    case X_POINTER:
        out.d = d5;
        out.r = 26;
        break;
    case Y_POINTER:
        out.d = d5;
        out.r = 28;
        break;
    case Z_POINTER:
        out.d = d5;
        out.r = 30;
        break;
    case DISPLACED:
        out.d = d5;
        out.r = w & 8 ? 28 : 30;
        out.k = (w >> 8 & 0x20) | (w >> 7 & 0x18) | (w & 7);
        break;
    }
    if (lacks(out.op, core_has))
        out.op = OP_illegal;
    switch (out.op) {
    case OP_cpse:
    case OP_sbrc:
    case OP_sbrs:
    case OP_sbic:
    case OP_sbis:
        out.k = at + 1 + words_of(following); /* where a skip leads: not behind end_of_flash */
        if (at + 1 + words_of(following) > flash_words)
            out.k = (uint16_t)flash_words;
        break;
    default:
        break;
    }
    return out;
}
