/* SPDX-License-Identifier: GPL-3.0-or-later */
/* typed_variables.c  a variable of every C type that can be asked for by name. */
#include <avr/eeprom.h>
#include <avr/io.h>
#include <avr/pgmspace.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum { IDLE, BUSY, DONE = 300 } state;
typedef enum { BELOW = -1, EQUAL, ABOVE } order;

typedef const volatile int8_t steady;

typedef struct {
    int8_t weight[3][4];
    int16_t bias[3];
    bool trained;
    struct {
        uint8_t hits;
        uint16_t misses;
    } score;
    union {
        uint16_t word;
        uint8_t byte[2];
    };
} layer;

typedef struct {
    layer hidden;
    layer layers[2];
    uint8_t rate;
} network;

typedef struct {
    uint8_t low : 3;
    uint8_t high : 5;
    uint8_t whole;
} flags;

typedef int8_t row[2];

network net = {
    .hidden = {.weight = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, 10, -11}}, .bias = {-1, 300, -300}},
    .layers = {{.bias = {7, 8, 9}}, {.word = 0x1234, .score = {5, 600}}},
    .rate = 9,
};

int8_t i8 = -8;
uint8_t u8 = 200;
int16_t i16 = -1600;
uint16_t u16 = 60000;
int32_t i32 = -100000;
uint32_t u32 = 4000000000UL;
int64_t i64 = -5000000000LL;
uint64_t u64 = 0x0123456789ABCDEFULL;
__int24 i24 = -70000;
__uint24 u24s[2] = {1, 0x030201};
float single = 1.5f;
double declared_double = -0.25;
bool flag = true;
char text[] = "Kilo";
state now = DONE;
order compared = BELOW;
const char *pointer = text;
steady kept = -7;
flags packed = {.low = 5, .high = 17, .whole = 66};
flags several[2] = {{.whole = 1}, {.whole = 2}};
row rows[3] = {{1, 2}, {3, 4}, {5, 6}};
_Accum accum = 1.5k;
uint8_t zeroed[10];
uint8_t kept_over_reset[6] __attribute__((section(".noinit")));
const uint16_t in_flash[4] PROGMEM = {10, 20, 30, 40};
uint8_t in_eeprom[3] EEMEM = {1, 2, 3};
static int16_t never_used __attribute__((unused));
extern uint8_t in_assembly[5];
asm(".section .bss\n.global in_assembly\n.type in_assembly, @object\n.size in_assembly, 5\n"
    "in_assembly: .zero 5\n.text");

FUSES = {.low = 0x62, .high = 0xDF, .extended = 0xF9};
LOCKBITS = 0xFC;

__attribute__((noinline)) uint8_t learn(uint8_t sample) {
    static uint8_t calls;
    return ++calls + sample;
}

__attribute__((noinline)) uint8_t forget(uint8_t sample) {
    static uint8_t calls;
    calls += 2;
    return calls - sample;
}

/* Keeps every variable in the image, under -flto too. */
static const volatile void *const everything[] __attribute__((used)) = {
    &net,
    &i8,
    &u8,
    &i16,
    &u16,
    &i32,
    &u32,
    &i64,
    &u64,
    &i24,
    u24s,
    &single,
    &declared_double,
    &flag,
    text,
    &now,
    &compared,
    &pointer,
    &kept,
    &packed,
    several,
    rows,
    &accum,
    zeroed,
    kept_over_reset,
    in_flash,
    in_eeprom,
};

int main(void) {
    in_assembly[2] = learn(PINB) + forget(PINB);
    for (;;) {}
}
